#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "riata/report/compare_advice.hpp"
#include "riata/report/compare_facts.hpp"
#include "riata/report/page.hpp"

namespace riata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Candidate entry(const char* penalty, double mean, double difference, double error, Index n_nonzero) {
  Candidate out;
  out.penalty = penalty;
  out.lambda = 0.1;
  out.mean = mean;
  out.standard_error = 1;
  out.difference = difference;
  out.difference_error = error;
  out.n_nonzero = n_nonzero;
  out.weights = std::vector<double>(static_cast<std::size_t>(n_nonzero), 0.5);
  for (Index j = 0; j < n_nonzero; ++j) {
    out.coefficients.indices.push_back(j);
    out.coefficients.values.push_back(0.25 * static_cast<double>(j + 1));
  }
  return out;
}

CompareFacts example() {
  CompareFacts facts;
  facts.source = "</script>.csv";
  facts.target = "<img>";
  facts.loss = "squared";
  facts.measure = "mse";
  facts.rule = "min";
  facts.feature_names = {"<b>", "two", "three", "four"};
  facts.n_samples = 20;
  facts.n_folds = 5;
  facts.null_error = 30;
  facts.candidates = {entry("none", 12, 4, 0.5, 4), entry("l2", 10.5, 0.5, 1, 4), entry("l1", 10, 0, 0, 2),
                      entry("elastic-net", 10.2, 0.2, 0.5, 3)};
  facts.candidates[2].other = RuleChoice{.lambda = 0.75, .mean = 11.5, .standard_error = 0.25, .n_nonzero = 1};
  facts.candidates[2].objective = "loss + λ Σ |βⱼ|";
  facts.best = 2;
  facts.measured.collinearity = {12, 3, 0.9};
  facts.measured.least_correlation = 0.8;
  facts.measured.groups = {{{0, 3}, {1, 0.9}, {true, false}, {1, 0.25}, {0.875, 0.125}}};
  facts.measured.share_irrelevant = 0.25;
  facts.measured.stability = {.pairs = 4,
                              .q = 2,
                              .threshold = 0.75,
                              .frequency = {0.875, 0.5, 0, 0.125},
                              .expected_false = 1,
                              .expected_false_worst = 2};
  facts.advice = advise(facts);
  return facts;
}

TEST(Advice, ATieIsBrokenByTheRuleOfThumb) {
  CompareFacts facts = example();
  EXPECT_TRUE(facts.advice.tie);
  EXPECT_EQ(facts.advice.penalty, "l2");  // nothing speaks for zeros
  EXPECT_THAT(facts.advice.text.front(), HasSubstr("A tie: l2, l1 and elastic-net"));
  EXPECT_THAT(facts.advice.text.front(), HasSubstr("rule of thumb"));
  facts.measured.share_irrelevant = 0.75;
  facts.measured.groups.clear();
  EXPECT_EQ(advise(facts).penalty, "l1");
  facts.measured = example().measured;
  facts.measured.share_irrelevant = 0.75;
  EXPECT_EQ(advise(facts).penalty, "elastic-net");  // one of the two that l1 keeps has a stand-in
  facts.candidates[2].n_nonzero = 11;               // one of eleven
  EXPECT_EQ(advise(facts).penalty, "l1");
}

TEST(Advice, IrrelevantFeaturesThatAreFewToTheRowsDoNotAskForL1) {
  CompareFacts facts = example();
  facts.measured.groups.clear();
  facts.measured.share_irrelevant = 0.75;  // three features
  facts.n_samples = 30;
  EXPECT_EQ(advise(facts).penalty, "l1");
  facts.n_samples = 31;
  EXPECT_EQ(advise(facts).penalty, "l2");
  EXPECT_THAT(advise(facts).text.front(),
              HasSubstr("l1 leaves out 75 % of the features, too few for 31 rows to suffer from"));
  facts.candidates[1].difference_error = facts.candidates[1].difference / 3;  // l2 is beaten: they did cost something
  EXPECT_EQ(advise(facts).penalty, "l1");
  facts.measured.groups = example().measured.groups;
  EXPECT_EQ(advise(facts).penalty, "elastic-net");
}

TEST(Advice, WhereL2IsBeatenTheNextToItIsTaken) {
  CompareFacts facts = example();
  facts.measured.share_irrelevant = 0.25;
  facts.candidates[1].difference_error = facts.candidates[1].difference / 3;
  EXPECT_EQ(advise(facts).penalty, "elastic-net");
  EXPECT_THAT(advise(facts).text.front(), HasSubstr("l2, the default, is not among them, and elastic-net has a part of it"));
}

TEST(Advice, AShorterModelIsNamedWithWhatItCosts) {
  CompareFacts facts = example();
  EXPECT_THAT(facts.advice.text[1],
              HasSubstr("If you prefer a shorter list of features, take l1: 2 instead of 4; 20 rows are too few"));
  facts.best = 1;
  facts.candidates = {entry("none", 10.5, 0.2, 1, 4), entry("l2", 10.3, 0, 0, 4), entry("l1", 12, 1.5, 0.25, 2)};
  facts.advice = advise(facts);  // l1 is no longer tied
  EXPECT_THAT(facts.advice.text[1],
              HasSubstr("l1 uses 2 instead of 4, at 1.500 ± 0.250 more mean squared error than the least"));
  facts.candidates.pop_back();
  facts.candidates.front().n_nonzero = 3;  // a level of a category that none drops
  EXPECT_THAT(advise(facts).text[1], HasSubstr("None of the tied uses fewer features; 20 rows"));
}

TEST(Advice, CollinearAsksForL2AndWhatCollinearityDoesNotExplainForElasticNet) {
  CompareFacts facts = example();
  facts.measured.collinearity.independence = 0.2;
  facts.measured.share_irrelevant = 0.89;
  EXPECT_EQ(advise(facts).penalty, "l2");
  facts.measured.share_irrelevant = 0.91;
  EXPECT_EQ(advise(facts).penalty, "elastic-net");
  EXPECT_THAT(advise(facts).text.front(), HasSubstr("more than collinearity explains"));
}

TEST(Advice, EndsWithACommandForTheShell) {
  CompareFacts facts = example();
  facts.path = "my data/house.csv";
  facts.target = "Sale Price";
  facts.options = {{"exclude", "lot, back"}, {"standardize", "false"}};
  EXPECT_EQ(advise(facts).text.back(),
            "Next: riata fit 'my data/house.csv' --target 'Sale Price' --exclude 'lot, back' --no-standardize --penalty l2 "
            "--lambda 0.1000 --model model.json");
}

TEST(Advice, AClearWinnerIsNamedWithItsLead) {
  CompareFacts facts = example();
  for (Candidate& one : facts.candidates) one.difference_error = one.difference / 3;
  const Advice advice = advise(facts);
  EXPECT_FALSE(advice.tie);
  EXPECT_EQ(advice.penalty, "l1");
  EXPECT_THAT(advice.text.front(), HasSubstr("the next, elastic-net, is worse by 0.2000"));
}

TEST(Advice, NoiseIsCalledNoise) {
  CompareFacts facts = example();
  facts.null_error = 10.5;
  facts.measured.share_irrelevant = 0.75;
  EXPECT_THAT(advise(facts).text[1], HasSubstr("No signal"));
  EXPECT_EQ(advise(facts).penalty, "l2");
}

TEST(CompareJson, HasTheContractedKeys) {
  const auto json = nlohmann::ordered_json::parse(compare_json(example()));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json["candidates"][1].items()) keys.push_back(key);
  EXPECT_THAT(keys,
              ElementsAre("penalty", "l1_ratio", "lambda", "cv_mean", "cv_standard_error", "n_nonzero", "sum_of_squares",
                          "sum_of_absolutes", "seconds", "largest_weight", "median_weight", "objective", "l1_share",
                          "other_rule", "intercept", "coefficients", "standardized_coefficients"));
  EXPECT_EQ(json["candidates"][2]["other_rule"].dump(),
            R"({"rule":"1se","lambda":0.75,"cv_mean":11.5,"cv_standard_error":0.25,"n_nonzero":1})");
  EXPECT_TRUE(json["candidates"][0]["other_rule"].is_null());
  EXPECT_EQ(json["candidates"][1]["largest_weight"], 0.5);
  EXPECT_EQ(json["candidates"][2]["coefficients"], (nlohmann::ordered_json{{"<b>", 0.25}, {"two", 0.5}}));
  for (const char* key :
       {"condition_number", "correlated_groups", "share_irrelevant", "selection_stability", "coefficient_variation"}) {
    EXPECT_TRUE(json["measured"].contains(key)) << key;
  }
  EXPECT_EQ(json["differences"][1]["mean"], 0.5);
  EXPECT_EQ(json["advice"]["penalty"], "l2");
  EXPECT_EQ(json["advice"]["tie"], true);
  EXPECT_EQ(json["measured"]["correlated_groups"][0][1]["feature"], "four");
  EXPECT_EQ(json["coefficients"], (nlohmann::ordered_json{{"<b>", 0.25}, {"two", 0.5}, {"three", 0.75}, {"four", 1.0}}));
  EXPECT_EQ(json["standardized_coefficients"]["two"], 0.5);
}

TEST(CompareText, TellsAdviceAndStaysWithinTheWidth) {
  const std::string text = compare_text(example(), {.width = 100, .colour = false});
  EXPECT_THAT(text, HasSubstr("◀ advised"));
  EXPECT_THAT(text, HasSubstr("of 8 half"));
  EXPECT_THAT(text, HasSubstr("<b> (l1 keeps it, in 100 % of folds), four"));
}

TEST(ComparePage, IsInertAndWhole) {
  std::string page = compare_html(example());
  page.erase(page.find(page_script()), page_script().size());
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, Not(HasSubstr("<img>")));
  EXPECT_THAT(page, HasSubstr("&lt;img&gt;"));
  EXPECT_THAT(page, HasSubstr("<dt>l1</dt><dd>loss + λ Σ |βⱼ|</dd>"));
  EXPECT_THAT(page, HasSubstr("Had 1se chosen λ instead of min"));
  EXPECT_THAT(page, HasSubstr("data-heading=\"λ by 1se\"><span><data value=\"0.75\">"));
  for (const char* chart : {"error-chart", "difference-chart", "weights-chart", "stability-chart"})
    EXPECT_THAT(page, HasSubstr(chart));
}

TEST(Advice, SharesOfL1KeepTheirExponents) {
  EXPECT_EQ(l1_ratio_words(0.5), "0.5");
  EXPECT_EQ(l1_ratio_words(6.034e-10), "6.034e-10");
}

TEST(ComparePage, ShowsTheAdvisedModelAndACommandThatBreaksBetweenWords) {
  CompareFacts facts = example();
  facts.candidates[1].weights = {0.5, -2, 1, 0.25};
  const std::string page = compare_html(facts);
  EXPECT_THAT(page, HasSubstr("<td><bdi>two</bdi></td><td><data value=\"0.5\">0.5000</data></td><td><data value=\"-2\">"));
  EXPECT_LT(page.find("<td><bdi>two"), page.find("<td><bdi>three")) << "the largest effect first";
  EXPECT_THAT(page, HasSubstr("Next: <code class=\"command\"><span>riata</span> <span>fit</span>"));
  EXPECT_THAT(page, HasSubstr("<span>--target</span> <span>&#39;&lt;img&gt;&#39;</span>"));
}

TEST(ComparePage, OfAnAucSaysToTheBestAndKeepsTimeInTheFooter) {
  CompareFacts facts = example();
  facts.measure = "auc";
  facts.intercept = false;
  facts.candidates[1].seconds = 12;
  std::string page = compare_html(facts);
  page.erase(page.find(page_script()), page_script().size());
  EXPECT_THAT(page, HasSubstr(">to the best<"));
  EXPECT_THAT(page, Not(HasSubstr("over the best")));
  EXPECT_THAT(page, Not(HasSubstr("Intercept: ")));
  EXPECT_GT(page.find("l2 12 s"), page.find("<footer>"));
  EXPECT_THAT(compare_html(example()), HasSubstr("Intercept: <data"));
}

TEST(ComparePage, WeightsThatDwarfTheOthersAreNotDrawn) {
  CompareFacts facts = example();
  EXPECT_THAT(compare_html(facts), Not(HasSubstr("and are not drawn")));
  facts.candidates[0].weights.back() = -600;
  EXPECT_THAT(compare_html(facts), HasSubstr("Those of none reach 600 in size and are not drawn"));
}

}  // namespace
}  // namespace riata
