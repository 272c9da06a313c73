#include <gtest/gtest.h>

#include <cmath>
#include <random>

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

/// The problem with one entry in a hundred, as a sparse matrix: too few for the kernel to pay.
struct SparseProblem {
  explicit SparseProblem(DenseProblem problem) : dense(std::move(problem)) {
    std::mt19937 random(9);
    std::vector<std::int32_t> starts{0};
    for (Index j = 0; j < dense.p; ++j) {
      for (Index i = 0; i < dense.n; ++i) {
        double& x = dense.x[static_cast<std::size_t>(i + j * dense.n)];
        if (random() % 100 != 0) x = 0;
        if (x == 0) continue;
        rows.push_back(static_cast<std::int32_t>(i));
        values.push_back(x);
      }
      starts.push_back(static_cast<std::int32_t>(rows.size()));
    }
    fitted = dense.fitted();
    std::vector<double> centre, scale;
    for (Index j = 0; j < dense.p; ++j) {
      centre.push_back(fitted.design->centre(j));
      scale.push_back(fitted.design->scale(j));
    }
    fitted.design = std::make_shared<StandardizedDesign>(
        sparse_columns(dense.n, dense.p, starts.data(), rows.data(), values.data(), nullptr), centre, scale);
  }
  DenseProblem dense;
  std::vector<std::int32_t> rows;
  std::vector<double> values;
  FittedProblem fitted;
};

DenseProblem all_penalised(DenseProblem problem) {
  for (double& f : problem.factor) f = f == 0 ? 0.5 : f;
  return problem;
}

/// Both sides, with and without an intercept; coefficients, predictions and the gap of what they leave.
TEST(KrylovRidge, OneSpaceForAllLambdasMeetsTheExplicitSolution) {
  const Context context(1);
  for (const auto& [n, p] : {std::pair<Index, Index>{40, 9}, {15, 30}}) {
    for (const bool intercept : {true, false}) {
      const DenseProblem problem = all_penalised(awkward(n, p, intercept));
      const FittedProblem fitted = problem.fitted();
      const auto quadratic = residual_quadratic(fitted, context);
      KrylovRidge route(fitted, Scope(fitted), *quadratic, {1e-14}, context);
      const std::vector<double> lambdas{100.0, 1.0, 1e-2, 1e-4};
      std::vector<double> b(static_cast<std::size_t>(4 * p), 1.0), zb(static_cast<std::size_t>(n));
      route.solve_many(lambdas, {b.data(), p, 4});
      EXPECT_EQ(route.predicts(), p > n);
      for (Index l = 0; l < 4; ++l) {
        const double lambda = lambdas[static_cast<std::size_t>(l)];
        const Explicit expected = refit(fitted, lambda);
        const Eigen::Map<Eigen::VectorXd> found(b.data() + l * p, p);
        EXPECT_LT((found - expected.b).norm(), 1e-6 * expected.b.norm()) << n << " lambda " << lambda;
        if (!route.predicts()) continue;
        EXPECT_TRUE(route.predict(lambda, zb));
        const Eigen::VectorXd direct = standardised(fitted) * expected.b;
        EXPECT_LT((Eigen::Map<Eigen::VectorXd>(zb.data(), n) - direct).norm(), 1e-6 * direct.norm());
        EXPECT_LE(route.gap(lambda), 1e-14 * fitted.null_deviance);
      }
    }
  }
}

/// The gap of a space that is too small is the one of its coefficients.
TEST(KrylovRidge, TheGapOfASpaceIsThatOfItsCoefficients) {
  const Context context(1);
  const DenseProblem problem = all_penalised(awkward(40, 90, true));
  const FittedProblem fitted = problem.fitted();
  const auto quadratic = residual_quadratic(fitted, context);
  for (const double tolerance : {1.0, 1e-2, 1e-4}) {
    KrylovRidge route(fitted, Scope(fitted), *quadratic, {tolerance}, context);
    const double lambda = 0.01;
    State state = null_state(fitted);
    route.solve_many({&lambda, 1}, {state.b.data(), 90, 1});
    quadratic->evaluate(state);
    double gap = 0;
    for (std::size_t j = 0; j < 90; ++j) {
      const double f = lambda * fitted.factor[j], g = quadratic->gradient()[j] - f * state.b[j];
      if (!std::isinf(f)) gap += g * g / (2 * f);
    }
    EXPECT_GT(gap, 1e-12 * fitted.null_deviance);
    EXPECT_LE(gap, 0.05 * tolerance * fitted.null_deviance * (1 + 1e-9));
    EXPECT_NEAR(route.gap(lambda), gap, 1e-9 * gap);
  }
}

/// As a path and for predictions alone; what a space of few products leaves goes on λ by λ.
TEST(KrylovRidge, SparseWidePathsAreCertifiedWhereverTheSpaceEnds) {
  const Context context(1);
  for (const Index most : {500, 8}) {
    DenseProblem dense = random_problem(120, 240, 5, 0.0);
    dense.standardize = false;
    const SparseProblem problem(std::move(dense));
    const FittedProblem& fitted = problem.fitted;
    const std::vector<double> lambdas{1.0, 0.01, 1e-3};
    RidgePathSolver path(fitted, residual_quadratic(fitted, context), {1e-9, false, LeaveOneOut::none, most}, context);
    RidgePathSolver blind(fitted, residual_quadratic(fitted, context), {1e-9, true, LeaveOneOut::none, most}, context);
    EXPECT_EQ(path.name(), "ridge, conjugate gradients");
    const Eigen::MatrixXd z = standardised(fitted);
    std::vector<Eigen::VectorXd> predictions;
    EXPECT_EQ(path.solve_path(lambdas,
                              [&](Index, const State& state, const Solution& solution, const auto& predictor) {
                                EXPECT_LE(solution.certificate.relative_gap, 1e-9);
                                predictions.push_back(z * Eigen::Map<const Eigen::VectorXd>(state.b.data(), z.cols()));
                                for (Index i = 0; i < z.rows(); ++i) {
                                  EXPECT_NEAR(predictor()[static_cast<std::size_t>(i)],
                                              predictions.back()[i] + fitted.response_mean, 1e-9);
                                }
                                return true;
                              }),
              Status::converged);
    EXPECT_EQ(blind.solve_path(lambdas,
                               [&](Index k, const State& state, const Solution& solution, const auto& predictor) {
                                 EXPECT_EQ(state.b.empty(), most == 500 || k == 0) << k;
                                 EXPECT_LE(solution.certificate.relative_gap, 1e-9);
                                 const Eigen::VectorXd& expected = predictions[static_cast<std::size_t>(k)];
                                 double away = 0;
                                 for (Index i = 0; i < z.rows(); ++i) {
                                   const double eta = predictor()[static_cast<std::size_t>(i)] - fitted.response_mean;
                                   away += fitted.weights[static_cast<std::size_t>(i)] * (eta - expected[i]) *
                                           (eta - expected[i]);
                                 }
                                 EXPECT_LE(away, 4e-9 * fitted.null_deviance);  // the loss is strongly convex in them
                                 return true;
                               }),
              Status::converged);
  }
}

}  // namespace
}  // namespace riata
