#include "riata/solver/ridge.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>

#include "riata/solver/ridge_routes.hpp"
#include "riata/solver/testing.hpp"

namespace riata {
namespace {

using testing::DenseProblem;
using testing::random_problem;

struct Explicit {
  Eigen::VectorXd b, leverage;
  double degrees_of_freedom = 0;
};

Eigen::MatrixXd standardised(const FittedProblem& fitted) {
  Eigen::MatrixXd z(fitted.rows(), fitted.cols());
  std::vector<Index> all;
  for (Index j = 0; j < fitted.cols(); ++j) all.push_back(j);
  fitted.design->gather(all, {z.data(), z.rows(), z.cols()});
  for (const Index j : fitted.excluded) z.col(j).setZero();
  return z;
}

/// (ZᵀWZ + λF)⁻¹ ZᵀWy, with a unit diagonal for excluded columns, and the hat matrix's diagonal.
Explicit refit(const FittedProblem& fitted, double lambda) {
  const Eigen::MatrixXd z = standardised(fitted);
  const Eigen::Map<const Eigen::VectorXd> w(fitted.weights.data(), z.rows()), y(fitted.response.data(), z.rows());
  Eigen::MatrixXd h = z.transpose() * w.asDiagonal() * z;
  for (Index j = 0; j < z.cols(); ++j) {
    const double f = fitted.factor[static_cast<std::size_t>(j)];
    h(j, j) += std::isinf(f) ? 1.0 : lambda * f;
  }
  const Eigen::MatrixXd inverse = h.ldlt().solve(Eigen::MatrixXd::Identity(z.cols(), z.cols()));
  Explicit out;
  Eigen::MatrixXd rows(z.rows() + z.cols(), z.cols());  // [W^½Z; (λF)^½] b ≈ [W^½y; 0] loses fewer digits
  rows << w.cwiseSqrt().asDiagonal() * z, Eigen::MatrixXd::Zero(z.cols(), z.cols());
  for (Index j = 0; j < z.cols(); ++j) {
    const double f = fitted.factor[static_cast<std::size_t>(j)];
    rows(z.rows() + j, j) = std::isinf(f) ? 1.0 : std::sqrt(lambda * f);
  }
  Eigen::VectorXd right = Eigen::VectorXd::Zero(rows.rows());
  right.head(z.rows()) = w.cwiseSqrt().cwiseProduct(y);
  out.b = rows.householderQr().solve(right);
  const Eigen::MatrixXd hat = z * inverse * z.transpose() * w.asDiagonal();
  out.leverage = hat.diagonal();
  out.degrees_of_freedom = hat.trace();
  if (fitted.intercept) out.leverage += w;
  return out;
}

enum class Kind { tall, wide, iterative };

std::unique_ptr<RidgeSolver> make(Kind kind, const FittedProblem& fitted, const Context& context) {
  if (kind == Kind::tall) return std::make_unique<TallRidge>(fitted, Scope(fitted), context);
  if (kind == Kind::wide) return std::make_unique<WideRidge>(fitted, Scope(fitted), context);
  return std::make_unique<IterativeRidge>(fitted, Scope(fitted), 1e-14, context);
}

DenseProblem awkward(Index n, Index p, bool intercept) {
  DenseProblem problem = random_problem(n, p, 21);
  problem.intercept = intercept;
  problem.standardize = intercept;
  problem.weights.assign(static_cast<std::size_t>(n), 1.0);
  problem.weights[2] = 3;
  problem.weights[4] = 0;
  problem.factor.assign(static_cast<std::size_t>(p), 1.0);
  problem.factor[1] = 0;
  problem.factor[3] = 0;
  problem.factor[5] = 2.5;
  problem.factor[6] = std::numeric_limits<double>::infinity();
  return problem;
}

std::vector<double> residual_of(const FittedProblem& fitted, const Eigen::VectorXd& b) {
  const Eigen::VectorXd zb = standardised(fitted) * b;
  std::vector<double> out(fitted.response);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] -= zb[static_cast<Index>(i)];
  return out;
}

TEST(Ridge, EveryRouteMeetsTheExplicitSolution) {
  for (const Kind kind : {Kind::tall, Kind::wide, Kind::iterative}) {
    for (const auto& [n, p] : {std::pair<Index, Index>{40, 9}, {15, 30}}) {
      for (const bool intercept : {true, false}) {
        const DenseProblem problem = awkward(n, p, intercept);
        const FittedProblem fitted = problem.fitted();
        const Context context(1);
        const auto solver = make(kind, fitted, context);
        std::vector<double> b(static_cast<std::size_t>(p), 0.0);
        for (const double lambda : {100.0, 1.0, 1e-2, 1e-4}) {
          const Explicit expected = refit(fitted, lambda);
          EXPECT_EQ(solver->solve(lambda, b), Status::converged);
          const double error = (Eigen::Map<Eigen::VectorXd>(b.data(), p) - expected.b).norm() / expected.b.norm();
          EXPECT_LT(error, kind == Kind::iterative ? 1e-5 : 1e-9) << solver->name() << " n " << n << " lambda " << lambda;
          std::vector<double> zb(static_cast<std::size_t>(n));
          if (!solver->predict(lambda, zb)) continue;
          const Eigen::VectorXd direct = standardised(fitted) * expected.b;
          EXPECT_LT((Eigen::Map<Eigen::VectorXd>(zb.data(), n) - direct).norm(), 1e-10 * direct.norm());
        }
      }
    }
  }
}

TEST(Ridge, DiagnosticsAreThoseOfTheHatMatrix) {
  for (const Kind kind : {Kind::tall, Kind::wide}) {
    for (const bool intercept : {true, false}) {
      const DenseProblem problem = awkward(30, 12, intercept);
      const FittedProblem fitted = problem.fitted();
      const Context context(1);
      const auto solver = make(kind, fitted, context);
      for (const double lambda : {10.0, 0.1}) {
        const Explicit expected = refit(fitted, lambda);
        const std::vector<double> residual = residual_of(fitted, expected.b);
        double squares = 0, left_out = 0;
        for (std::size_t i = 0; i < residual.size(); ++i) {
          const double one = residual[i] / (1 - expected.leverage[static_cast<Index>(i)]);
          squares += fitted.weights[i] * residual[i] * residual[i];
          left_out += fitted.weights[i] * one * one;
        }
        const RidgeDiagnostics found = solver->diagnose(lambda, residual);
        const double rest = 1 - (expected.degrees_of_freedom + (intercept ? 1 : 0)) / 29;
        EXPECT_NEAR(found.degrees_of_freedom.value(), expected.degrees_of_freedom, 1e-10);
        EXPECT_NEAR(found.leave_one_out_error.value(), left_out, 1e-10 * left_out);
        EXPECT_NEAR(found.gcv_error.value(), squares / (rest * rest), 1e-10 * squares);
      }
    }
  }
}

/// Without scaling, dropping the row and fitting again (λ on the sum scale) is what leave-one-out stands for.
TEST(Ridge, LeaveOneOutIsRefittingWithoutTheRow) {
  DenseProblem problem = random_problem(12, 4, 22);
  problem.standardize = false;
  const FittedProblem fitted = problem.fitted();
  const double lambda = 0.3;
  const Context context(1);
  const auto solver = make_ridge_solver(fitted, 1e-6, context);
  std::vector<double> b(4);
  ASSERT_EQ(solver->solve(lambda, b), Status::converged);
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
  const std::vector<double> residual = residual_of(fitted, Eigen::Map<Eigen::VectorXd>(b.data(), 4));
  EXPECT_NEAR(solver->diagnose(lambda, residual).leave_one_out_error.value(), expected, 1e-11 * expected);
}

TEST(Ridge, TheRouteFollowsTheShape) {
  const DenseProblem tall = random_problem(30, 5, 1), wide = random_problem(5, 30, 1);
  const Context context(1);
  const FittedProblem a = tall.fitted(), b = wide.fitted();
  EXPECT_EQ(make_ridge_solver(a, 1e-6, context)->name(), "ridge, eigenvalues of the Gram");
  EXPECT_EQ(make_ridge_solver(b, 1e-6, context)->name(), "ridge, eigenvalues of the kernel");
}

TEST(Ridge, MoreThreadsGiveTheSameBits) {
  for (const Kind kind : {Kind::tall, Kind::wide, Kind::iterative}) {
    const DenseProblem problem = awkward(120, 700, true);
    const FittedProblem fitted = problem.fitted();
    std::vector<double> one(700), three(700);
    ASSERT_EQ(make(kind, fitted, Context(1))->solve(0.1, one), Status::converged);
    ASSERT_EQ(make(kind, fitted, Context(3))->solve(0.1, three), Status::converged);
    EXPECT_EQ(one, three);
  }
}

}  // namespace
}  // namespace riata
