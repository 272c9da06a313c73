#include "riata/solver/ridge.hpp"

#include <gtest/gtest.h>

#include "riata/solver/ridge_routes.hpp"
#include "riata/solver/ridge_testing.hpp"

namespace riata {
namespace {

using testing::awkward;
using testing::DenseProblem;
using testing::Explicit;
using testing::random_problem;
using testing::refit;
using testing::standardised;

enum class Kind { tall, wide, tall_factors, wide_factors, iterative };
constexpr double kLeast = 1e-4;  ///< λ that factors are made for

std::unique_ptr<RidgeRoute> make(Kind kind, const FittedProblem& fitted, Quadratic& quadratic, const Context& context) {
  const Shifts shifts{kind == Kind::tall || kind == Kind::wide ? 0 : kLeast};
  if (kind == Kind::tall || kind == Kind::tall_factors) {
    const Scope scope(fitted);
    return std::make_unique<TallRidge>(fitted, scope, quadratic, column_factors(fitted, scope, quadratic, shifts, context),
                                       context);
  }
  if (kind != Kind::iterative) {
    const Scope scope(fitted);
    return std::make_unique<WideRidge>(fitted, scope, std::make_shared<RowFactors>(fitted, scope, shifts, nullptr, context),
                                       context);
  }
  return std::make_unique<IterativeRidge>(fitted, Scope(fitted), quadratic, 1e-14, context);
}

TEST(Ridge, EveryRouteMeetsTheExplicitSolution) {
  const Context context(1);
  for (const Kind kind : {Kind::tall, Kind::wide, Kind::tall_factors, Kind::wide_factors, Kind::iterative}) {
    for (const auto& [n, p] : {std::pair<Index, Index>{40, 9}, {15, 30}}) {
      for (const bool intercept : {true, false}) {
        const DenseProblem problem = awkward(n, p, intercept);
        const FittedProblem fitted = problem.fitted();
        const auto quadratic = residual_quadratic(fitted, context);
        const auto route = make(kind, fitted, *quadratic, context);
        EXPECT_EQ(route->name().find("Cholesky") != std::string_view::npos,
                  kind == Kind::tall_factors || kind == Kind::wide_factors);
        std::vector<double> b(static_cast<std::size_t>(p), 0.0);
        for (const double lambda : {100.0, 1.0, 1e-2, kLeast}) {
          const Explicit expected = refit(fitted, lambda);
          EXPECT_EQ(route->solve(lambda, b), Status::converged);
          const double error = (Eigen::Map<Eigen::VectorXd>(b.data(), p) - expected.b).norm() / expected.b.norm();
          EXPECT_LT(error, kind == Kind::iterative ? 1e-4 : 1e-9) << route->name() << " n " << n << " lambda " << lambda;
          std::vector<double> zb(static_cast<std::size_t>(n));
          if (!route->predict(lambda, zb)) continue;
          const Eigen::VectorXd direct = standardised(fitted) * expected.b;
          EXPECT_LT((Eigen::Map<Eigen::VectorXd>(zb.data(), n) - direct).norm(), 1e-10 * direct.norm());
        }
      }
    }
  }
}

/// More columns than the tall route takes directions at a time, too; several λ at once.
TEST(Ridge, LeftOutResidualsComeFromTheHatMatrix) {
  const Context context(1);
  for (const auto& [kind, n, p] : {std::tuple{Kind::tall, 30, 12},
                                   {Kind::tall, 180, 140},
                                   {Kind::wide, 30, 12},
                                   {Kind::tall_factors, 30, 12},
                                   {Kind::tall_factors, 180, 140},
                                   {Kind::wide_factors, 30, 12}}) {
    for (const bool intercept : {true, false}) {
      const DenseProblem problem = awkward(n, p, intercept);
      const FittedProblem fitted = problem.fitted();
      const auto quadratic = residual_quadratic(fitted, context);
      const auto route = make(kind, fitted, *quadratic, context);
      const Scope scope(fitted);
      const std::vector<double> lambdas{10.0, 0.1};
      std::vector<double> residual, expected;
      for (const double lambda : lambdas) {
        const Explicit fit = refit(fitted, lambda);
        EXPECT_NEAR(route->degrees_of_freedom(lambda), fit.degrees_of_freedom, 1e-9);
        const Eigen::VectorXd zb = standardised(fitted) * fit.b;
        for (const Index i : scope.rows) {
          residual.push_back(fitted.response[static_cast<std::size_t>(i)] - zb[i]);
          expected.push_back(residual.back() / (1 - fit.leverage[i]));
        }
      }
      ASSERT_TRUE(route->left_out(lambdas, {residual.data(), scope.n(), 2}));
      for (std::size_t a = 0; a < expected.size(); ++a) EXPECT_NEAR(residual[a], expected[a], 1e-10);
    }
  }
}

/// At λ down to 1e-9 max |zⱼᵀWy| every residual is tiny; each row is left out by a weight of zero and the rest fitted
/// again.
TEST(Ridge, LeaveOneOutOfInterpolatedDataKeepsItsDigits) {
  const Context context(1);
  for (const bool intercept : {true, false}) {
    for (const bool weighted : {true, false}) {
      DenseProblem problem = random_problem(10, 50, 23);
      problem.intercept = intercept;
      problem.standardize = false;
      problem.weights.assign(10, 1.0);
      if (weighted) problem.weights = {1, 2, 0.5, 1, 3, 0, 1, 0.25, 1, 1};
      problem.factor.assign(50, 1.0);
      if (weighted) problem.factor[1] = 0;
      const FittedProblem fitted = problem.fitted();
      for (const auto& [share, few] : {std::pair{1e3, false},
                                       {1.0, false},
                                       {1e-3, false},
                                       {1e-6, false},
                                       {1e-9, false},
                                       {1e3, true},
                                       {1.0, true},
                                       {1e-3, true},
                                       {1e-6, true},
                                       {1e-9, true}}) {
        const double lambda = share * fitted.null_gradient;
        RidgeOptions options{1e-12, false, LeaveOneOut::predictions};
        options.lambdas = few ? 1 : 0;
        options.least_lambda = lambda;
        RidgePathSolver solver(fitted, residual_quadratic(fitted, context), options, context);
        EXPECT_EQ(solver.name(), few ? "ridge, Cholesky factors of the kernel" : "ridge, eigenvalues of the kernel");
        State state = null_state(fitted);
        const Solution solution = solver.solve(lambda, state);
        ASSERT_EQ(solution.leave_one_out.size(), 10U) << share;
        double expected = 0;
        for (std::size_t i = 0; i < 10; ++i) {
          if (problem.weights[i] == 0) continue;
          DenseProblem without = problem;
          without.weights[i] = 0;
          const FittedProblem rest = without.fitted();
          const Explicit fit = refit(rest, lambda * fitted.total_weight / rest.total_weight);
          const double error = problem.y[i] - rest.response_mean - (standardised(rest) * fit.b)[static_cast<Index>(i)];
          EXPECT_NEAR(problem.y[i] - solution.leave_one_out[i], error, 1e-8 * std::abs(error)) << share << " row " << i;
          expected += fitted.weights[i] * error * error;
        }
        EXPECT_NEAR(solution.leave_one_out_error.value(), expected, 1e-8 * expected) << share;
      }
    }
  }
}

/// Without scaling, dropping the row and fitting again (λ on the sum scale) is what leave-one-out stands for.
TEST(Ridge, LeaveOneOutIsRefittingWithoutTheRow) {
  const Context context(1);
  for (const Index p : {4, 30}) {
    DenseProblem problem = random_problem(12, p, 22);
    problem.standardize = false;
    const FittedProblem fitted = problem.fitted();
    const double lambda = 0.3;
    RidgePathSolver solver(fitted, residual_quadratic(fitted, context), {1e-6, false, LeaveOneOut::errors}, context);
    State state = null_state(fitted);
    const Solution solution = solver.solve(lambda, state);
    EXPECT_EQ(solution.status, Status::converged);
    EXPECT_LE(solution.certificate.relative_gap, 1e-14);
    double expected = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      DenseProblem without = problem;
      without.weights.assign(12, 1.0);
      without.weights[i] = 0;
      const FittedProblem rest = without.fitted();
      const Explicit fit = refit(rest, lambda * 12 / 11);
      const double predicted = rest.response_mean + (standardised(rest) * fit.b)[static_cast<Index>(i)];
      expected += (problem.y[i] - predicted) * (problem.y[i] - predicted) / 12;
    }
    EXPECT_NEAR(solution.leave_one_out_error.value(), expected, 1e-10 * expected);
    const double rest = 1 - (refit(fitted, lambda).degrees_of_freedom + 1) / 12;
    EXPECT_NEAR(solution.gcv_error.value(), 2 * solution.loss / (rest * rest), 1e-10 * solution.gcv_error.value());
  }
}

/// Chunks of λ, one at a time, and without coefficients: the same path; λ = 0 at its end is least squares.
TEST(Ridge, TheWidePathIsTheSameInChunksAndWithoutCoefficients) {
  const Context context(1);
  const DenseProblem problem = awkward(15, 30, true);
  const FittedProblem fitted = problem.fitted();
  const std::vector<double> lambdas{10.0, 1.0, 0.1, 0.0};
  RidgePathSolver chunks(fitted, residual_quadratic(fitted, context), {1e-6, false, LeaveOneOut::errors}, context);
  RidgePathSolver blind(fitted, residual_quadratic(fitted, context), {1e-12, true}, context);
  std::vector<std::vector<double>> eta;
  std::vector<Solution> solutions;
  const auto status =
      chunks.solve_path(lambdas, [&](Index k, const State& state, const Solution& solution, const auto& predictor) {
        EXPECT_EQ(k, std::ssize(eta));
        const Explicit expected = refit(fitted, std::max(lambdas[static_cast<std::size_t>(k)], 1e-9));
        const Eigen::Map<const Eigen::VectorXd> b(state.b.data(), 30);
        if (k < 3) {
          EXPECT_LT((b - expected.b).norm(), 1e-9 * expected.b.norm());
        }
        EXPECT_LE(solution.certificate.relative_gap, 1e-13);
        EXPECT_EQ(solution.leave_one_out_error.has_value(), k < 3);
        eta.emplace_back(predictor().begin(), predictor().end());
        solutions.push_back(solution);
        return true;
      });
  EXPECT_EQ(status, Status::converged);
  ASSERT_EQ(eta.size(), 4u);
  blind.solve_path(lambdas, [&](Index k, const State& state, const Solution& solution, const auto& predictor) {
    const auto l = static_cast<std::size_t>(k);
    EXPECT_EQ(state.b.empty(), k < 3);
    EXPECT_NEAR(solution.loss, solutions[l].loss, 1e-11);
    EXPECT_LE(solution.certificate.relative_gap, 1e-13);
    EXPECT_NEAR(solution.degrees_of_freedom, solutions[l].degrees_of_freedom, 1e-12);
    for (std::size_t i = 0; i < 15; ++i) EXPECT_NEAR(predictor()[i], eta[l][i], 1e-9);
    return true;
  });
}

/// As many columns as rows and an intercept: one direction of Z is zero, and its share of ZᵀWy is rounding. However small λ
/// is, the answer is least squares of minimum norm.
TEST(Ridge, ATinyPenaltyKeepsTheMinimumNorm) {
  const Context context(1);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    DenseProblem problem = random_problem(30, 30, seed);
    problem.standardize = false;
    const FittedProblem fitted = problem.fitted();
    const Eigen::Map<const Eigen::VectorXd> y(fitted.response.data(), 30);
    Eigen::JacobiSVD<Eigen::MatrixXd> svd(standardised(fitted), Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Eigen::VectorXd expected = svd.setThreshold(1e-12).solve(y);
    for (const Index few : {0, 1}) {
      RidgeOptions options;
      options.lambdas = few;
      options.least_lambda = 1e-18;
      RidgePathSolver solver(fitted, residual_quadratic(fitted, context), options, context);
      State state = null_state(fitted);
      EXPECT_EQ(solver.solve(1e-18, state).status, Status::converged);
      EXPECT_LT((Eigen::Map<Eigen::VectorXd>(state.b.data(), 30) - expected).norm(), 1e-8 * expected.norm())
          << "seed " << seed;
    }
  }
}

/// Columns of rank four, more of them than rows or fewer: eigenvalues that are rounding beside λ are no degrees of freedom,
/// and what the rows leave unexplained does not reach the coefficients.
TEST(Ridge, DirectionsThatAreRoundingAreNeitherCountedNorFollowed) {
  const Context context(1);
  for (const auto& [n, p] : {std::pair<Index, Index>{30, 12}, {9, 24}}) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
      DenseProblem problem = random_problem(n, p, seed);
      const Eigen::Map<Eigen::MatrixXd> x(problem.x.data(), n, p);
      const Eigen::MatrixXd left = x.leftCols(4), right = x.topRows(4);
      Eigen::Map<Eigen::MatrixXd>(problem.x.data(), n, p) = left * right;
      const FittedProblem fitted = problem.fitted();
      const Eigen::Map<const Eigen::VectorXd> y(fitted.response.data(), n);
      Eigen::JacobiSVD<Eigen::MatrixXd> svd(standardised(fitted), Eigen::ComputeThinU | Eigen::ComputeThinV);
      const Eigen::VectorXd expected = svd.setThreshold(1e-12).solve(y);
      RidgePathSolver solver(fitted, residual_quadratic(fitted, context), RidgeOptions{}, context);
      for (const double lambda : {1e-12, 1e-15, 1e-18}) {
        State state = null_state(fitted);
        const Solution solution = solver.solve(lambda, state);
        EXPECT_EQ(solution.status, Status::converged) << n << " " << seed << " " << lambda;
        EXPECT_LT(solution.certificate.relative_gap, 1e-10) << n << " " << seed << " " << lambda;
        EXPECT_NEAR(solution.degrees_of_freedom, 4, 1e-8) << n << " " << seed << " " << lambda;
        EXPECT_LT((Eigen::Map<Eigen::VectorXd>(state.b.data(), p) - expected).norm(), 1e-7 * expected.norm())
            << n << " " << seed << " " << lambda;
      }
    }
  }
}

TEST(Ridge, ProductsOfTinyFactorsDoNotUnderflow) {
  RidgeGram ridge({2, 0.5, 0.5, 1}, std::vector<double>{1e-300, 1});
  std::vector<double> b(2);
  ridge.solve(1e299, std::vector<double>{3, 4}, b, 0);
  EXPECT_NEAR(b[0], 3 / 2.1, 1e-14);
  EXPECT_NEAR(b[1] * 1e299, 4 - 0.5 * b[0], 1e-12);
  EXPECT_NEAR(ridge.degrees_of_freedom(1e299), 2 / 2.1, 1e-14);
}

TEST(Ridge, TheRouteFollowsTheShape) {
  const Context context(1);
  const DenseProblem tall = random_problem(30, 5, 1), wide = random_problem(5, 30, 1);
  const FittedProblem a = tall.fitted(), b = wide.fitted();
  EXPECT_EQ(RidgePathSolver(a, residual_quadratic(a, context), {}, context).name(), "ridge, eigenvalues of the Gram");
  EXPECT_EQ(RidgePathSolver(b, residual_quadratic(b, context), {}, context).name(), "ridge, eigenvalues of the kernel");
}

/// Where λ leaves nothing but rounding.
TEST(Ridge, DegreesOfFreedomAreNotNegative) {
  const Context context(1);
  for (const auto& [n, p] : {std::pair<Index, Index>{40, 9}, {26, 13}, {15, 30}, {5, 12}}) {
    const DenseProblem problem = random_problem(n, p, 3);
    const FittedProblem fitted = problem.fitted();
    for (double lambda = 1e13; lambda < 1e30; lambda *= 7) {
      RidgeOptions options;
      options.lambdas = 1;
      options.least_lambda = lambda;
      RidgePathSolver solver(fitted, residual_quadratic(fitted, context), options, context);
      ASSERT_TRUE(solver.name().starts_with("ridge, Cholesky factors")) << solver.name();
      State state = null_state(fitted);
      const double degrees = solver.solve(lambda, state).degrees_of_freedom;
      EXPECT_GE(degrees, 0.0) << n << " " << lambda;
      EXPECT_LE(degrees, 1e-11) << n << " " << lambda;
    }
  }
}

/// Several λ by factors and by eigenvalues, all that a path tells; leave-one-out of many rows takes one pass for all λ.
TEST(Ridge, AFewLambdasByFactorsAreThePath) {
  const Context context(1);
  for (const auto& [n, p] : {std::pair<Index, Index>{40, 9}, {15, 30}}) {
    const DenseProblem problem = awkward(n, p, true);
    const FittedProblem fitted = problem.fitted();
    const std::vector<double> lambdas{10.0, 1.0, 0.1};
    RidgeOptions few{1e-6, false, n < p ? LeaveOneOut::errors : LeaveOneOut::none};
    few.lambdas = 3;
    few.least_lambda = 0.1;
    RidgeOptions all = few;
    all.lambdas = 0;
    RidgePathSolver factors(fitted, residual_quadratic(fitted, context), few, context);
    RidgePathSolver eigenvalues(fitted, residual_quadratic(fitted, context), all, context);
    EXPECT_TRUE(factors.name().starts_with("ridge, Cholesky factors")) << factors.name();
    std::vector<std::pair<State, Solution>> expected;
    eigenvalues.solve_path(lambdas, [&](Index, const State& state, const Solution& solution, const auto&) {
      expected.emplace_back(state, solution);
      return true;
    });
    factors.solve_path(lambdas, [&](Index k, const State& state, const Solution& solution, const auto&) {
      const auto& [other, told] = expected[static_cast<std::size_t>(k)];
      for (std::size_t j = 0; j < state.b.size(); ++j) EXPECT_NEAR(state.b[j], other.b[j], 1e-11);
      EXPECT_LE(solution.certificate.relative_gap, 1e-13);
      EXPECT_NEAR(solution.degrees_of_freedom, told.degrees_of_freedom, 1e-10);
      EXPECT_NEAR(solution.gcv_error.value(), told.gcv_error.value(), 1e-10);
      EXPECT_EQ(solution.leave_one_out_error.has_value(), n < p);
      EXPECT_NEAR(solution.leave_one_out_error.value_or(0), told.leave_one_out_error.value_or(0), 1e-10);
      return true;
    });
    few.diagnostics = false;
    few.leave_one_out = LeaveOneOut::none;
    RidgePathSolver plain(fitted, residual_quadratic(fitted, context), few, context);
    State state = null_state(fitted);
    const Solution solution = plain.solve(0.1, state);
    EXPECT_TRUE(std::isnan(solution.degrees_of_freedom));
    EXPECT_FALSE(solution.gcv_error.has_value());
  }
}

TEST(Ridge, MoreThreadsGiveTheSameBits) {
  const Context one(1), three(3);
  for (const Kind kind : {Kind::tall, Kind::wide, Kind::tall_factors, Kind::wide_factors, Kind::iterative}) {
    const DenseProblem problem = awkward(120, 700, true);
    const FittedProblem fitted = problem.fitted();
    std::vector<double> a(700), b(700);
    ASSERT_EQ(make(kind, fitted, *residual_quadratic(fitted, one), one)->solve(0.1, a), Status::converged);
    ASSERT_EQ(make(kind, fitted, *residual_quadratic(fitted, three), three)->solve(0.1, b), Status::converged);
    EXPECT_EQ(a, b);
  }
}

}  // namespace
}  // namespace riata
