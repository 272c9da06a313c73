#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cases.hpp"
#include "riata/selection/selection.hpp"

namespace riata::reference {
namespace {

using nlohmann::json;

/// Two programs' mean squared errors agree to about 1e-8 where their coefficients do to 1e-6 or so (cv.glmnet's do).
constexpr double kMean = 1e-7, kError = 1e-6;

Folds repeated_folds(const json& cycle, Index n) {
  Folds folds;
  for (Index i = 0; i < n; ++i) folds.validation.push_back(cycle[static_cast<std::size_t>(i) % cycle.size()]);
  folds.n_folds = 1 + *std::ranges::max_element(folds.validation);
  return folds;
}

void expect_close(const std::vector<double>& got, const json& want, double share, const char* what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (std::size_t k = 0; k < got.size(); ++k) {
    EXPECT_NEAR(got[k], want[k].get<double>(), share * std::abs(want[k].get<double>())) << what << " " << k;
  }
}

class Selection : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    cases = read_cases("selection", GetParam());
    if (data_file(cases["data"]).empty()) GTEST_SKIP() << kNoData;
    data = read_data(cases["data"], context);
    options.tolerance = 1e-12;
  }

  Context context;
  json cases;
  Dataset data;
  PathOptions options;
};

TEST_P(Selection, CrossValidationAgrees) {
  const Folds folds = repeated_folds(cases["folds"], data.design->rows());
  for (const json& item : cases["cross_validations"]) {
    SCOPED_TRACE(fmt::format("{}, {}{}", item["program"].get<std::string>(), item["penalty"].get<std::string>(),
                             item.contains("weights") ? ", weights" : ""));
    const Case c(data, item);
    const CrossValidation cv = cross_validate(c.problem, c.penalty, c.lambdas, folds, options, {}, context);
    EXPECT_EQ(cv.status, Status::converged);
    expect_close(cv.mean, item["mean"], kMean, "mean");
    expect_close(cv.standard_error, item["standard_error"], kError, "standard error");
    EXPECT_EQ(cv.index_min, item["index_min"].get<Index>());
    EXPECT_EQ(cv.index_1se, item["index_1se"].get<Index>());
    if (!item.contains("fold_mean")) continue;
    for (std::size_t k = 0; k < cv.fold_mean.size(); ++k) expect_close(cv.fold_mean[k], item["fold_mean"][k], kMean, "fold");
  }
}

TEST_P(Selection, GridsAgree) {
  for (const json& item : cases["grids"]) {
    SCOPED_TRACE(fmt::format("{}, l1_ratio {}", item["program"].get<std::string>(), item["l1_ratio"].get<double>()));
    const Case c(data, item);
    GridSpec grid;
    grid.n_lambdas = 100;
    grid.min_ratio = item["min_ratio"].get<double>();
    const std::vector<double> lambdas = lambda_grid(c.problem, c.penalty, grid, context);
    const std::vector<double> begin(lambdas.begin(), lambdas.begin() + static_cast<std::ptrdiff_t>(item["lambdas"].size()));
    expect_close(begin, item["lambdas"], 1e-11, "lambda");
  }
}

TEST_P(Selection, LeaveOneOutErrorsAgree) {
  const json item = {
      {"penalty", "l2"}, {"l1_ratio", 0.0}, {"standardize", false}, {"lambdas", cases["leave_one_out"]["lambdas"]}};
  const Case c(data, item);
  PathOptions own = options;
  own.leave_one_out = LeaveOneOut::errors;
  const Path path = fit_path(c.problem, c.penalty, c.lambdas, own, context);
  std::vector<double> errors;
  for (const PathPoint& point : path.points) errors.push_back(point.leave_one_out_error.value_or(-1));
  expect_close(errors, cases["leave_one_out"]["errors"], 1e-8, "leave-one-out error");
}

INSTANTIATE_TEST_SUITE_P(Sets, Selection, ::testing::ValuesIn(case_files("selection")), name_of);

}  // namespace
}  // namespace riata::reference
