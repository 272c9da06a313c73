#include "riata/report/compare_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBars = 30, kMostEpochs = 300;
constexpr double kDwarfs = 10;  // times the penalised weights: on one axis these would be slivers

Json names(const CompareFacts& facts) {
  Json out = Json::array();
  for (const Candidate& one : facts.candidates) out.push_back(candidate_words(facts, one));
  return out;
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

}  // namespace

Chart interval_chart(const CompareFacts& facts, const std::string& id, const std::string& title, const std::string& caption,
                     double Candidate::*value, double Candidate::*error, double rule) {
  Json spec = specification(R"json({
    "transform": [{"calculate": "datum.value - datum.error", "as": "low"},
                  {"calculate": "datum.value + datum.error", "as": "high"}],
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

Chart weights_chart(const CompareFacts& facts) {
  const double unpenalised = largest_weight(facts, true), penalised = largest_weight(facts, false);
  const bool dwarfs = penalised > 0 && unpenalised > kDwarfs * penalised;
  Json values = Json::array(), order = Json::array();
  bool cut = false;
  for (const Candidate& one : facts.candidates) {
    if (dwarfs && one.penalty == "none") continue;
    order.push_back(candidate_words(facts, one));
    cut = cut || one.weights.size() > kMostWeights;
    for (const double weight : largest_weights(one, kMostWeights))
      values.push_back({{"penalty", candidate_words(facts, one)}, {"weight", weight}});
  }
  Json spec = specification(R"json({
    "mark": {"type": "tick", "thickness": 2, "opacity": 0.7, "color": "var(--accent)"},
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

}  // namespace riata
