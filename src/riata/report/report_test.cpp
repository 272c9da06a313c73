#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "riata/core/text.hpp"
#include "riata/report/csv.hpp"
#include "riata/report/evaluate_facts.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

FitFacts example() {
  FitFacts facts;
  Model& model = facts.model;
  model.riata = "0.1.0";
  model.source = "house.csv";
  model.target = "price";
  model.feature_names = {"rooms", "area", "a\x1b[31m</script>\u202Every long name of a feature that goes on and on and on",
                         "面积"};
  model.n_samples = 1234;
  model.loss = "squared";
  model.penalty = "l1";
  model.l1_ratio = 1;
  model.objective = "1/(2Σw) Σ wᵢ(yᵢ-ηᵢ)² + λ Σ vⱼsⱼ|βⱼ|";
  model.solver = "newton";
  model.standard_deviation = {2, 0.5, 1, 10};
  model.path = {
      {2, 7, 0, SparseCoefficients{}, 3, 0, 0, {0, 0}, Status::converged},
      {0.5, 1.5, 3, SparseCoefficients{{0, 1, 2}, {3, -40, 1}}, 2, 0.5, 2, {1e-9, std::nan("")}, Status::converged}};
  model.cross_validation = ModelCrossValidation{5, "mse", {20, 10}, {1, std::nan("")}, 1, 1, {1, 0.8, 0.2, 0.4}};
  model.selected = {"1se", 1};
  model.warnings = {"careful"};
  facts.seconds = {0.5, 0.25, 0};
  return facts;
}

TEST(FitJson, HasTheContractedKeysInTheirOrder) {
  const auto json = nlohmann::ordered_json::parse(fit_json(example()));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("riata", "command", "status", "n_samples", "n_features", "loss", "penalty", "l1_ratio",
                                "standardize", "intercept_fitted", "objective", "path", "cross_validation", "selected",
                                "intercept", "coefficients", "standardized_coefficients", "selection_frequency",
                                "certificate", "warnings", "seconds", "stand_ins", "rows"));
  EXPECT_TRUE(json["rows"].is_null());
  EXPECT_EQ(json["coefficients"].size(), 3u);
  EXPECT_EQ(json["coefficients"]["area"], -40.0);
  EXPECT_EQ(json["standardized_coefficients"]["area"], -20.0);
  EXPECT_EQ(json["selection_frequency"]["面积"], 0.4);
  EXPECT_TRUE(json["certificate"]["kkt_violation"].is_null());
  EXPECT_TRUE(json["cross_validation"]["standard_error"][1].is_null());
  EXPECT_EQ(json["cross_validation"]["lambda_1se"], 0.5);
  EXPECT_EQ(json["selected"].dump(), R"({"rule":"1se","lambda":0.5,"index":1})");
  EXPECT_EQ(json["path"][1].dump(),
            R"({"lambda":0.5,"n_nonzero":3,"deviance_ratio":0.5,"objective":2.0,"relative_gap":1e-09,"kkt_violation":null,)"
            R"("status":"converged"})");
}

TEST(FitJson, WithoutFoldsOrChoiceIsNull) {
  FitFacts facts = example();
  facts.model.cross_validation.reset();
  EXPECT_TRUE(nlohmann::json::parse(fit_json(facts))["cross_validation"].is_null());
  facts.model.selected.reset();
  const auto json = nlohmann::json::parse(fit_json(facts));
  EXPECT_TRUE(json["selected"].is_null());
  EXPECT_TRUE(json["coefficients"].is_null());
}

TEST(FitJson, GradientDescentAddsItsTrajectory) {
  FitFacts facts = example();
  facts.trajectory = Trajectory{{{0, 9, 1, {}}, {1, 8, 1.5, {{1}, {2.5}}}}, 0.1, 1};
  const auto json = nlohmann::json::parse(fit_json(facts));
  EXPECT_EQ(json["trajectory"][1].dump(), R"({"coefficients":{"area":2.5},"intercept":1.5,"iteration":1,"objective":8.0})");
}

TEST(FitText, StaysWithinTheWidthAndSteersNoTerminal) {
  for (Index width : {60, 80, 120}) {
    const std::string text = fit_text(example(), {width, false});
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\u202E")));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(FitText, TellsBothChoicesAndTheLargestEffectFirst) {
  const std::string text = fit_text(example(), {100, false});
  EXPECT_THAT(text, HasSubstr("    min       λ = 0.5000, 3 non-zero, mse 10.00"));
  EXPECT_THAT(text, HasSubstr("  ◀ 1se       λ = 0.5000"));
  EXPECT_LT(text.find("  area"), text.find("  rooms"));
  EXPECT_THAT(text, HasSubstr("3 of 4, the others exactly zero"));
  EXPECT_THAT(text, Not(HasSubstr("riata compare")));
  FitFacts unchosen = example();
  unchosen.penalty_chosen = false;
  EXPECT_THAT(fit_text(unchosen, {100, false}), HasSubstr("riata compare"));
}

TEST(FitText, WarnsOfWhatThePageWarnsOf) {
  FitFacts facts = example();
  facts.model.findings.rare = {{.feature = 2, .n_rows = 1}};
  const std::string text = fit_text(facts, {200, false});
  EXPECT_THAT(text, HasSubstr("  • careful\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "  • The selection is unstable: 1 of 3 used features is missing in more than 20 % of the folds (used in: a"));
  EXPECT_THAT(text, HasSubstr("</script>"));
  EXPECT_THAT(text, HasSubstr("(1 row). Their coefficients are those rows"));
  const auto warnings = nlohmann::json::parse(fit_json(facts))["warnings"].get<std::vector<std::string>>();
  ASSERT_EQ(warnings.size(), 3u);
  EXPECT_EQ(warnings[0], "careful");
  EXPECT_THAT(warnings[2], HasSubstr("(1 row). Their coefficients are those rows"));
}

TEST(TextTable, AlignsAtTheDecimalPointAndShortensNames) {
  TextTable table;
  table.add_column("name", TextTable::Align::left, true);
  table.add_column("value", TextTable::Align::decimal);
  table.add_row({"a name too long for this", "1.25"});
  table.add_row({"面积", "-100.5"});
  EXPECT_EQ(table.lines(24, false),
            "  name             value\n"
            "  a name too lo…    1.25\n"
            "  面积           -100.5\n");
}

TEST(Numbers, ReadWell) {
  EXPECT_EQ(significant(45.1), "45.10");
  EXPECT_EQ(significant(123456.7), "123457");
  EXPECT_EQ(significant(0.00451234), "0.004512");
  EXPECT_EQ(significant(1e-7), "1.000e-07");
  EXPECT_EQ(significant(0), "0");
  EXPECT_EQ(significant(std::nan("")), "–");
  EXPECT_EQ(plus_minus(3091.2, 160.4), "3091 ± 160");
  EXPECT_EQ(plus_minus(1.5, std::nan("")), "1.500");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(percent(0.463), "46.3 %");
}

TEST(Numbers, OfThePageHaveSeparators) {
  EXPECT_EQ(html::in_threes("-591102.5"), "-591,102.5");
  EXPECT_EQ(html::in_threes("1234567"), "1,234,567");
  EXPECT_EQ(html::in_threes("9999"), "9999");
  EXPECT_EQ(html::in_threes("6.382e+09"), "6.382e+09");
  EXPECT_EQ(html::in_threes("–"), "–");
  EXPECT_EQ(html::number(43849.25), "<data value=\"43849.25\">43,849</data>");
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"no\"\n"), "\"say \"\"no\"\"\n\"");
  EXPECT_EQ(csv_field(" x"), "\" x\"");
  EXPECT_EQ(csv_text({{"prediction", {0.1, std::nan("")}, {}}, {"i,d", {}, {"1", ""}}}), "prediction,\"i,d\"\n0.1,1\nNA,\n");
}

}  // namespace
}  // namespace riata
