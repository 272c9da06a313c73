#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "riata/report/html.hpp"
#include "riata/report/page.hpp"
#include "riata/report/train_advice.hpp"
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

TEST(TrainPage, OfAPrunedNetworkSaysWhatItWas) {
  TrainFacts facts = example();
  facts.model.options = {{"hidden", "1000,3"}};
  facts.model.network.hidden = {2, 3};
  facts.model.dropped_features = {"a", "b"};
  EXPECT_THAT(network_words(facts.model), HasSubstr("2 → 2 relu → 3 relu → 1 (what is left of 4 → 1,000 → 3 → 1), loss"));
  facts.model.options = {{"hidden", "2,3"}};
  facts.model.dropped_features.clear();
  EXPECT_THAT(network_words(facts.model), HasSubstr("2 → 2 relu → 3 relu → 1, loss"));
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

TEST(TrainPage, SaysWhatToDoInCommandsToCopy) {
  TrainFacts facts = example();
  facts.model.source = "my trial.csv";
  facts.model.options = {{"target", "y"}, {"hidden", "2"}, {"optimizer", "sgd"}, {"validation", "0.3"}};
  std::string page = own_part(train_html(facts));
  EXPECT_THAT(html::plain(page),
              HasSubstr("riata train 'my trial.csv' --target y --hidden 2 --optimizer sgd --validation 0.3 "
                        "--penalty l1 --lambdas 20 --folds 5"));
  EXPECT_THAT(html::plain(page), HasSubstr("riata compare 'my trial.csv' --target y --hidden 2"));
  EXPECT_THAT(page, HasSubstr("do not rank features by them"));
  facts.model.verdict = "fits";
  facts.model.penalty = "l1";
  facts.model.lambda = 0.5;
  facts.model.options = {{"penalty", "l1"}, {"lambda", "0.5"}, {"patience", "6"}};
  page = own_part(train_html(facts));
  EXPECT_THAT(page, HasSubstr("<data value=\"0.5\">0.5000</data></strong>, given by you."));
  EXPECT_THAT(page, HasSubstr("training stopped 6 epochs later"));
  EXPECT_THAT(html::plain(page), HasSubstr("riata train 'my trial.csv' --penalty l1 --lambdas 20 --folds 5 --patience 6"));
  EXPECT_THAT(page, Not(HasSubstr("do not rank features by them")));
}

TEST(TrainPage, ALossWithoutFeaturesThatIsFarAwayDoesNotFlattenTheCurves) {
  TrainFacts facts = example();
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("without any feature"));
  facts.model.null_loss = 12345;
  const std::string page = own_part(train_html(facts));
  EXPECT_THAT(page, Not(HasSubstr("without any feature")));
  EXPECT_THAT(page, HasSubstr("Without any feature the loss is <data value=\"12345\">12,345</data>, outside the frame."));
}

TEST(TrainPage, ATrainingLossThatFallsForEverDoesNotFlattenTheOthers) {
  TrainFacts facts = example();
  EXPECT_THAT(learning_charts(facts)[0].caption, Not(HasSubstr("goes below it")));
  facts.model.history.back().training_loss = 1e-7;
  const Chart chart = learning_charts(facts)[0];
  EXPECT_THAT(chart.caption, HasSubstr("goes below it, to 1.000e-07"));
  EXPECT_EQ(chart.specification["layer"][1]["encoding"]["y"]["scale"]["domainMin"], 1.0 / 30);
}

TEST(TrainPage, TheTypicalErrorIsTheRootOfTheMeanSquare) {
  TrainFacts facts = example(true);
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("a typical error of 1.414 "));
  facts.model.network.loss = NetworkLoss::logistic;
  EXPECT_THAT(own_part(train_html(facts)), Not(HasSubstr("a typical error of")));
}

TEST(TrainPage, MarksTheEpochThatWasRestored) {
  const std::string page = own_part(train_html(example(true)));
  EXPECT_THAT(page, HasSubstr("restored 4"));
  EXPECT_THAT(page, Not(HasSubstr("after overfitting began")));
  EXPECT_THAT(page, HasSubstr("The rows held out chose the epoch"));
  EXPECT_THAT(page, HasSubstr("its loss, half the mean squared error, is <data value=\"1\">"));
}

TEST(TrainPage, SaysWhereTheTwinIsBetterAndThenAdvisesLess) {
  TrainFacts facts = example(true);
  facts.model.verdict = "overfits";
  facts.model.penalty = "l1";
  facts.model.lambda = 0.5;
  facts.twin = TwinFacts();
  facts.twin->text = "its weights are smaller";
  facts.twin->least_loss = 2;
  facts.twin->twin_least_loss = 3;
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("three times this λ: "));
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("<span>--lambda</span> <span>1.500</span>"));
  facts.twin->twin_least_loss = 1;
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("the twin was better"));
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("Next: less regularisation, and stop early"));
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
  EXPECT_EQ(grid_charts(facts)[0].specification["data"]["values"][2]["mean"], 1.95);
  EXPECT_EQ(grid_charts(facts)[0].specification["data"]["values"][2]["error"], 0.1);
  EXPECT_THAT(page, Not(HasSubstr("random starts")));
  facts.n_seeds = 5;
  EXPECT_THAT(grid_charts(facts)[0].caption, HasSubstr("random starts"));
  EXPECT_THAT(own_part(train_html(facts)), HasSubstr("folds, the mean of <data value=\"5\">5</data> random starts."));
}

TEST(TrainPage, DrawsWeightsOfEachFeature) {
  const auto values = input_chart(example().model).specification["data"]["values"];
  EXPECT_EQ(values[0]["name"], "<b>used</b>");
  EXPECT_DOUBLE_EQ(values[0]["norm"].get<double>(), std::sqrt(4.25));
  EXPECT_EQ(values.size(), 1u) << "a feature without a weight has no bar";
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
