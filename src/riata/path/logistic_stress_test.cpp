#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"

// Designs on which active-set methods are known to cycle: every λ must end converged, within the solver's bounded rounds.
namespace riata {
namespace {

using Columns = std::vector<std::vector<double>>;

struct Labelled {
  Columns x;
  std::vector<double> y;
};

/// Columns that share a common part: pairwise correlation `share`.
Labelled correlated(std::size_t n, std::size_t p, double share, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<double> common(n);
  for (double& value : common) value = normal(generator);
  Labelled data;
  for (std::size_t j = 0; j < p; ++j) {
    auto& column = data.x.emplace_back();
    for (std::size_t i = 0; i < n; ++i) {
      column.push_back(std::sqrt(share) * common[i] + std::sqrt(1 - share) * normal(generator));
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double eta = 0.3 + 2 * data.x[0][i] - 2 * data.x[1][i];
    data.y.push_back(uniform(generator) < 1 / (1 + std::exp(-eta)) ? 1 : 0);
  }
  return data;
}

/// A view: `data` must live as long.
Problem problem_of(const Labelled& data) {
  std::vector<const double*> columns;
  for (const auto& column : data.x) columns.push_back(column.data());
  Problem problem;
  problem.design = dense_columns<double>(columns, static_cast<Index>(data.y.size()), nullptr);
  problem.loss = loss_by_name("logistic");
  problem.response = data.y;
  return problem;
}

void expect_converged(const Labelled& data, const PenaltySpec& penalty, double ratio) {
  const Problem problem = problem_of(data);
  const Context context(1);
  GridSpec grid;
  grid.min_ratio = ratio;
  grid.n_lambdas = 40;
  PathOptions options;
  options.tolerance = 1e-9;
  const Path path = fit_path(problem, penalty, lambda_grid(problem, penalty, grid, context), options, context);
  EXPECT_EQ(path.status, Status::converged);
  for (const PathPoint& point : path.points) {
    EXPECT_EQ(point.status, Status::converged) << "λ = " << point.lambda;
    EXPECT_LE(point.certificate.relative_gap, 1e-9) << "λ = " << point.lambda;
  }
}

TEST(LogisticStress, SaturatedAndNearlySeparated) { expect_converged(correlated(40, 300, 0.3, 1), {"l1", 1}, 1e-4); }
TEST(LogisticStress, Equicorrelated) { expect_converged(correlated(60, 200, 0.999, 2), {"l1", 1}, 1e-3); }
TEST(LogisticStress, EquicorrelatedElasticNet) {
  expect_converged(correlated(60, 200, 0.999, 3), {"elastic-net", 0.5}, 1e-3);
}

TEST(LogisticStress, DuplicatedAndConstantColumns) {
  Labelled data = correlated(50, 40, 0.3, 4);
  const Columns once = data.x;
  data.x.insert(data.x.end(), once.begin(), once.end());
  data.x.emplace_back(50, 3.0);
  data.x.emplace_back(50, 0.0);
  expect_converged(data, {"l1", 1}, 1e-3);
  expect_converged(data, {"elastic-net", 0.7}, 1e-3);
}

TEST(LogisticStress, RareClass) {
  Labelled data = correlated(200, 30, 0.5, 5);
  for (std::size_t i = 2; i < data.y.size(); ++i) data.y[i] = 0;
  data.y[0] = data.y[1] = 1;
  expect_converged(data, {"l1", 1}, 1e-4);
}

/// A factor whose quotients overflow: the path ends, whatever its status.
TEST(LogisticStress, FactorNearTheSmallestNumber) {
  const Labelled data = correlated(40, 4, 0.3, 6);
  const std::vector<double> factors{1e-310, 1, 1, 1};
  std::vector<const double*> columns;
  for (const auto& column : data.x) columns.push_back(column.data());
  Problem problem;
  problem.design = dense_columns<double>(columns, 40, nullptr);
  problem.loss = loss_by_name("logistic");
  problem.response = data.y;
  problem.penalty_factor = factors;
  const Context context(1);
  EXPECT_EQ(fit_path(problem, {"l1", 1}, std::vector{0.1, 0.01}, {}, context).points.size(), 2U);
}

// The certificate is that of η, so η must be what the coefficients make: it may not drift from λ to λ.
TEST(LogisticStress, TheCertifiedPredictorIsThatOfTheCoefficientsToTheEndOfAPath) {
  const Labelled data = correlated(1500, 40, 0.5, 5);
  const Problem problem = problem_of(data);
  const Context context(1);
  GridSpec grid;
  grid.min_ratio = 1e-4;
  grid.n_lambdas = 200;
  double worst = 0;
  const auto visit = [&](Index, const PathPoint& point, const LinearPredictor& eta) {
    const std::span<const double> certified = eta();
    const auto& [indices, values] = point.coefficients;
    for (std::size_t i = 0; i < certified.size(); ++i) {
      long double exact = point.intercept, size = std::abs(exact);
      for (std::size_t k = 0; k < indices.size(); ++k) {
        const long double term = static_cast<long double>(data.x[static_cast<std::size_t>(indices[k])][i]) * values[k];
        exact += term;
        size += std::abs(term);
      }
      worst = std::max(worst, static_cast<double>(std::abs(certified[i] - exact) / size));
    }
    return true;
  };
  const PenaltySpec lasso{"l1", 1.0};
  (void)fit_path(problem, lasso, lambda_grid(problem, lasso, grid, context), {}, context, visit);
  EXPECT_GT(worst, 0);
  EXPECT_LE(worst, 64 * std::numeric_limits<double>::epsilon());
}

}  // namespace
}  // namespace riata
