#include <gtest/gtest.h>

#include <cmath>

#include "riata/app/run.hpp"
#include "riata/data/make_column.hpp"
#include "riata/solver/separation.hpp"

namespace riata {
namespace {

/// Counts of (x, class): 30 of (0, no), 10 of (0, yes), 12 of (1, no), 25 of (1, yes).
Table two_by_two() {
  std::vector<double> x;
  std::vector<std::string> y;
  const auto add = [&](int count, double value, const char* label) {
    x.insert(x.end(), static_cast<std::size_t>(count), value);
    y.insert(y.end(), static_cast<std::size_t>(count), label);
  };
  add(30, 0, "no");
  add(10, 0, "yes");
  add(12, 1, "no");
  add(25, 1, "yes");
  std::vector<Column> columns;
  columns.push_back(make_column("x", x));
  columns.push_back(make_column("y", y));
  return make_table(std::move(columns));
}

FitSpec spec_of(PenaltyChoice penalty) {
  FitSpec spec;
  spec.target = "y";
  spec.penalty = penalty;
  spec.folds = 0;
  spec.tolerance = 1e-12;
  return spec;
}

TEST(RunLogistic, OneBinaryColumnIsTheLogOddsRatio) {
  const Model model = run_fit(spec_of(PenaltyChoice::none), two_by_two(), Context(1)).model;
  EXPECT_EQ(model.classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_NEAR(model.path[0].intercept, std::log(10.0 / 30), 1e-10);
  EXPECT_NEAR(model.path[0].coefficients->values.at(0), std::log(25.0 / 12) - std::log(10.0 / 30), 1e-10);
}

TEST(RunLogistic, WithoutFeaturesTheInterceptIsTheLogOdds) {
  FitSpec spec = spec_of(PenaltyChoice::l1);
  spec.lambdas = {10};
  const Model model = run_fit(spec, two_by_two(), Context(1)).model;
  EXPECT_NEAR(model.path[0].intercept, std::log(35.0 / 42), 1e-12);
  EXPECT_EQ(model.path[0].n_nonzero, 0);
}

TEST(RunLogistic, CriteriaTakeTheDevianceItself) {
  FitSpec spec = spec_of(PenaltyChoice::l1);
  spec.select = SelectionRule::bic;
  const Model model = run_fit(spec, two_by_two(), Context(1)).model;
  // One column that matters: BIC takes the λ with the least deviance among those with one coefficient.
  EXPECT_EQ(model.selected->index, std::ssize(model.path) - 1);
}

TEST(RunLogistic, ProbabilitiesAreThoseOfTheLink) {
  FitSpec spec = spec_of(PenaltyChoice::l2);
  spec.lambdas = {0.1};
  const Model model = run_fit(spec, two_by_two(), Context(1)).model;
  const Table table = two_by_two();
  PredictSpec link;
  link.type = PredictionType::link;
  const Predictions out = run_predict(link, model, table, Context(1));
  ASSERT_EQ(out.columns.size(), 3u);
  EXPECT_EQ(out.columns[2].name, "probability_yes");
  for (std::size_t i = 0; i < 77; ++i) {
    EXPECT_NEAR(out.columns[2].numbers[i], 1 / (1 + std::exp(-out.columns[0].numbers[i])), 1e-14);
    EXPECT_NEAR(out.columns[1].numbers[i] + out.columns[2].numbers[i], 1, 1e-14);
  }
}

TEST(RunLogistic, FoldsHoldBothClasses) {
  FitSpec spec = spec_of(PenaltyChoice::l1);
  spec.folds = 5;
  spec.measure = MeasureChoice::auc;
  const Model model = run_fit(spec, two_by_two(), Context(1)).model;
  ASSERT_TRUE(model.cross_validation);
  EXPECT_EQ(model.cross_validation->measure, "auc");
  for (const double value : model.cross_validation->mean) EXPECT_TRUE(value >= 0.5 && value <= 1) << value;
}

}  // namespace
}  // namespace riata
