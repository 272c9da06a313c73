#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "riata/report/fit_charts.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/report/fit_path_data.hpp"
#include "riata/report/html.hpp"
#include "riata/report/page.hpp"

namespace riata {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kHostile = {"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'&<!--",
                                           "a\u202Eb\x01"};

FitFacts example(const std::vector<std::string>& names = kHostile) {
  FitFacts facts;
  Model& model = facts.model;
  model.riata = "0.1.0";
  model.source = names[1];
  model.target = names[0];
  model.feature_names = names;
  model.options = {{"target", names[0]}};
  model.n_samples = 20;
  model.loss = "squared";
  model.penalty = "l1";
  model.l1_ratio = 1;
  model.objective = "1/(2Σw) Σ wᵢ(yᵢ-ηᵢ)² + λ Σ vⱼsⱼ|βⱼ|";
  model.solver = "newton";
  model.standard_deviation = {2, 0.5, 1, 10};
  model.path = {
      {2, 7, 0, SparseCoefficients{}, 3, 0, 0, {0, 0}, Status::converged},
      {0.5, 1.5, 3, SparseCoefficients{{0, 1, 2}, {3, -40, 1}}, 2, 0.5, 2, {1e-9, 1e-9}, Status::converged},
      {0.25, 1.25, 4, SparseCoefficients{{0, 1, 2, 3}, {4, -50, 2, 0.125}}, 2, 0.5, 2, {1e-9, 1e-9}, Status::converged}};
  model.cross_validation = ModelCrossValidation{5, "mse", {20, 10, 9}, {1, 0.5, 2}, 2, 1, {1, 0.8, 0.2, 0.4}};
  model.selected = {"1se", 1};
  model.warnings = {names[1]};
  facts.rows = RowFacts{
      .origin = RowFacts::Origin::out_of_fold, .observed = {1, 2, 3}, .predicted = {1.5, 2, 2.5}, .weights = {1, 1, 1}};
  model.findings.stand_ins = std::vector<StandIns>{{0, 1, {{3, 0.97}}}};
  model.findings.least_correlation = 0.9;
  return facts;
}

/// The page without the style sheet and the script that all pages share.
std::string own_part(std::string page) {
  const auto script = page.find(page_script());
  page.erase(script, page_script().size());
  page.erase(page.find(page_style()), page_style().size());
  return page;
}

ordered_json page_data(const std::string& page) {
  const std::string start = "<script type=\"application/json\" id=\"data\">";
  const auto from = page.find(start) + start.size();
  return ordered_json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(Page, ShowsTheErrorsOfRidgesFactorisation) {
  FitFacts facts = example();
  EXPECT_THAT(fit_html(facts), Not(HasSubstr("id=\"factorisation-errors\"")));
  for (std::size_t k = 0; k < 3; ++k) facts.model.path[k].gcv_error = 12.5 - static_cast<double>(k);
  facts.model.path[1].leave_one_out_error = 11.75;
  const std::string page = fit_html(facts);
  EXPECT_THAT(page, HasSubstr("<data value=\"11.5\">"));   // at the chosen λ,
  EXPECT_THAT(page, HasSubstr("<data value=\"10.5\">"));   // and the least
  EXPECT_THAT(page, HasSubstr("<data value=\"11.75\">"));  // left out in turn
}

TEST(Page, OneLambdaHasOneRowOfErrors) {
  FitFacts facts = example();
  facts.model.path.erase(facts.model.path.begin());
  facts.model.path.pop_back();
  facts.model.cross_validation = ModelCrossValidation{5, "mse", {10}, {0.5}, 0, 0, {1, 0.8, 0.2, 0.4}};
  facts.model.selected = {"given", 0};
  const std::string page = own_part(fit_html(facts));
  EXPECT_THAT(page, HasSubstr("given ◀ chosen"));
  EXPECT_THAT(page, Not(HasSubstr("The two rules")));
  EXPECT_THAT(page, Not(HasSubstr(">1se<")));
}

TEST(Page, HostileNamesAreInert) {
  const std::string page = own_part(fit_html(example()));
  for (const char* bad : {"<script>alert", "<img", "<!--", "\u202E", "\x01"}) EXPECT_THAT(page, Not(HasSubstr(bad)));
  EXPECT_THAT(page, HasSubstr("<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>"));
  const ordered_json data = page_data(page);
  EXPECT_EQ(std::set<std::string>(data["path"]["features"].begin(), data["path"]["features"].end()).count(kHostile[1]), 1u);
}

TEST(Page, PolicyForbidsTheNetworkAndEveryOtherScript) {
  const std::string page = own_part(fit_html(example()));
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; script-src '" + std::string(page_script_hash()) +
                              "'; style-src '" + std::string(page_style_hash()) + "';"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe")));
  for (const char* outside : {"src=\"http", "href=\"http", "url(", " style=", " onclick="})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(Page, NumbersAreThoseOfTheJson) {
  const FitFacts facts = example();
  const ordered_json json = ordered_json::parse(fit_json(facts)).flatten();
  const std::string page = own_part(fit_html(facts));
  std::set<double> known = {0.97, 5};
  for (const auto& [key, value] : json.items()) {
    if (value.is_number()) known.insert(value.get<double>());
  }
  std::size_t found = 0;
  for (auto at = page.find("<data value=\""); at != std::string::npos; at = page.find("<data value=\"", at + 1)) {
    const double value = std::stod(page.substr(at + 13));
    if (value == std::floor(value) && std::abs(value) < 20) continue;  // counts
    EXPECT_EQ(known.count(value), 1u) << value;
    ++found;
  }
  EXPECT_GT(found, 4u);
}

TEST(Page, ComparesErrorsOfOneUnitAndNamesThePriceOf1se) {
  const std::string page = fit_html(example());
  EXPECT_THAT(page, HasSubstr("<strong>3.162</strong>, against 4.472 with no feature at all"));
  EXPECT_THAT(page, HasSubstr("folds), 50 % less."));
  EXPECT_THAT(page, HasSubstr("11 % more mean squared error than min has"));
  FitFacts ranked = example();
  ranked.model.cross_validation->measure = "auc";
  EXPECT_THAT(fit_html(ranked),
              HasSubstr("The price of 1se: the area under the ROC curve of min is <data value=\"9\">9.000"));
}

TEST(Page, NamesFeaturesThatRestOnFewRowsAndMarksStandInsInUse) {
  FitFacts facts = example({"a", "b", "c", "d"});
  EXPECT_THAT(fit_html(facts), Not(HasSubstr("few rows only")));
  EXPECT_THAT(fit_html(facts), Not(HasSubstr("used too")));
  facts.model.findings.rare = {{2, 1}};
  facts.model.findings.stand_ins = std::vector<StandIns>{{0, 4, {{1, 0.97}}}};
  EXPECT_THAT(fit_html(facts), HasSubstr("<bdi>c</bdi> (<data value=\"1\">1</data> row)"));
  EXPECT_THAT(fit_html(facts),
              HasSubstr("<bdi>b</bdi> (<data value=\"0.97\">0.97</data>, used too) and <data value=\"3\">3</data> more"));
  EXPECT_THAT(fit_html(facts), HasSubstr("<bdi>a</bdi> and <bdi>b</bdi> with <data value=\"3\">3</data> more (correlation "
                                         "0.970). They share one effect"));
  facts.model.findings.stand_ins = std::vector<StandIns>{{0, 4, {{1, 0.94}}}};
  EXPECT_THAT(fit_html(facts), Not(HasSubstr("They share one effect")));
}

TEST(Page, ThePathIsFramedByWhatTheRulesChose) {
  Model model = example().model;
  const auto scale = [&] {
    return path_chart(model, drawn_path(model), 1).specification["layer"][0]["encoding"]["y"].value("scale", ordered_json());
  };
  EXPECT_TRUE(scale().is_null());
  model.path[2].coefficients->values[0] = 1e6;  // beyond min and 1se
  model.cross_validation->index_min = 1;
  const ordered_json framed = scale();
  ASSERT_FALSE(framed.is_null());
  EXPECT_EQ(framed["domain"][0], -25.0);  // all of it: less than twice the 40 · 0.5 of the chosen λ
  EXPECT_EQ(framed["domain"][1], 12.0);   // twice the 3 · 2
  model.cross_validation->index_min = 2;  // min itself is out there
  EXPECT_TRUE(scale().is_null());
}

TEST(Page, PathDataHoldsTheCoefficientsOfEveryPoint) {
  const Model model = example().model;
  const DrawnPath drawn = drawn_path(model);
  const ordered_json data = path_data(model, drawn);
  ASSERT_EQ(drawn.features.size(), 4u);
  EXPECT_EQ(drawn.features.back(), 1);  // 40 · 0.5: the largest effect is drawn last
  EXPECT_EQ(drawn.colours.back(), 1);
  EXPECT_EQ(data["coefficients"].back(), ordered_json({0, -40.0, -50.0}));
  EXPECT_EQ(data["lambda"], ordered_json({2.0, 0.5, 0.25}));
  EXPECT_EQ(data["marks"][1], (ordered_json{{"name", "1se"}, {"position", 1}}));
}

TEST(Page, DrawsAtMostThreeHundredPathsAndSaysSo) {
  std::vector<std::string> names;
  for (int j = 0; j < 1000; ++j) names.push_back("x" + std::to_string(j));
  FitFacts facts = example(names);
  facts.model.standard_deviation.assign(1000, 1.0);
  facts.model.cross_validation->selection_frequency.assign(1000, 1.0);
  facts.model.path.clear();
  for (int k = 0; k < 900; ++k) {
    SparseCoefficients all;
    for (Index j = 0; j < 1000; ++j) {
      all.indices.push_back(j);
      all.values.push_back(1.0 + static_cast<double>(j) / 7);
    }
    facts.model.path.push_back({1000.0 - k, 0, 1000, all, 0, 0, 0, {0, 0}, Status::converged});
  }
  facts.model.cross_validation->mean.assign(900, 1.0 / 3);
  facts.model.cross_validation->standard_error.assign(900, 1.0 / 7);
  facts.model.selected->index = 451;
  const std::string page = fit_html(facts);
  EXPECT_LT(page.size(), 5'000'000u);
  const DrawnPath drawn = drawn_path(facts.model);
  EXPECT_EQ(drawn.features.size(), 300u);
  EXPECT_LE(drawn.points.size(), 203u);
  EXPECT_TRUE(drawn.position(451));
  EXPECT_THAT(page, HasSubstr("The <data value=\"300\">300</data> largest of <data value=\"1000\">1,000</data> features"));
}

TEST(Page, OfAnInterruptedFitOrOneLambdaIsWhole) {
  FitFacts facts = example();
  facts.model.selected.reset();
  facts.model.cross_validation.reset();
  facts.rows.reset();
  facts.model.findings.stand_ins.reset();
  EXPECT_THAT(fit_html(facts), HasSubstr("Interrupted before a λ was chosen"));
  facts.model.path.resize(1);
  facts.model.selected = {"given", 0};
  EXPECT_THAT(fit_html(facts), HasSubstr("as given"));
  facts.model.path[0].coefficients.reset();
  EXPECT_THAT(fit_html(facts), HasSubstr("not kept for this λ"));
}

TEST(Page, WithoutTheChosenCoefficientsHasNoStandIns) {
  FitFacts facts = example();
  facts.model.path[1].coefficients.reset();
  EXPECT_THAT(fit_html(facts), Not(HasSubstr("what could stand in for them")));
}

TEST(Page, FromAModelFileHasFindingsAndNoTimings) {
  const std::string page = model_html(example().model);
  EXPECT_THAT(page, HasSubstr("(<data value=\"0.97\">0.97</data>)"));
  EXPECT_THAT(page, Not(HasSubstr("fit 0.000 s")));
  EXPECT_THAT(fit_html(example()), HasSubstr("fit 0.000 s"));
}

}  // namespace
}  // namespace riata
