#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <ranges>

#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/report/compare_facts.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/page.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostWeights = 300, kBars = 30, kMostGroups = 40, kMostMembers = 12, kMostEpochs = 300,
                      kMostCoefficients = 300;

constexpr double kDwarfs = 10;  // times the penalised weights: on one axis these would be slivers

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Json names(const CompareFacts& facts) {
  Json out = Json::array();
  for (const Candidate& one : facts.candidates) out.push_back(candidate_words(facts, one));
  return out;
}

/// A dot a penalty, with an error bar to either side of it.
Chart interval_chart(const CompareFacts& facts, const std::string& id, const std::string& title, const std::string& caption,
                     double Candidate::*value, double Candidate::*error, double rule) {
  Json spec = specification(R"json({
    "encoding": {"y": {"field": "penalty", "type": "nominal", "title": null}},
    "layer": [
      {"data": {"values": [{}]}, "mark": {"type": "rule", "strokeDash": [4, 3], "color": "var(--ink)"}, "encoding": {}},
      {
        "mark": {"type": "rule", "strokeWidth": 3, "color": "var(--band)"},
        "encoding": {"x": {"field": "low", "type": "quantitative", "scale": {"zero": false}}, "x2": {"field": "high"}}
      },
      {
        "mark": {"type": "point", "filled": true, "size": 130, "opacity": 1},
        "encoding": {
          "x": {"field": "value", "type": "quantitative"},
          "color": {"condition": {"test": "datum.advised", "value": "var(--c2)"}, "value": "var(--accent)"},
          "tooltip": [{"field": "penalty"}, {"field": "value", "format": ".5~g"}, {"field": "error", "title": "se", "format": ".3~g"}]
        }
      }
    ]
  })json",
                            title + ", a dot a penalty with one standard error either side");
  Json values = Json::array();
  for (const Candidate& one : facts.candidates) {
    values.push_back({{"penalty", candidate_words(facts, one)},
                      {"value", one.*value},
                      {"error", one.*error},
                      {"low", one.*value - one.*error},
                      {"high", one.*value + one.*error},
                      {"advised", one.penalty == facts.advice.penalty}});
  }
  spec["height"] = 34 * facts.candidates.size();
  spec["data"] = {{"values", values}};
  spec["encoding"]["y"]["sort"] = names(facts);
  if (std::isfinite(rule)) {
    spec["layer"][0]["encoding"]["x"] = {{"datum", rule}};
    spec["layer"][0]["encoding"]["y"] = nullptr;
  } else {
    spec["layer"].erase(0);
  }
  for (Json& layer : spec["layer"]) {
    if (layer["encoding"].contains("x")) layer["encoding"]["x"]["title"] = title;
  }
  return {id, caption, spec, {}};
}

/// The largest weight in size, of the unpenalised model or of the others.
double largest_weight(const CompareFacts& facts, bool unpenalised) {
  double out = 0;
  for (const Candidate& one : facts.candidates) {
    for (const double weight : one.weights) {
      if ((one.penalty == "none") == unpenalised) out = std::max(out, std::abs(weight));
    }
  }
  return out;
}

Chart weights_chart(const CompareFacts& facts) {
  const double unpenalised = largest_weight(facts, true), penalised = largest_weight(facts, false);
  const bool dwarfs = penalised > 0 && unpenalised > kDwarfs * penalised;
  Json values = Json::array(), order = Json::array();
  bool cut = false;
  for (const Candidate& one : facts.candidates) {
    if (dwarfs && one.penalty == "none") continue;
    order.push_back(candidate_words(facts, one));
    std::vector<double> weights = one.weights;
    std::ranges::sort(weights, [](double a, double b) { return std::abs(a) > std::abs(b); });
    cut = cut || weights.size() > kMostWeights;
    if (weights.size() > kMostWeights) weights.resize(kMostWeights);
    for (const double weight : weights) values.push_back({{"penalty", candidate_words(facts, one)}, {"weight", weight}});
  }
  Json spec = specification(R"json({
    "mark": {"type": "tick", "thickness": 1.5, "opacity": 0.5, "color": "var(--accent)"},
    "encoding": {
      "y": {"field": "penalty", "type": "nominal", "title": null},
      "x": {"field": "weight", "type": "quantitative", "title": "weight"}
    }
  })json",
                            "The non-zero weights of each penalty's model, a stroke a feature");
  spec["height"] = 40 * order.size();
  spec["data"] = {{"values", values}};
  spec["encoding"]["y"]["sort"] = order;
  std::string caption = std::string(facts.hidden.empty() ? "A stroke is a feature" : "A stroke is a weight") +
                        " that is not exactly zero, in the units that are penalised: l2 makes weights small, l1 makes many "
                        "of them exactly zero.";
  if (dwarfs)
    caption += " Those of " + candidate_words(facts, *std::ranges::find(facts.candidates, "none", &Candidate::penalty)) +
               " reach " + significant(unpenalised, 3) + " in size and are not drawn.";
  if (cut) caption += " The " + std::to_string(kMostWeights) + " largest of each are drawn.";
  return {"weights-chart", caption, spec, {}};
}

Chart stability_chart(const CompareFacts& facts) {
  const Stability& stability = facts.measured.stability;
  std::vector<std::size_t> order;
  for (std::size_t j = 0; j < stability.frequency.size(); ++j) {
    if (stability.frequency[j] > 0) order.push_back(j);
  }
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return stability.frequency[a] > stability.frequency[b]; });
  const std::size_t ever = order.size();
  if (order.size() > kBars) order.resize(kBars);
  Json values = Json::array();
  for (std::size_t i = 0; i < order.size(); ++i) {
    values.push_back({{"place", i},
                      {"name", shortened(printable(facts.feature_names[order[i]]), 28)},
                      {"share", stability.frequency[order[i]]},
                      {"stable", stability.frequency[order[i]] >= stability.threshold}});
  }
  Json spec = specification(R"json({
    "encoding": {"y": {"field": "place", "type": "ordinal", "title": null,
                       "axis": {"labelExpr": "data('bars')[datum.value].name", "labelLimit": 0, "ticks": false, "domain": false}}},
    "layer": [
      {
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {
          "x": {"field": "share", "type": "quantitative", "title": "share of half samples", "scale": {"domain": [0, 1]},
                "axis": {"format": "%", "tickCount": 5}},
          "color": {"condition": {"test": "datum.stable", "value": "var(--c1)"}, "value": "var(--rest)"},
          "tooltip": [{"field": "name", "title": "feature"}, {"field": "share", "format": ".0%"}]
        }
      },
      {"data": {"values": [{}]}, "mark": {"type": "rule", "strokeDash": [4, 3], "color": "var(--ink)"}, "encoding": {"y": null}}
    ]
  })json",
                            "How often the lasso chooses a feature from half of the rows");
  spec["layer"][1]["encoding"]["x"] = {{"datum", stability.threshold}};
  spec["height"] = 22 * values.size();
  spec["data"] = {{"name", "bars"}, {"values", values}};
  const auto n_stable =
      std::ranges::count_if(stability.frequency, [&](double share) { return share >= stability.threshold; });
  std::string caption = fmt::format("On {} random halves of the rows l1 chooses up to {} features.",
                                    html::number(2 * stability.pairs), html::number(stability.q));
  caption += n_stable == 0
                 ? " None is chosen often enough, beyond the line, to be called stable."
                 : fmt::format(
                       " {} beyond the line, stable: of them up to about {:.0f} may be there by chance (at most {} "
                       "expected, Shah &amp; Samworth 2013; {} without assumptions on the distribution).",
                       n_stable == 1 ? "1 is" : html::number(static_cast<Index>(n_stable)) + " are",
                       std::ceil(stability.expected_false), html::number(stability.expected_false, 2),
                       html::number(stability.expected_false_worst, 2));
  if (ever > kBars)
    caption += fmt::format(" The {} most frequent of {} are drawn.", kBars, html::number(static_cast<Index>(ever)));
  return {"stability-chart", caption, spec, {}};
}

std::string contest_table(const CompareFacts& facts) {
  html::Table table{.id = "contest",
                    .caption = facts.hidden.empty()
                                   ? "The same folds for all; λ (and the mixture) chosen without the rows it is judged on. "
                                     "“Move”: the spread from fold to fold over the size of the mean"
                                   : "The same folds and the same start for all; λ (for adamw its decay) and epochs "
                                     "chosen without the rows judged on. “Move”: the spread from fold to fold "
                                     "over the size of the mean",
                    .headings = {"penalty", "λ", html::text(facts.measure) + " ± se", difference_words(facts), "non-zero",
                                 "Σw²", "Σ|w|", facts.hidden.empty() ? "coefficients move" : "epochs", "predictions move"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  for (std::size_t c = 0; c < facts.candidates.size(); ++c) {
    const Candidate& one = facts.candidates[c];
    const bool advised = one.penalty == facts.advice.penalty;
    table.rows.push_back({candidate_words(facts, one) + (advised ? " ◀ advised" : ""),
                          one.lambda > 0 ? html::number(one.lambda) : "–", html::plus_minus(one.mean, one.standard_error),
                          c == facts.best ? "–" : html::plus_minus(one.difference, one.difference_error),
                          html::number(one.n_nonzero), html::number(one.sum_of_squares), html::number(one.sum_of_absolutes),
                          facts.hidden.empty() ? html::share(one.coefficient_variation) : html::number(one.epochs),
                          html::share(one.prediction_variation)});
    table.row_classes.emplace_back(advised ? "chosen" : "");
  }
  return html::table(table);
}

/// Of the advised model on all rows, largest effect first.
std::string coefficients_table(const CompareFacts& facts) {
  const Candidate& one = advised(facts);
  html::Table table{.id = "advised",
                    .caption = "Coefficients that are not zero, largest effect first",
                    .headings = {"feature", "coefficient"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  if (facts.standardize) table.headings.emplace_back("per sd");
  std::vector<std::size_t> order(one.weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return std::abs(one.weights[i]); });
  for (const std::size_t i : order | std::views::take(kMostCoefficients)) {
    table.rows.push_back(
        {html::name(facts.feature_names[at(one.coefficients.indices[i])]), html::number(one.coefficients.values[i])});
    if (facts.standardize) table.rows.back().push_back(html::number(one.weights[i]));
  }
  std::string out = table.rows.empty() ? html::paragraph("None is left.") : html::table(table);
  if (order.size() > kMostCoefficients) {
    out += html::paragraph(fmt::format("The {} largest of {}; --format json has all.",
                                       html::number(static_cast<Index>(kMostCoefficients)), html::number(std::ssize(order))),
                           "note");
  }
  return facts.intercept ? out + html::paragraph("Intercept: " + html::number(one.intercept), "note") : out;
}

/// Losses of rows left out by epoch, a line a contestant.
Chart curves_chart(const CompareFacts& facts) {
  Json values = Json::array(), order = Json::array();
  std::size_t drawn = 0, epochs = 0;
  double low = HUGE_VAL, high = 0;
  for (const Candidate& one : facts.candidates) {
    const std::vector<double>& losses = one.curves.validation;
    const std::size_t step = std::max<std::size_t>(1, losses.size() / kMostEpochs);
    for (std::size_t e = 0; e < losses.size();
         e += e + step < losses.size() || e + 1 == losses.size() ? step : losses.size() - 1 - e) {
      values.push_back({{"epoch", e + 1}, {"way", candidate_words(facts, one)}, {"loss", losses[e]}});
      ++drawn;
      low = std::min(low, losses[e]);
      high = std::max(high, losses[e]);
    }
    epochs += losses.size();
    order.push_back(candidate_words(facts, one));
  }
  Json spec = specification(R"json({
    "height": 320,
    "mark": {"type": "line", "strokeWidth": 2},
    "encoding": {
      "x": {"field": "epoch", "type": "quantitative", "axis": {"grid": false, "tickCount": 8}},
      "y": {"field": "loss", "type": "quantitative", "title": "loss on rows left out", "scale": {"zero": false}},
      "color": {"field": "way", "type": "nominal", "title": null, "legend": {"orient": "top", "symbolType": "stroke", "columns": 3},
                "scale": {"range": ["var(--c2)", "var(--c7)", "var(--c1)", "var(--c3)", "var(--c4)"]}},
      "strokeDash": {"field": "way", "type": "nominal", "title": null, "legend": {"orient": "top", "symbolType": "stroke", "columns": 3},
                     "scale": {"range": [[1, 0], [8, 3], [1, 0], [5, 2], [2, 2]]}},
      "tooltip": [{"field": "way", "title": "network"}, {"field": "epoch"}, {"field": "loss", "format": ".5~g"}]
    }
  })json",
                            "Losses of rows left out over the epochs, a line a network");
  for (const char* channel : {"color", "strokeDash"}) spec["encoding"][channel]["scale"]["domain"] = order;
  if (low > 0 && high > 10 * low) spec["encoding"]["y"]["scale"] = {{"type", "log"}};
  spec["data"] = {{"values", values}};
  std::string caption = "Mean over the folds, each network with what the other folds chose for it.";
  if (drawn < epochs) caption += " Evenly spaced epochs are drawn.";
  return {"curves-chart", caption, spec, {}};
}

std::string groups_table(const CompareFacts& facts) {
  html::Table table{.id = "groups",
                    .caption = "Groups, the feature most correlated with the target first",
                    .headings = {"group", "l1 keeps", "others"},
                    .rows = {},
                    .row_classes = {},
                    .words = {1, 2}};
  const auto& groups = facts.measured.groups;
  for (std::size_t g = 0; g < std::min(groups.size(), kMostGroups); ++g) {
    const GroupFacts& group = groups[g];
    std::string kept, others;
    std::size_t n_kept = 0, n_others = 0;
    for (std::size_t i = 0; i < group.features.size(); ++i) {
      if (++(group.kept[i] ? n_kept : n_others) > kMostMembers) continue;
      (group.kept[i] ? kept : others) += "<div>" + html::name(facts.feature_names[at(group.features[i])]) + " (" +
                                         html::share(group.in_folds[i], 0) + " of folds, " +
                                         html::share(group.in_halves[i], 0) + " of halves)</div>";
    }
    const auto rest = [](std::size_t n) {
      return n > kMostMembers ? "<div>and " + html::number(static_cast<Index>(n - kMostMembers)) + " more</div>" : "";
    };
    kept += rest(n_kept);
    others += rest(n_others);
    table.rows.push_back({html::number(static_cast<Index>(g + 1)), kept.empty() ? "none" : kept, others});
  }
  std::string out = html::paragraph(
      "Features with a correlation of at least " + html::number(facts.measured.least_correlation, 2) +
      " in size stand in for each other: which of them l1 keeps may be close to arbitrary. Folds share most "
      "of their rows, halves far fewer: a feature kept in every fold but in few halves is not to be relied on.");
  out += table.rows.empty() ? html::paragraph("There are none.") : html::table(table);
  if (groups.size() > kMostGroups)
    out += html::paragraph(
        "The first " + std::to_string(kMostGroups) + " of " + html::number(std::ssize(groups)) + " groups.", "note");
  return out;
}

std::string measured_list(const CompareFacts& facts) {
  const Measured& measured = facts.measured;
  std::string out = "<dl class=\"facts\">\n";
  if (std::isnan(measured.collinearity.condition_number)) {
    out += html::fact("collinear", "not measured: more than " + html::number(kMostForEigenvalues) +
                                       " rows and features, or none that varies");
  } else {
    const double condition = measured.collinearity.condition_number;
    out += html::fact("condition number", std::isinf(condition)
                                              ? "infinite: some features are exact combinations of others"
                                              : html::number(condition, 3) + " (standardised; from 30 on collinear)");
    const Collinearity& one = measured.collinearity;
    out +=
        html::fact("directions", html::number(one.effective_dimension, 3) + " of the " +
                                     significant(one.effective_dimension / one.independence, 3) +
                                     " that independent features would vary in (" + html::share(one.independence, 0) + ")");
  }
  out +=
      html::fact("left out by l1", html::share(measured.share_irrelevant, 0) +
                                       " of the features, in at least half of the folds: irrelevant, or a stand-in is kept");
  return out + html::fact("correlated groups", html::number(std::ssize(measured.groups))) + "</dl>\n";
}

void add_measured(Page& page, const CompareFacts& facts) {
  std::string measured = measured_list(facts);
  if (!facts.measured.stability.frequency.empty()) measured += page.add(stability_chart(facts));
  page.body += html::section("measured", "What was measured", measured);
  page.body += html::section("groups-heading", "Correlated features", groups_table(facts));
}

/// The verdict in bold, a command as code.
std::string advice_words(const std::string& sentence) {
  const std::size_t end = sentence.find_first_of(".:");
  if (sentence.starts_with("Use ") && end != std::string::npos)
    return "<strong>" + html::text(sentence.substr(0, end)) + "</strong>" + html::text(sentence.substr(end));
  if (sentence.starts_with("Next: ")) return "Next: " + html::code(sentence.substr(6));
  return html::text(sentence);
}

}  // namespace

std::string compare_html(const CompareFacts& facts) {
  Page page;
  page.title = "riata compare: " + facts.target + " from " + facts.source;
  page.body = "<header>\n<h1>" + std::string(facts.hidden.empty() ? "Which penalty" : "How to hold back a network") +
              " for " + html::name(facts.target) + "?</h1>\n" +
              html::paragraph(html::name(facts.source) + ", " + html::number(facts.n_samples) + " rows, " +
                                  html::number(std::ssize(facts.feature_names)) + " features, " +
                                  html::number(facts.n_folds) + " folds, " +
                                  (facts.hidden.empty() ? "λ by " + html::text(facts.rule)
                                                        : "network " + html::text(contest_network_words(facts))),
                              "under") +
              "</header>\n<main>\n";
  std::vector<std::string> advice, cautions;
  for (const std::string& sentence : facts.advice.text) {
    advice.push_back(advice_words(sentence));
  }
  for (const std::string& warning : facts.warnings) cautions.push_back(html::text(warning));
  page.body += html::brief("Advice", advice) + html::warnings(cautions);
  const std::string measure = measure_words(facts.measure);
  std::string contest = contest_table(facts) + "<div class=\"columns\"><div>\n";
  contest +=
      page.add(interval_chart(facts, "error-chart", measure,
                              "On rows left out, one standard error either side; the advised one in the second colour.",
                              &Candidate::mean, &Candidate::standard_error, std::nan("")));
  contest += html::paragraph("With no feature at all: " + html::number(facts.null_error), "note") + "</div><div>\n";
  contest += page.add(interval_chart(facts, "difference-chart", difference_words(facts),
                                     "Differences to the best, fold by fold: what all share cancels. Within two standard "
                                     "errors of zero, twice the bar, is a tie.",
                                     &Candidate::difference, &Candidate::difference_error, 0));
  page.body += html::section("contest-heading", "The contest", contest + "</div></div>\n");
  if (facts.hidden.empty()) {
    page.body += html::section("model", "The advised model: " + html::text(candidate_words(facts, advised(facts))),
                               coefficients_table(facts));
  }
  page.body += html::section("weights", "What the penalties do to the weights", page.add(weights_chart(facts)));
  if (!facts.hidden.empty()) page.body += html::section("curves", "How they learned", page.add(curves_chart(facts)));
  if (facts.hidden.empty()) add_measured(page, facts);
  std::string each;
  for (const Candidate& one : facts.candidates) {
    each += (each.empty() ? "" : ", ") + candidate_words(facts, one) + " " + significant(one.seconds, 2) + " s";
  }
  page.body += fmt::format(
      "</main>\n<footer>riata {} · read {:.3f} s, compare {:.3f} s (on its threads together: {}) · λ is on the mean scale · "
      "this page needs no network and sends nothing</footer>\n",
      version(), facts.seconds_read, facts.seconds, each);
  return write_page(page);
}

}  // namespace riata
