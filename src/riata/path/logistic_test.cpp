#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <random>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"

namespace riata {
namespace {

struct Data {
  Eigen::MatrixXd x;
  Eigen::VectorXd y, weights, offset;
  std::vector<double> factor, lower, upper;
  Problem problem;
};

std::span<const double> span_of(const Eigen::VectorXd& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

Data random_data(Index n, Index p, unsigned seed, bool everything) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Data data{Eigen::MatrixXd(n, p), Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n), {}, {}, {}, {}};
  for (Index i = 0; i < n; ++i) {
    const double common = normal(generator);
    for (Index j = 0; j < p; ++j) data.x(i, j) = (1.0 + static_cast<double>(j % 3)) * (0.5 * common + normal(generator)) + 1;
    const double eta = 0.5 + data.x(i, 0) - data.x(i, 1) + 0.5 * data.x(i, 2);
    data.y(i) = uniform(generator) < 1 / (1 + std::exp(-eta)) ? 1 : 0;
    data.weights(i) = i % 6 == 0 ? 0.0 : 0.5 + static_cast<double>(i % 3);
    data.offset(i) = 0.3 * normal(generator);
  }
  for (Index j = 0; j < p; ++j) {
    data.factor.push_back(j == 1 ? 0.0 : 0.5 + static_cast<double>(j % 3));
    data.lower.push_back(j % 4 == 0 ? 0.0 : -0.3);
    data.upper.push_back(j % 5 == 0 ? 0.1 : 2.0);
  }
  std::vector<const double*> columns;
  for (Index j = 0; j < p; ++j) columns.push_back(data.x.col(j).data());
  data.problem.design = dense_columns<double>(columns, n, nullptr);
  data.problem.loss = loss_by_name("logistic");
  if (!everything) {
    data.weights.setOnes();
    data.offset.setZero();
  }
  return data;
}

void attach(Data& data, bool everything) {
  data.problem.response = span_of(data.y);
  if (!everything) return;
  data.problem.weights = span_of(data.weights);
  data.problem.offset = span_of(data.offset);
  data.problem.penalty_factor = data.factor;
  data.problem.lower = data.lower;
  data.problem.upper = data.upper;
}

/// The optimality conditions on the original scale, from the textbook formulas.
double violation(const Data& data, const Path& path, const PathPoint& point, double l1_ratio, bool everything) {
  const Index n = data.x.rows();
  const Eigen::VectorXd w = data.weights / data.weights.sum();
  Eigen::VectorXd eta = data.offset.array() + point.intercept;
  std::vector<double> beta(static_cast<std::size_t>(data.x.cols()), 0.0);
  for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k) {
    beta[static_cast<std::size_t>(point.coefficients.indices[k])] = point.coefficients.values[k];
    eta += point.coefficients.values[k] * data.x.col(point.coefficients.indices[k]);
  }
  Eigen::VectorXd pull(n);
  for (Index i = 0; i < n; ++i) pull(i) = w(i) * (data.y(i) - 1 / (1 + std::exp(-eta(i))));
  double worst = data.problem.intercept ? std::abs(pull.sum()) : 0.0;
  for (Index j = 0; j < data.x.cols(); ++j) {
    const auto k = static_cast<std::size_t>(j);
    const double s = path.scale[k], f = everything ? data.factor[k] : 1.0;
    const double l1 = point.lambda * l1_ratio * f * s, l2 = point.lambda * (1 - l1_ratio) * f * s * s;
    const double g = data.x.col(j).dot(pull) - l2 * beta[k];
    double low = beta[k] > 0 ? l1 : -l1, high = beta[k] < 0 ? -l1 : l1;
    if (everything && beta[k] >= data.upper[k] * (1 - 1e-12)) high = 1e300;
    if (everything && beta[k] <= data.lower[k] * (1 - 1e-12)) low = -1e300;
    worst = std::max({worst, (low - g) / s, (g - high) / s});
  }
  return worst;
}

TEST(LogisticPath, EveryPointIsOptimalByTheTextbook) {
  for (const auto& [n, p] : {std::pair<Index, Index>{150, 12}, {50, 90}}) {
    for (const PenaltySpec& penalty : {PenaltySpec{"l1", 1}, PenaltySpec{"elastic-net", 0.3}, PenaltySpec{"l2", 0}}) {
      for (const bool everything : {false, true}) {
        for (const bool intercept : {true, false}) {
          Data data = random_data(n, p, 3, everything);
          attach(data, everything);
          data.problem.intercept = intercept;
          GridSpec grid;
          grid.n_lambdas = 15;
          grid.min_ratio = 1e-2;
          const Context context(2);
          PathOptions options;
          options.tolerance = 1e-10;
          const auto lambdas = lambda_grid(data.problem, penalty, grid, context);
          const Path path = fit_path(data.problem, penalty, lambdas, options, context);
          ASSERT_EQ(path.points.size(), lambdas.size());
          EXPECT_EQ(path.status, Status::converged);
          for (const PathPoint& point : path.points) {
            EXPECT_LE(point.certificate.relative_gap, 1e-10);
            EXPECT_LT(violation(data, path, point, penalty.effective_l1_ratio(), everything), 1e-10)
                << penalty.name << " " << n << " " << p << " " << everything << " λ = " << point.lambda;
          }
          if (penalty.name == "l1" && !everything) {
            EXPECT_EQ(path.points.front().n_nonzero, 0);
            EXPECT_GT(path.points[2].n_nonzero, 0);
          }
        }
      }
    }
  }
}

TEST(LogisticPath, TheNullModelIsTheLogOdds) {
  Data data = random_data(80, 3, 5, false);
  attach(data, false);
  const double lambdas[] = {1e3};
  const Path path = fit_path(data.problem, {"l1", 1}, lambdas, {}, Context(1));
  const double share = data.y.mean();
  EXPECT_NEAR(path.points[0].intercept, std::log(share / (1 - share)), 1e-12);
  EXPECT_NEAR(path.null_deviance, -2 * (share * std::log(share) + (1 - share) * std::log1p(-share)), 1e-12);
}

TEST(LogisticPath, LambdaMaxKnowsOffsetAndUnpenalisedColumns) {
  Data data = random_data(90, 8, 4, true);
  attach(data, true);
  data.problem.lower = data.problem.upper = {};
  const auto lambdas = lambda_grid(data.problem, {"l1", 1}, {}, Context(1));
  const double around[] = {1.001 * lambdas.front(), 0.99 * lambdas.front()};
  const Path path = fit_path(data.problem, {"l1", 1}, around, {}, Context(1));
  EXPECT_EQ(path.points[0].coefficients.indices, std::vector<Index>{1});
  EXPECT_EQ(path.points[1].coefficients.indices.size(), 2U);
}

TEST(LogisticPath, OffsetsWhereProbabilitiesUnderflow) {
  for (const double mean : {0.0, 2000.0}) {
    for (const double spread : {800.0, 3000.0}) {
      Data data = random_data(50, 3, 12, false);
      for (Index i = 0; i < 50; ++i) data.offset(i) = mean + spread * std::sin(static_cast<double>(3 * i * i));
      attach(data, false);
      data.problem.offset = span_of(data.offset);
      const double lambda[] = {0.05};
      for (const double ratio : {0.0, 0.5, 1.0}) {
        const Path path = fit_path(data.problem, {"elastic-net", ratio}, lambda, {}, Context(1));
        EXPECT_TRUE(std::isfinite(path.null_deviance));
        EXPECT_EQ(path.points[0].status, Status::converged) << mean << ' ' << spread << ' ' << ratio;
        EXPECT_LT(violation(data, path, path.points[0], ratio, false), 1e-4) << mean << ' ' << spread << ' ' << ratio;
      }
    }
  }
}

TEST(LogisticPath, TheSameBytesForAnyNumberOfThreads) {
  Data data = random_data(60, 200, 8, false);
  attach(data, false);
  const auto lambdas = lambda_grid(data.problem, {"l1", 1}, {}, Context(1));
  const Path one = fit_path(data.problem, {"l1", 1}, lambdas, {}, Context(1));
  const Path three = fit_path(data.problem, {"l1", 1}, lambdas, {}, Context(3));
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    EXPECT_EQ(one.points[k].coefficients.values, three.points[k].coefficients.values);
  }
}

/// Large enough that several λ advance together; a bound of rounds makes them go one by one.
TEST(LogisticPath, ATallPathIsThatOfTheLambdasOneByOne) {
  Data data = random_data(9000, 130, 9, false);
  attach(data, false);
  GridSpec grid;
  grid.n_lambdas = 30;
  grid.min_ratio = 1e-4;
  const auto lambdas = lambda_grid(data.problem, {"l1", 1}, grid, Context(1));
  const Path together = fit_path(data.problem, {"l1", 1}, lambdas, {}, Context(1));
  const Path three = fit_path(data.problem, {"l1", 1}, lambdas, {}, Context(3));
  PathOptions one_by_one;
  one_by_one.max_iterations = 100;
  const Path single = fit_path(data.problem, {"l1", 1}, lambdas, one_by_one, Context(1));
  ASSERT_EQ(together.points.size(), lambdas.size());
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    EXPECT_EQ(together.points[k].coefficients.values, three.points[k].coefficients.values) << k;
    EXPECT_LT(together.points[k].certificate.relative_gap, 1e-10) << k;
    ASSERT_EQ(together.points[k].coefficients.indices, single.points[k].coefficients.indices) << k;
    for (std::size_t i = 0; i < single.points[k].coefficients.values.size(); ++i) {
      EXPECT_NEAR(together.points[k].coefficients.values[i], single.points[k].coefficients.values[i], 1e-7) << k;
    }
  }
}

TEST(LogisticPath, OneClassIsRefused) {
  Data data = random_data(20, 3, 5, false);
  data.y.setOnes();
  attach(data, false);
  const double lambdas[] = {0.1};
  EXPECT_THROW(fit_path(data.problem, {"l1", 1}, lambdas, {}, Context(1)), Error);
}

}  // namespace
}  // namespace riata
