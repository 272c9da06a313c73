#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "riata/app/run.hpp"
#include "riata/app/train.hpp"
#include "riata/core/error.hpp"
#include "riata/data/folds.hpp"

namespace riata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kRows = 45, kFolds = 3;
constexpr Index kEpochs = 40;

/// Some rows of a = sin, b = cos and the target y = unit · (a·b + a + noise).
Table rows_of(const std::vector<int>& rows, double unit = 1) {
  auto values = std::make_shared<std::vector<double>>();
  for (int column = 0; column < 3; ++column) {
    for (const int i : rows) {
      const double a = std::sin(1.7 * i), b = std::cos(0.9 * i * i);
      values->push_back(column == 0 ? a : column == 1 ? b : unit * (a * b + a + 0.4 * std::cos(5.1 * i)));
    }
  }
  Table table;
  table.source = "t.csv";
  table.rows = std::ssize(rows);
  MatrixBlock block;
  block.rows = table.rows;
  block.cols = 3;
  block.values = values->data();
  block.row_stride = 1;
  block.column_stride = table.rows;
  block.names = {"a", "b", "y"};
  block.owner = values;
  table.matrix = std::move(block);
  return table;
}

std::vector<int> all_rows() {
  std::vector<int> out(kRows);
  for (int i = 0; i < kRows; ++i) out[static_cast<std::size_t>(i)] = i;
  return out;
}

CompareSpec contest_spec() {
  CompareSpec spec;
  spec.target = "y";
  spec.hidden = {6};
  spec.epochs = kEpochs;
  spec.folds = kFolds;
  spec.n_lambdas = 1;
  return spec;
}

/// The losses by epoch of `riata train` on all rows but those of folds j and k, judged on fold k.
std::vector<double> losses_without(Index j, Index k, PenaltyChoice penalty) {
  const Folds folds = random_folds(kRows, kFolds, 0);
  std::vector<int> training, judged;
  for (int i = 0; i < kRows; ++i) {
    const Index of = folds.validation[static_cast<std::size_t>(i)];
    if (of == k) judged.push_back(i);
    if (of != j && of != k) training.push_back(i);
  }
  TrainSpec spec;
  spec.target = "y";
  spec.hidden = {6};
  spec.epochs = kEpochs;
  spec.validation = "judged.csv";
  spec.penalty = penalty;
  if (penalty != PenaltyChoice::none) spec.lambdas = {1};
  TrainInputs inputs;
  inputs.validation = rows_of(judged);
  const TrainFacts facts = run_train(spec, rows_of(training), inputs, {}, Context(1));
  std::vector<double> out;
  for (const EpochRow& row : facts.model.history) out.push_back(row.validation_loss);
  return out;
}

const CompareFacts& contest() {
  static const CompareFacts facts = run_compare(contest_spec(), rows_of(all_rows()), Context(1));
  return facts;
}

TEST(CompareNetworks, AnErrorIsThatOfRiataTrainOnTheOtherFolds) {
  for (const auto& [which, penalty] : {std::pair{0, PenaltyChoice::none}, std::pair{2, PenaltyChoice::l2}}) {
    const Candidate& one = contest().candidates[static_cast<std::size_t>(which)];
    for (Index k = 0; k < kFolds; ++k) {
      const double expected = 2 * losses_without(k, k, penalty).back();
      EXPECT_NEAR(one.fold_errors[static_cast<std::size_t>(k)], expected, 1e-6 * expected) << one.penalty << k;
    }
  }
}

TEST(CompareNetworks, StoppingEarlyTakesTheEpochThatTheOtherFoldsChose) {
  const Candidate& early = contest().candidates[1];
  for (Index k = 0; k < kFolds; ++k) {
    std::vector<double> sum(kEpochs, 0.0);
    for (Index j = 0; j < kFolds; ++j) {
      if (j == k) continue;
      const std::vector<double> losses = losses_without(k, j, PenaltyChoice::none);
      for (std::size_t e = 0; e < sum.size(); ++e) sum[e] += losses[e];
    }
    const auto epoch = std::ranges::min_element(sum) - sum.begin();
    const double expected = 2 * losses_without(k, k, PenaltyChoice::none)[static_cast<std::size_t>(epoch)];
    EXPECT_NEAR(early.fold_errors[static_cast<std::size_t>(k)], expected, 1e-6 * expected) << k;
  }
}

TEST(CompareNetworks, InTimeAFoldIsJudgedByWhatCameBefore) {
  CompareSpec spec = contest_spec();
  spec.folds_in_time = true;
  spec.measure = MeasureChoice::mae;
  const CompareFacts facts = run_compare(spec, rows_of(all_rows()), Context(2));
  ASSERT_EQ(facts.measure, "mae");
  const Folds folds = time_folds(kRows, kFolds);
  for (Index k = 1; k < kFolds; ++k) {
    std::vector<int> before, judged;
    for (int i = 0; i < kRows; ++i) {
      const Index of = folds.validation[static_cast<std::size_t>(i)];
      if (of == k) judged.push_back(i);
      if (of < k) before.push_back(i);
    }
    TrainSpec train;
    train.target = "y";
    train.hidden = {6};
    train.epochs = kEpochs;
    train.validation = "judged.csv";
    train.report = "held-out rows are kept for a page";
    TrainInputs inputs;
    inputs.validation = rows_of(judged);
    const TrainFacts expected = run_train(train, rows_of(before), inputs, {}, Context(1));
    double away = 0;
    for (std::size_t i = 0; i < judged.size(); ++i)
      away += std::abs(expected.rows->observed[i] - expected.rows->predicted[i]) / static_cast<double>(judged.size());
    EXPECT_NEAR(facts.candidates[0].fold_errors[static_cast<std::size_t>(k - 1)], away, 1e-5 * away) << k;
  }
}

TEST(CompareNetworks, OneStandardErrorHoldsBackMore) {
  CompareSpec spec = contest_spec();
  spec.n_lambdas = 6;
  const CompareFacts least = run_compare(spec, rows_of(all_rows()), Context(2));
  spec.select = SelectionRule::one_standard_error;
  const CompareFacts stronger = run_compare(spec, rows_of(all_rows()), Context(2));
  int held_back = 0;
  for (std::size_t c = 1; c < least.candidates.size(); ++c) {
    const Candidate &a = stronger.candidates[c], &b = least.candidates[c];
    EXPECT_TRUE(a.lambda >= b.lambda && a.epochs <= b.epochs) << a.penalty;
    held_back += a.lambda > b.lambda || a.epochs < b.epochs ? 1 : 0;
  }
  EXPECT_GT(held_back, 0);
}

TEST(CompareNetworks, OfAreasUnderTheCurveTheLargestIsTheBest) {
  Table table = rows_of(all_rows());
  const auto* all = static_cast<const double*>(table.matrix->values);
  auto values = std::make_shared<std::vector<double>>(all, all + 3 * kRows);
  for (int i = 2 * kRows; i < 3 * kRows; ++i) {
    double& y = (*values)[static_cast<std::size_t>(i)];
    y = y > 0 ? 1 : 0;
  }
  table.matrix->values = values->data();
  table.matrix->owner = values;
  CompareSpec spec = contest_spec();
  spec.measure = MeasureChoice::auc;
  const CompareFacts facts = run_compare(spec, table, Context(2));
  EXPECT_EQ(facts.measure, "auc");
  EXPECT_DOUBLE_EQ(facts.null_error, 0.5);
  for (const Candidate& one : facts.candidates) {
    EXPECT_LE(one.mean, facts.candidates[facts.best].mean) << one.penalty;
    EXPECT_TRUE(one.mean >= 0.5 && one.mean <= 1) << one.penalty;  // l1 at its largest λ keeps nothing
  }
}

TEST(CompareNetworks, FactsAreWhole) {
  std::vector<std::string> names;
  for (const Candidate& one : contest().candidates) {
    names.push_back(one.penalty);
    EXPECT_EQ(one.n_weights, 2 * 6 + 6);
    EXPECT_EQ(one.n_nonzero, std::ssize(one.weights));
    EXPECT_EQ(std::ssize(one.curves.validation),
              one.penalty == "early-stopping" ? std::ssize(one.curves.training) : kEpochs);
    EXPECT_TRUE(std::isfinite(one.mean) && std::isfinite(one.prediction_variation)) << one.penalty;
  }
  EXPECT_THAT(names, ElementsAre("none", "early-stopping", "l2", "adamw", "l1"));
  EXPECT_THAT(contest().advice.text.back(), HasSubstr("riata train t.csv --target y --hidden 6"));
}

TEST(CompareNetworks, TheCommandNamesTheSameColumnsAndNetwork) {
  CompareSpec spec = contest_spec();
  spec.exclude = {"b"};
  spec.activation = Activation::tanh;
  const CompareFacts facts = run_compare(spec, rows_of(all_rows()), Context(1));
  EXPECT_THAT(facts.advice.text.back(),
              HasSubstr("riata train t.csv --target y --hidden 6 --exclude b --activation tanh -"));
}

TEST(CompareNetworks, ThreadsAndTheUnitOfTheResponseChangeNothing) {
  const CompareFacts threads = run_compare(contest_spec(), rows_of(all_rows()), Context(3));
  const CompareFacts unit = run_compare(contest_spec(), rows_of(all_rows(), 1024), Context(1));
  for (std::size_t c = 0; c < contest().candidates.size(); ++c) {
    EXPECT_EQ(threads.candidates[c].fold_errors, contest().candidates[c].fold_errors);
    EXPECT_EQ(threads.candidates[c].weights, contest().candidates[c].weights);
    EXPECT_NEAR(unit.candidates[c].mean, 1024.0 * 1024.0 * contest().candidates[c].mean, 1e-3 * unit.candidates[c].mean)
        << c;
  }
}

TEST(CompareNetworks, WhatIsForLinearModelsIsRefused) {
  CompareSpec spec = contest_spec();
  spec.lower = {{"a", 0.0}};
  EXPECT_THROW(run_compare(spec, rows_of(all_rows()), Context(1)), Error);
  spec = contest_spec();
  spec.measure = MeasureChoice::error;
  EXPECT_THROW(run_compare(spec, rows_of(all_rows()), Context(1)), Error);
  spec = contest_spec();
  spec.hidden.clear();
  EXPECT_THROW(run_compare(spec, rows_of(all_rows()), Context(1)), Error);
}

TEST(CompareNetworks, TheLearningRateIsTheNetworks) {
  CompareSpec spec = contest_spec();
  spec.learning_rate = 1e-6;
  check(spec);
  EXPECT_GT(run_compare(spec, rows_of(all_rows()), Context(1)).candidates[0].mean, contest().candidates[0].mean);
  spec.hidden.clear();
  EXPECT_THROW(check(spec), Error);
}

TEST(CompareLinear, TheUnitOfTheResponseChangesNothing) {
  CompareSpec spec;
  spec.target = "y";
  spec.folds = 4;
  spec.n_lambdas = 20;
  const CompareFacts one = run_compare(spec, rows_of(all_rows()), Context(1));
  for (const double unit : {1e-4, 1e6}) {
    const CompareFacts other = run_compare(spec, rows_of(all_rows(), unit), Context(1));
    EXPECT_EQ(other.advice.penalty, one.advice.penalty);
    for (std::size_t c = 0; c < one.candidates.size(); ++c) {
      EXPECT_NEAR(other.candidates[c].mean, unit * unit * one.candidates[c].mean, 1e-5 * other.candidates[c].mean)
          << one.candidates[c].penalty << " at " << unit;
    }
  }
}

}  // namespace
}  // namespace riata
