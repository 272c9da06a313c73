#include "riata/solver/gradient_descent.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/error.hpp"
#include "riata/path/path.hpp"
#include "riata/solver/testing.hpp"

namespace riata {
namespace {

using testing::DenseProblem;
using testing::random_problem;

Problem problem_of(const DenseProblem& data) {
  Problem problem;
  problem.design = strided(data.x.data(), data.n, data.p, 1, data.n, nullptr);
  problem.loss = loss_by_name("squared");
  problem.response = data.y;
  problem.weights = data.weights;
  problem.penalty_factor = data.factor;
  problem.intercept = data.intercept;
  problem.standardize = data.standardize;
  return problem;
}

PathOptions descending(L1Step step, Index iterations, std::optional<double> rate = std::nullopt) {
  PathOptions options;
  options.solver = SolverKind::gradient_descent;
  options.tolerance = 1e-14;
  options.gradient_descent = {step, rate, iterations};
  return options;
}

Path descend(const Problem& problem, const PenaltySpec& penalty, double lambda, const PathOptions& options) {
  return fit_path(problem, penalty, std::vector<double>{lambda}, options, Context(1));
}

std::vector<double> dense(const SparseCoefficients& sparse, Index p) {
  std::vector<double> out(static_cast<std::size_t>(p), 0.0);
  for (std::size_t k = 0; k < sparse.indices.size(); ++k)
    out[static_cast<std::size_t>(sparse.indices[k])] = sparse.values[k];
  return out;
}

struct Loop {
  std::vector<double> w;
  double b = 0;
};

/// The blackboard's loop on the columns of `x` as they are, J = (1/n) Σ ½ (η − y)².
Loop blackboard(const DenseProblem& data, L1Step rule, double l1, double l2, double rate, Index iterations) {
  Loop state;
  state.w.assign(static_cast<std::size_t>(data.p), 0.0);
  const auto n = static_cast<std::size_t>(data.n);
  for (Index t = 0; t < iterations; ++t) {
    std::vector<double> error(n);
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) {
      error[i] = state.b - data.y[i];
      for (std::size_t j = 0; j < state.w.size(); ++j) error[i] += data.x[i + j * n] * state.w[j];
      mean += error[i] / static_cast<double>(n);
    }
    std::vector<double> next(state.w.size());
    for (std::size_t j = 0; j < next.size(); ++j) {
      double gradient = 0;
      for (std::size_t i = 0; i < n; ++i) gradient += data.x[i + j * n] * error[i] / static_cast<double>(n);
      const double w = state.w[j], sign = w > 0 ? 1 : w < 0 ? -1 : 0;
      const double moved = w * (1 - rate * l2) - rate * gradient;
      if (rule == L1Step::proximal) {
        next[j] = moved > rate * l1 ? moved - rate * l1 : moved < -rate * l1 ? moved + rate * l1 : 0;
      } else {
        next[j] = moved - rate * l1 * sign;
        if (rule == L1Step::clip && l1 > 0 && next[j] * w < 0) next[j] = 0;
      }
    }
    state.w = next;
    if (data.intercept) state.b -= rate * mean;
  }
  return state;
}

TEST(GradientDescent, IsTheBlackboardsLoopOnTheColumnsAsTheyAre) {
  for (const L1Step rule : {L1Step::proximal, L1Step::subgradient, L1Step::clip}) {
    for (const bool intercept : {true, false}) {
      for (const double l1_ratio : {0.0, 0.6, 1.0}) {
        DenseProblem data = random_problem(20, 3, 31, 0.7);
        data.standardize = false;
        data.intercept = intercept;
        const double lambda = 0.3, rate = 0.2;
        const Path path = descend(problem_of(data), {"elastic-net", l1_ratio}, lambda, descending(rule, 25, rate));
        const Loop expected = blackboard(data, rule, lambda * l1_ratio, lambda * (1 - l1_ratio), rate, 25);
        const std::vector<double> found = dense(path.points[0].coefficients, 3);
        for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(found[j], expected.w[j], 1e-12);
        EXPECT_NEAR(path.points[0].intercept, expected.b, 1e-12);
        EXPECT_EQ(path.trajectory->rows.size(), 26u);
        EXPECT_DOUBLE_EQ(path.trajectory->decay_factor, 1 - rate * lambda * (1 - l1_ratio));
      }
    }
  }
}

TEST(GradientDescent, StandardisedItIsTheLoopOnStandardisedColumns) {
  DenseProblem data = random_problem(20, 3, 32);
  const FittedProblem fitted = data.fitted();
  DenseProblem scaled = data;
  for (Index j = 0; j < 3; ++j) {
    for (Index i = 0; i < 20; ++i) {
      double& x = scaled.x[static_cast<std::size_t>(i + j * 20)];
      x = (x - fitted.design->centre(j)) / fitted.design->scale(j);
    }
  }
  const Path path = descend(problem_of(data), {"l1"}, 0.2, descending(L1Step::proximal, 7, 0.3));
  const Loop expected = blackboard(scaled, L1Step::proximal, 0.2, 0, 0.3, 7);
  const std::vector<double> found = dense(path.points[0].coefficients, 3);
  for (Index j = 0; j < 3; ++j) {
    EXPECT_NEAR(found[static_cast<std::size_t>(j)] * fitted.design->scale(j), expected.w[static_cast<std::size_t>(j)],
                1e-12);
  }
}

TEST(GradientDescent, ProximalStepsMeetTheOtherSolversAndNeverClimb) {
  for (const bool standardize : {true, false}) {
    for (const PenaltySpec& penalty :
         {PenaltySpec{"none"}, PenaltySpec{"l2"}, PenaltySpec{"l1"}, PenaltySpec{"elastic-net"}}) {
      DenseProblem data = random_problem(60, 8, 33, 0.5);
      data.standardize = standardize;
      data.weights.assign(60, 1.0);
      data.weights[1] = 4;
      data.weights[2] = 0;
      data.factor.assign(8, 1.0);
      data.factor[0] = 0;
      data.factor[5] = 3;
      data.factor[6] = std::numeric_limits<double>::infinity();
      Problem problem = problem_of(data);
      std::vector<double> offset(60), upper(8, 0.4);
      for (std::size_t i = 0; i < 60; ++i) offset[i] = 0.01 * static_cast<double>(i);
      problem.offset = offset;
      for (const bool bounded : {false, true}) {
        if (bounded) problem.upper = upper;
        const Path path = descend(problem, penalty, 0.1, descending(L1Step::proximal, 20000));
        PathOptions exact;
        exact.solver = SolverKind::coordinate_descent;
        exact.tolerance = 1e-13;
        const Path other = fit_path(problem, penalty, std::vector<double>{0.1}, exact, Context(1));
        EXPECT_EQ(path.status, Status::converged);
        EXPECT_NEAR(path.points[0].objective, other.points[0].objective, 1e-12);
        EXPECT_NEAR(path.points[0].intercept, other.points[0].intercept, 1e-6);
        const auto found = dense(path.points[0].coefficients, 8), expected = dense(other.points[0].coefficients, 8);
        for (std::size_t j = 0; j < 8; ++j) EXPECT_NEAR(found[j], expected[j], 1e-6) << penalty.name;
        double last = INFINITY;
        for (const TrajectoryRow& row : path.trajectory->rows) {
          EXPECT_LE(row.objective, last * (1 + 1e-14));
          last = row.objective;
        }
      }
    }
  }
}

TEST(GradientDescent, SubgradientStepsHoverAndSaySo) {
  const DenseProblem data = random_problem(60, 8, 34);
  const Path path = descend(problem_of(data), {"l1"}, 0.5, descending(L1Step::subgradient, 500));
  EXPECT_EQ(path.status, Status::iteration_limit);
  EXPECT_GT(path.points[0].certificate.relative_gap, 1e-14);
  EXPECT_EQ(path.points[0].n_nonzero, 8);  // no exact zeros
  const Path clipped = descend(problem_of(data), {"l1"}, 0.5, descending(L1Step::clip, 500));
  EXPECT_EQ(clipped.status, Status::iteration_limit);
}

TEST(GradientDescent, DivergenceKeepsTheLastFiniteState) {
  const DenseProblem data = random_problem(60, 8, 35);
  const Path path = descend(problem_of(data), {"l2"}, 0.5, descending(L1Step::proximal, 5000, 50.0));
  EXPECT_EQ(path.status, Status::diverged);
  EXPECT_TRUE(std::isfinite(path.points[0].objective));
  EXPECT_TRUE(std::isfinite(path.points[0].intercept));
  for (const double value : path.points[0].coefficients.values) EXPECT_TRUE(std::isfinite(value));
  ASSERT_EQ(path.warnings.size(), 2u);  // above 2/L; decay factor below zero
  EXPECT_NE(path.warnings[0].find("2/L"), std::string::npos);
  EXPECT_NE(path.warnings[1].find("multiplies the weights by -24"), std::string::npos);
}

TEST(GradientDescent, TheTrajectoryIsThinnedToAThousandRows) {
  const DenseProblem data = random_problem(60, 8, 36);
  const Path path = descend(problem_of(data), {"l1"}, 0.5, descending(L1Step::subgradient, 4321));
  const auto& rows = path.trajectory->rows;
  EXPECT_LE(rows.size(), 1000u);
  EXPECT_GE(rows.size(), 500u);
  EXPECT_EQ(rows.front().iteration, 0);
  EXPECT_TRUE(rows.front().coefficients.indices.empty());
  EXPECT_EQ(rows.back().iteration, 4321);
  for (std::size_t k = 2; k + 1 < rows.size(); ++k) {
    EXPECT_EQ(rows[k].iteration - rows[k - 1].iteration, rows[1].iteration);
  }
}

TEST(GradientDescent, AConstantResponseStillGetsItsIntercept) {
  DenseProblem data = random_problem(20, 3, 37);
  std::ranges::fill(data.y, 4.5);
  const Path path = descend(problem_of(data), {"l1"}, 0.5, descending(L1Step::proximal, 5000));
  EXPECT_NEAR(path.points[0].intercept, 4.5, 1e-6);
}

TEST(GradientDescent, RefusesWhatCannotBe) {
  const DenseProblem data = random_problem(20, 3, 38);
  const Problem problem = problem_of(data);
  const std::vector<double> two{1.0, 0.5};
  EXPECT_THROW(fit_path(problem, {"l1"}, two, descending(L1Step::proximal, 10), Context(1)), Error);
  EXPECT_THROW(descend(problem, {"l1"}, 1.0, descending(L1Step::proximal, 10, 0.0)), Error);
  EXPECT_THROW(descend(problem, {"l1"}, 1.0, descending(L1Step::proximal, -1)), Error);
}

}  // namespace
}  // namespace riata
