#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cases.hpp"

namespace riata::reference {
namespace {

using nlohmann::json;

constexpr double kAgreement = 1e-6;  // of the largest coefficient

std::vector<double> dense(const PathPoint& point, Index p) {
  std::vector<double> beta(static_cast<std::size_t>(p));
  for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k) {
    beta[static_cast<std::size_t>(point.coefficients.indices[k])] = point.coefficients.values[k];
  }
  return beta;
}

/// Largest differences of the listed coefficients as shares of the largest one: as they are, and times their scale.
struct Distance {
  double original = 0, standardized = 0;
};

Distance distance(const std::vector<double>& beta, const std::vector<double>& scale, const json& want) {
  std::vector<double> difference = beta;
  const bool complete = want["complete"];
  std::vector<char> listed(beta.size(), complete);
  for (std::size_t k = 0; k < want["indices"].size(); ++k) {
    const auto j = want["indices"][k].get<std::size_t>();
    difference[j] -= want["values"][k].get<double>();
    listed[j] = 1;
  }
  Distance out;
  for (std::size_t j = 0; j < beta.size(); ++j) {
    if (!listed[j]) continue;
    out.original = std::max(out.original, std::abs(difference[j]));
    out.standardized = std::max(out.standardized, std::abs(difference[j]) * scale[j]);
  }
  const double tiny = std::numeric_limits<double>::min();
  out.original /= std::max(want["largest"].get<double>(), tiny);
  out.standardized /= std::max(want["largest_standardized"].get<double>(), tiny);
  return out;
}

/// η at the eight recorded rows, from the coefficients alone.
std::vector<double> linear_predictor(const Case& c, const Context& context, const PathPoint& point, const json& rows) {
  const Index n = c.problem.design->rows();
  std::vector<double> eta(static_cast<std::size_t>(n), point.intercept), out;
  const auto& [indices, values] = point.coefficients;
  c.problem.design->multiply(indices, {values.data(), static_cast<Index>(values.size()), 1}, {eta.data(), n, 1}, {},
                             context);
  for (const json& row : rows) {
    const auto i = row.get<std::size_t>();
    out.push_back(eta[i] + (c.offset.empty() ? 0.0 : c.offset[i]));
  }
  return out;
}

void compare(const Case& c, const PathPoint& point, const std::vector<double>& scale, const json& want, const json& rows,
             double y_scale, const Context& context) {
  SCOPED_TRACE(fmt::format("{}, lambda {}", c.title, point.lambda));
  EXPECT_EQ(point.status, Status::converged);
  EXPECT_LE(point.certificate.relative_gap, 1e-11);
  EXPECT_NEAR(point.objective, want["objective"].get<double>(), 1e-10 * want["objective"].get<double>());
  EXPECT_NEAR(point.deviance_ratio, want["deviance_ratio"].get<double>(), 1e-9);
  const std::vector<double> eta = linear_predictor(c, context, point, rows);
  for (std::size_t k = 0; k < eta.size(); ++k)
    EXPECT_NEAR(eta[k], want["linear_predictor"][k].get<double>(), 1e-6 * y_scale);
  if (!want["unique"].get<bool>()) return;
  const Distance far = distance(dense(point, c.problem.design->cols()), scale, want);
  EXPECT_LE(far.original, kAgreement);
  EXPECT_LE(far.standardized, kAgreement);
  // Ridge has zeros by bounds alone: at twin columns (x and 1 − x) rounding decides which of the two they are.
  if (c.penalty.effective_l1_ratio() > 0) {
    EXPECT_EQ(point.n_nonzero, want["n_nonzero"].get<Index>());
  }
}

class Reference : public ::testing::TestWithParam<std::string> {};

TEST_P(Reference, FitPathAgrees) {
  const json cases = read_cases("cases", GetParam());
  if (data_file(cases["data"]).empty()) GTEST_SKIP() << kNoData;
  const Context context;
  const Dataset data = read_data(cases["data"], context);
  ASSERT_EQ(data.design->rows(), cases["data"]["n_samples"].get<Index>());
  ASSERT_EQ(data.design->cols(), cases["data"]["n_features"].get<Index>());
  if (!cases["data"]["features"].empty()) {
    EXPECT_EQ(json(data.feature_names), cases["data"]["features"]);
  }
  double y_scale = 0;
  for (const double y : data.response.values) y_scale = std::max(y_scale, std::abs(y));
  PathOptions options;
  options.tolerance = 1e-13;  // coefficients are as exact as the root of the gap
  for (const json& item : cases["cases"]) {
    const Case c(data, item);
    const Path path = fit_path(c.problem, c.penalty, c.lambdas, options, context);
    ASSERT_EQ(path.points.size(), c.lambdas.size());
    for (std::size_t k = 0; k < path.points.size(); ++k) {
      compare(c, path.points[k], path.scale, item["points"][k], cases["data"]["rows"], y_scale, context);
    }
  }
}

class LogisticReference : public ::testing::TestWithParam<std::string> {};

TEST_P(LogisticReference, FitPathAgrees) {
  const json cases = read_cases("logistic", GetParam());
  if (data_file(cases["data"]).empty()) GTEST_SKIP() << kNoData;
  const Context context;
  const Dataset data = read_data(cases["data"], context);
  PathOptions options;
  options.tolerance = 1e-12;
  for (const json& item : cases["cases"]) {
    const Case c(data, item, cases["data"]["threshold"]);
    const Path path = fit_path(c.problem, c.penalty, c.lambdas, options, context);
    ASSERT_EQ(path.points.size(), c.lambdas.size());
    for (std::size_t k = 0; k < path.points.size(); ++k) {
      const PathPoint& point = path.points[k];
      const json& want = item["points"][k];
      SCOPED_TRACE(fmt::format("{}, lambda {}", c.title, point.lambda));
      EXPECT_LE(point.certificate.relative_gap, 1e-11);
      EXPECT_NEAR(point.objective, want["objective"].get<double>(), 1e-11);
      if (!want["unique"].get<bool>()) continue;
      const Distance far = distance(dense(point, c.problem.design->cols()), path.scale, want);
      EXPECT_LE(far.original, kAgreement);
      EXPECT_LE(far.standardized, kAgreement);
      EXPECT_NEAR(point.intercept, want["intercept"].get<double>(), 1e-6 * (1 + std::abs(point.intercept)));
      if (c.penalty.effective_l1_ratio() > 0) {
        EXPECT_EQ(point.n_nonzero, want["n_nonzero"].get<Index>());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, LogisticReference, ::testing::ValuesIn(case_files("logistic")), name_of);

INSTANTIATE_TEST_SUITE_P(Sets, Reference, ::testing::ValuesIn(case_files("cases")), name_of);

}  // namespace
}  // namespace riata::reference
