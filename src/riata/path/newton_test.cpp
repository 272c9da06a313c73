#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Data {
  Index n, p;
  std::vector<double> x, y, weights, offset, factor, lower, upper;
  Problem problem;
};

Data random_data(Index n, Index p, double correlation, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Data data{n, p, std::vector<double>(static_cast<std::size_t>(n * p)), {}, {}, {}, {}, {}, {}, {}};
  for (Index i = 0; i < n; ++i) {
    const double common = normal(generator);
    double signal = 0;
    for (Index j = 0; j < p; ++j) {
      const double scale = std::exp(static_cast<double>(j % 5));
      const double value = std::sqrt(correlation) * common + std::sqrt(1 - correlation) * normal(generator);
      data.x[static_cast<std::size_t>(j * n + i)] = scale * value + 3;
      if (j < 8) signal += j % 2 == 0 ? value : -value;
    }
    data.y.push_back(10 + signal + 0.5 * normal(generator));
    data.weights.push_back(i % 7 == 0 ? 0.0 : 0.5 + static_cast<double>(i % 3));
    data.offset.push_back(0.1 * normal(generator));
  }
  for (Index j = 0; j < p; ++j) {
    data.factor.push_back(j == 1 ? 0.0 : j == 4 ? kInfinity : 0.5 + static_cast<double>(j % 4));
    data.lower.push_back(j % 6 == 0 ? 0.0 : j % 6 == 1 ? -0.02 : -kInfinity);
    data.upper.push_back(j % 5 == 0 ? 0.05 : kInfinity);
  }
  std::vector<const double*> columns;
  for (Index j = 0; j < p; ++j) columns.push_back(data.x.data() + j * n);
  data.problem.design = dense_columns<double>(columns, n, nullptr);
  data.problem.loss = loss_by_name("squared");
  return data;
}

/// Newton and coordinate descent are two ways to the same numbers.
void expect_same_as_coordinate_descent(const Problem& problem, const PenaltySpec& penalty) {
  const Context context(2);
  GridSpec grid;
  grid.n_lambdas = 30;
  grid.min_ratio = 1e-3;
  const auto lambdas = lambda_grid(problem, penalty, grid, context);
  PathOptions newton, descent;
  newton.solver = SolverKind::newton;
  descent.solver = SolverKind::coordinate_descent;
  newton.tolerance = descent.tolerance = 1e-12;
  const Path a = fit_path(problem, penalty, lambdas, newton, context);
  const Path b = fit_path(problem, penalty, lambdas, descent, context);
  ASSERT_EQ(a.points.size(), lambdas.size());
  EXPECT_EQ(a.status, Status::converged);
  for (std::size_t k = 0; k < a.points.size(); ++k) {
    EXPECT_LT(a.points[k].certificate.relative_gap, 1e-12) << k;
    EXPECT_LT(a.points[k].certificate.kkt_violation, 1e-12) << k;
    EXPECT_NEAR(a.points[k].objective, b.points[k].objective, 1e-10 * std::abs(b.points[k].objective)) << k;
    EXPECT_NEAR(a.points[k].intercept, b.points[k].intercept, 1e-6) << k;
    EXPECT_NEAR(a.points[k].degrees_of_freedom, b.points[k].degrees_of_freedom, 1e-6) << k;
    EXPECT_EQ(a.points[k].coefficients.indices, b.points[k].coefficients.indices) << k;
  }
}

TEST(Newton, EqualsCoordinateDescent) {
  for (const auto& [n, p] : {std::pair<Index, Index>{120, 30}, {40, 150}}) {
    for (const PenaltySpec& penalty : {PenaltySpec{"l1", 1.0}, PenaltySpec{"elastic-net", 0.4}}) {
      for (const bool intercept : {true, false}) {
        for (const bool standardize : {true, false}) {
          Data data = random_data(n, p, 0.4, 11);
          data.problem.response = data.y;
          data.problem.intercept = intercept;
          data.problem.standardize = standardize;
          expect_same_as_coordinate_descent(data.problem, penalty);
          data.problem.weights = data.weights;
          data.problem.offset = data.offset;
          data.problem.penalty_factor = data.factor;
          data.problem.lower = data.lower;
          data.problem.upper = data.upper;
          expect_same_as_coordinate_descent(data.problem, penalty);
        }
      }
    }
  }
}

TEST(Newton, TheSameBytesForAnyNumberOfThreads) {
  Data data = random_data(60, 400, 0.6, 5);
  data.problem.response = data.y;
  const PenaltySpec penalty{"l1", 1.0};
  const auto lambdas = lambda_grid(data.problem, penalty, {}, Context(1));
  const Path one = fit_path(data.problem, penalty, lambdas, {}, Context(1));
  EXPECT_EQ(one.solver, "newton");
  for (const int threads : {2, 3}) {
    const Path more = fit_path(data.problem, penalty, lambdas, {}, Context(threads));
    for (std::size_t k = 0; k < one.points.size(); ++k) {
      EXPECT_EQ(one.points[k].coefficients.values, more.points[k].coefficients.values);
      EXPECT_EQ(one.points[k].certificate.relative_gap, more.points[k].certificate.relative_gap);
    }
  }
}

TEST(Newton, DuplicatedAndConstantColumnsDoNotCycle) {
  Data data = random_data(50, 60, 0.999, 3);
  for (Index j = 30; j < 60; ++j) {  // twins; column 59 constant
    std::copy_n(data.x.begin() + (j - 30) * 50, 50, data.x.begin() + j * 50);
  }
  std::fill_n(data.x.begin() + 59 * 50, 50, 7.0);
  data.problem.response = data.y;
  const PenaltySpec penalty{"l1", 1.0};
  GridSpec grid;
  grid.min_ratio = 1e-6;
  const auto lambdas = lambda_grid(data.problem, penalty, grid, Context(1));
  PathOptions options;
  options.tolerance = 1e-10;
  const Path path = fit_path(data.problem, penalty, lambdas, options, Context(1));
  EXPECT_EQ(path.status, Status::converged);
  for (const PathPoint& point : path.points) EXPECT_LT(point.certificate.relative_gap, 1e-10);
}

}  // namespace
}  // namespace riata
