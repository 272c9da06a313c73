#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"

namespace riata {
namespace {

struct Data {
  std::vector<std::vector<double>> columns;
  std::vector<double> y, weights = {}, offset = {}, factor = {}, lower = {}, upper = {};
  bool intercept = true, standardize = true;

  Problem problem() const {
    std::vector<const double*> pointers;
    for (const auto& column : columns) pointers.push_back(column.data());
    Problem problem;
    problem.design = dense_columns<double>(pointers, static_cast<Index>(y.size()), nullptr);
    problem.loss = loss_by_name("squared");
    problem.response = y;
    problem.weights = weights;
    problem.offset = offset;
    problem.penalty_factor = factor;
    problem.lower = lower;
    problem.upper = upper;
    problem.intercept = intercept;
    problem.standardize = standardize;
    return problem;
  }
};

PathOptions tight() {
  PathOptions options;
  options.tolerance = 1e-12;
  return options;
}

Path fit(const Data& data, const PenaltySpec& penalty, std::vector<double> lambdas, PathOptions options = {}) {
  return fit_path(data.problem(), penalty, lambdas, options, Context(1));
}

double coefficient(const PathPoint& point, Index j) {
  for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k) {
    if (point.coefficients.indices[k] == j) return point.coefficients.values[k];
  }
  return 0.0;
}

const Data kLine{{{-1, 0, 1}}, {-1, 0, 1}, {}, {}, {}, {}, {}, true, false};

TEST(FitPath, TheLineOfTheDocumentation) {
  const Path path = fit(kLine, {"l1"}, {1.0, 0.5, 0.1});
  EXPECT_EQ(coefficient(path.points[0], 0), 0.0);
  EXPECT_NEAR(coefficient(path.points[1], 0), 0.25, 1e-15);
  EXPECT_NEAR(coefficient(path.points[2], 0), 0.85, 1e-15);
  EXPECT_NEAR(path.lambda_max, 2.0 / 3.0, 1e-12);
  EXPECT_NEAR(path.points[1].objective, (0.75 * 0.75 * 2) / 6 + 0.5 * 0.25, 1e-15);
  EXPECT_EQ(path.status, Status::converged);
}

TEST(FitPath, AnOrthogonalDesignIsSoftThresholded) {
  const Data data{{{1, 1, -1, -1}, {1, -1, 1, -1}, {1, -1, -1, 1}}, {3, 1, -1, -2}};
  const double rho = 0.3, lambda = 0.4;
  const Path path = fit(data, {"elastic-net", rho}, {lambda});
  for (Index j = 0; j < 3; ++j) {
    double c = 0;
    for (std::size_t i = 0; i < 4; ++i) c += data.columns[static_cast<std::size_t>(j)][i] * data.y[i] / 4;
    const double expected = std::copysign(std::max(0.0, std::abs(c) - lambda * rho), c) / (1 + lambda * (1 - rho));
    EXPECT_NEAR(coefficient(path.points[0], j), expected, 1e-15);
  }
  EXPECT_NEAR(path.points[0].intercept, 0.25, 1e-15);
}

TEST(FitPath, BoundsHoldAndAreCertified) {
  Data data = kLine;
  data.upper = {0.5};
  Path path = fit(data, {"l1"}, {0.1});
  EXPECT_EQ(coefficient(path.points[0], 0), 0.5);
  EXPECT_LE(path.points[0].certificate.relative_gap, 1e-14);
  EXPECT_LE(path.points[0].certificate.kkt_violation, 1e-14);
  data.upper = {0.0};
  path = fit(data, {"l1"}, {0.1});
  EXPECT_TRUE(path.points[0].coefficients.indices.empty());
  EXPECT_EQ(path.lambda_max, 0.0);
}

TEST(FitPath, LambdaZeroAndUnpenalisedColumnsAreLeastSquares) {
  Data data{{{1, 2, 3, 4, 6}, {1, 0, 2, 1, 5}}, {2, 3, 5, 4, 9}};
  const Path at_zero = fit(data, {"l1"}, {0.0}, tight());
  data.factor = {0.0, 0.0};
  const Path unpenalised = fit(data, {"elastic-net", 0.5}, {3.0}, tight());
  const Path none = fit(data, {"none"}, {0.0}, tight());
  for (const auto& column : data.columns) {  // the residual is orthogonal to every column
    double product = 0;
    for (std::size_t i = 0; i < data.y.size(); ++i) {
      const double eta = none.points[0].intercept + coefficient(none.points[0], 0) * data.columns[0][i] +
                         coefficient(none.points[0], 1) * data.columns[1][i];
      product += column[i] * (data.y[i] - eta);
    }
    EXPECT_NEAR(product, 0.0, 1e-12);
  }
  for (Index j = 0; j < 2; ++j) {
    EXPECT_NEAR(coefficient(at_zero.points[0], j), coefficient(none.points[0], j), 1e-12);
    EXPECT_NEAR(coefficient(unpenalised.points[0], j), coefficient(none.points[0], j), 1e-12);
  }
  EXPECT_EQ(at_zero.status, Status::converged);
  EXPECT_LE(none.points[0].certificate.relative_gap, 1e-14);
}

}  // namespace
}  // namespace riata
