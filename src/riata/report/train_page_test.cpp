#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "riata/report/page.hpp"
#include "riata/report/train_charts.hpp"
#include "riata/report/train_facts.hpp"

namespace riata {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A network that overfits from epoch 4 of ten.
TrainFacts example(bool patience = false) {
  TrainFacts facts;
  NetworkModel& model = facts.model;
  model.source = "</script>.csv";
  model.target = "<img>";
  model.feature_names = {"<b>used</b>", "unused"};
  model.network = {.inputs = 2, .hidden = {2}, .outputs = 1};
  model.parameters = {{"layers.0.weight", {2, 2}, {0.5, 0, -2, 0}},
                      {"layers.0.bias", {2}, {0, 0}},
                      {"layers.1.weight", {1, 2}, {1, 1}},
                      {"layers.1.bias", {1}, {0}}};
  model.n_samples = 80;
  model.n_validation = 20;
  model.null_loss = 3;
  for (Index e = 1; e <= 10; ++e) {
    model.history.push_back({.epoch = e,
                             .training_loss = 2.0 / static_cast<double>(e),
                             .validation_loss = 1 + 0.1 * std::abs(static_cast<double>(e) - 4),
                             .weight_norm = static_cast<double>(e)});
  }
  model.best_epoch = 4;
  model.stopped_epoch = 10;
  model.verdict = "overfits";
  model.diagnosis = "overfits from epoch 4: validation loss 1.000 → 1.600";
  model.diagnosis_epoch = 4;
  model.objective = "1/(2Σw) Σ wᵢ(yᵢ-ŷᵢ)²";
  if (patience) model.options = {{"patience", "6"}};
  return facts;
}

std::string own_part(std::string page) {
  page.erase(page.find(page_script()), page_script().size());
  return page;
}

TEST(TrainPage, SaysWhichEpochAndWarnsOfTheLast) {
  const std::string page = own_part(train_html(example()));
  EXPECT_THAT(page, HasSubstr("<strong>It overfits</strong> from epoch 4"));
  EXPECT_THAT(page, HasSubstr("after overfitting began at epoch"));
  EXPECT_THAT(page, HasSubstr("overfits from 4"));
  EXPECT_THAT(page, HasSubstr("least 4"));
  EXPECT_THAT(page, HasSubstr("<data value=\"1.6\">1.600</data>"));  // the loss of the weights that were kept
  EXPECT_THAT(page, HasSubstr("Unused: <bdi>unused</bdi>"));
}

TEST(TrainPage, MarksTheEpochThatWasRestored) {
  const std::string page = own_part(train_html(example(true)));
  EXPECT_THAT(page, HasSubstr("restored 4"));
  EXPECT_THAT(page, Not(HasSubstr("after overfitting began")));
  EXPECT_THAT(page, HasSubstr("The rows held out chose the epoch"));
  EXPECT_THAT(page, HasSubstr("its loss is <data value=\"1\">"));
}

TEST(TrainPage, NamesFromOutsideAreInert) {
  const std::string page = own_part(train_html(example()));
  for (const char* markup : {"<img>", "<b>", "</script>.csv"}) EXPECT_THAT(page, Not(HasSubstr(markup)));
  EXPECT_THAT(page, HasSubstr("&lt;img&gt;"));
}

TEST(TrainPage, TheGridIsAPathOverLambda) {
  TrainFacts facts = example();
  facts.grid = {{10, 3, 0.2, 6}, {1, 2, 0.1, 4}, {0.1, 1.95, 0.1, 0}};
  facts.n_folds = 4;
  facts.index_min = 2;
  facts.index_1se = 1;
  facts.rule = "1se";
  facts.model.lambda = 1;
  facts.model.penalty = "l1";
  const std::string page = own_part(train_html(facts));
  for (const char* part : {"grid-chart", "zeros-chart", "1se ◀ chosen", "chosen by 1se"}) EXPECT_THAT(page, HasSubstr(part));
  EXPECT_EQ(grid_charts(facts)[0].specification["data"]["values"][2]["high"], 2.05);
}

TEST(TrainPage, DrawsWeightsOfEachFeature) {
  const auto values = input_chart(example().model).specification["data"]["values"];
  EXPECT_EQ(values[0]["name"], "<b>used</b>");
  EXPECT_DOUBLE_EQ(values[0]["norm"].get<double>(), std::sqrt(4.25));
  EXPECT_EQ(values[1]["norm"], 0.0);
}

TEST(TrainPage, LongTrainingIsThinnedAndSaysSo) {
  TrainFacts facts = example();
  for (Index e = 11; e <= 3001; ++e) {
    facts.model.history.push_back({.epoch = e, .training_loss = 0.1, .validation_loss = 1.6, .weight_norm = 10});
  }
  facts.model.stopped_epoch = 3001;
  EXPECT_THAT(learning_charts(facts)[0].caption, HasSubstr("epochs are drawn"));
  EXPECT_LT(train_html(facts).size(), 1'500'000u);
}

}  // namespace
}  // namespace riata
