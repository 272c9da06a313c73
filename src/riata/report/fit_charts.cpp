#include "riata/report/fit_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "riata/core/text.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBars = 40;
constexpr Index kMostSteps = 120;
constexpr std::size_t kMostWalks = 40;
constexpr Index kCrowd = 40;  // lines from which on the grey ones step back

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

const char* const kColourScale = R"json({
  "domain": [1, 2, 3, 4, 5, 6, 7, 8],
  "range": ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)", "var(--rest)"]
})json";

/// λ to the right is weaker; the same domain for the path and the errors.
Json lambda_axis(const Model& model) {
  double low = 0, high = 0;
  for (const ModelPoint& point : model.path) {
    if (!(point.lambda > 0)) continue;
    high = std::max(high, point.lambda);
    low = low == 0 ? point.lambda : std::min(low, point.lambda);
  }
  Json out = Json::parse(R"json({
    "field": "lambda", "type": "quantitative", "title": "λ (stronger penalty to the left)",
    "scale": {"type": "log", "reverse": true, "nice": false}, "axis": {"format": ",~g", "tickCount": 5, "grid": false}
  })json");
  out["scale"]["domain"] = {low, high};
  return out;
}

/// Dashed lines where the rules chose.
std::vector<Json> rule_layers(const Model& model, const Json& x) {
  if (!model.cross_validation) return {};
  const ModelCrossValidation& cv = *model.cross_validation;
  const auto layer = [&](Index k, const std::string& name, const char* align, int dx) {
    Json out = Json::parse(R"json({
      "layer": [
        {"mark": {"type": "rule", "strokeDash": [4, 3], "color": "var(--ink)"}},
        {"mark": {"type": "text", "baseline": "top", "color": "var(--ink)", "y": 2}, "encoding": {"text": {"field": "name"}}}
      ]
    })json");
    out["data"]["values"] = Json::array({{{"lambda", model.path[at(k)].lambda}, {"name", name}}});
    out["encoding"]["x"] = x;
    out["layer"][1]["mark"]["align"] = align;
    out["layer"][1]["mark"]["dx"] = dx;
    return out;
  };
  std::vector<Json> out;
  const auto add = [&](Index k, const std::string& name, const char* align, int dx) {
    if (model.path[at(k)].lambda > 0) out.push_back(layer(k, name, align, dx));
  };
  if (cv.index_min == cv.index_1se) {
    add(cv.index_min, "min = 1se", "left", 4);
  } else {
    add(cv.index_1se, "1se", "right", -4);
    add(cv.index_min, "min", "left", 4);
  }
  return out;
}

Json walker(const Json& x) {
  Json out = Json::parse(R"json({
    "data": {"values": [{}]}, "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)"}
  })json");
  out["encoding"]["x"] = x;
  out["encoding"]["x"].erase("field");
  out["encoding"]["x"]["datum"] = {{"expr", "at"}};
  return out;
}

struct Range {
  double low = 0, high = 0;  ///< zero is always inside
  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double span() const { return high - low; }
};

/// Effects of the drawn features where the penalty is at least as strong as at `lambda`.
Range effects_from(const Model& model, const DrawnPath& drawn, double lambda) {
  std::vector<bool> is_drawn(model.feature_names.size(), false);
  for (const Index j : drawn.features) is_drawn[at(j)] = true;
  Range out;
  for (const Index k : drawn.points) {
    const ModelPoint& point = model.path[at(k)];
    if (!point.coefficients || !(point.lambda > 0) || point.lambda < lambda) continue;
    for (std::size_t i = 0; i < point.coefficients->indices.size(); ++i) {
      const Index j = point.coefficients->indices[i];
      if (is_drawn[at(j)]) out.take(point.coefficients->values[i] * model.standard_deviation[at(j)]);
    }
  }
  return out;
}

/// A path that goes far beyond what the rules choose would press what lies there onto the axis: the frame is then twice the
/// range up to the weakest λ that a rule chose. Returns what the caption says of it.
std::string frame_chosen(const Model& model, const DrawnPath& drawn, Json& spec) {
  constexpr double kFar = 4, kRoom = 2;
  if (!model.selected) return "";
  double weakest = model.path[at(model.selected->index)].lambda;
  if (model.cross_validation) weakest = std::min(weakest, model.path[at(model.cross_validation->index_min)].lambda);
  const Range near = effects_from(model, drawn, weakest);
  const Range all = effects_from(model, drawn, 0);
  if (!(near.span() > 0) || all.span() < kFar * near.span()) return "";
  for (const std::size_t layer : {std::size_t{0}, std::size_t{1}}) {
    spec["layer"][layer]["mark"]["clip"] = true;
    spec["layer"][layer]["encoding"]["y"]["scale"] = {
        {"domain", {std::max(all.low, kRoom * near.low), std::min(all.high, kRoom * near.high)}}, {"nice", false}};
  }
  return fmt::format(
      " The frame is twice the range of the coefficients from the strongest λ to the weakest that is marked; weaker "
      "ones lead out of it, as far as {} and {}.",
      significant(all.low, 3), significant(all.high, 3));
}

}  // namespace

Chart path_chart(const Model& model, const DrawnPath& drawn, Index shown) {
  const Json x = lambda_axis(model);
  Json spec =
      specification(R"json({
    "height": 340,
    "params": [{"name": "focus", "value": -1}],
    "layer": [
      {
        "data": {"name": "path"}, "mark": {"type": "line", "strokeWidth": 1.6, "strokeJoin": "round"},
        "encoding": {
          "y": {"field": "value", "type": "quantitative", "title": "coefficient per standard deviation"},
          "detail": {"field": "f"},
          "color": {"field": "colour", "type": "nominal", "legend": null},
          "tooltip": [{"field": "feature", "title": "feature"}]
        }
      },
      {
        "data": {"name": "path"}, "transform": [{"filter": "datum.f === focus"}],
        "mark": {"type": "line", "strokeWidth": 4, "strokeJoin": "round"},
        "encoding": {
          "y": {"field": "value", "type": "quantitative"}, "detail": {"field": "f"},
          "color": {"field": "colour", "type": "nominal", "legend": null}
        }
      }
    ]
  })json",
                    "Coefficients over the strength of the penalty, a line a feature; the table beside it has the numbers");
  for (Json& layer : spec["layer"]) {
    layer["encoding"]["x"] = x;
    layer["encoding"]["color"]["scale"] = Json::parse(kColourScale);
  }
  if (std::ssize(drawn.features) > kCrowd) {
    spec["layer"][0]["encoding"]["opacity"] = {{"condition", {{"test", "datum.colour === 8"}, {"value", 0.35}}},
                                               {"value", 1}};
  }
  for (Json& layer : rule_layers(model, x)) spec["layer"].push_back(std::move(layer));
  spec["layer"].push_back(walker(x));
  spec["params"].push_back({{"name", "at"}, {"value", model.path[at(shown)].lambda}});
  std::string caption =
      "Each line is a feature’s coefficient (per standard deviation) as the penalty weakens. Point at or tap "
      "a line for its name, or a row of the table for its line.";
  const Index n_drawn = std::ssize(drawn.features);
  if (n_drawn < drawn.n_ever_nonzero) {
    caption += fmt::format(" The {} largest of {} features that are ever non-zero are drawn.", html::number(n_drawn),
                           html::number(drawn.n_ever_nonzero));
  }
  if (drawn.points.size() < model.path.size()) {
    caption +=
        fmt::format(" {} of {} λ are drawn.", html::number(std::ssize(drawn.points)), html::number(std::ssize(model.path)));
  }
  caption += frame_chosen(model, drawn, spec);
  if (!(model.path.back().lambda > 0)) caption += " λ = 0 has no place on a logarithmic axis; the slider reaches it.";
  return {"path-chart", caption, spec, {"path"}};
}

Chart validation_chart(const Model& model, const DrawnPath&, Index shown) {
  const ModelCrossValidation& cv = *model.cross_validation;
  const Json x = lambda_axis(model);
  Json spec = specification(R"json({
    "height": 240,
    "layer": [
      {
        "data": {"name": "validation"}, "mark": {"type": "area", "opacity": 0.2, "color": "var(--band)"},
        "encoding": {"y": {"field": "low", "type": "quantitative", "scale": {"zero": false}}, "y2": {"field": "high"}}
      },
      {
        "data": {"name": "validation"}, "mark": {"type": "line", "strokeWidth": 2, "color": "var(--band)"},
        "encoding": {"y": {"field": "mean", "type": "quantitative"}}
      },
      {
        "data": {"name": "validation"}, "mark": {"type": "point", "size": 90, "opacity": 0},
        "encoding": {
          "y": {"field": "mean", "type": "quantitative"},
          "tooltip": [{"field": "lambda", "title": "λ", "format": ".4~g"}, {"field": "mean", "format": ".4~g"},
                      {"field": "low", "title": "mean − se", "format": ".4~g"},
                      {"field": "high", "title": "mean + se", "format": ".4~g"}]
        }
      },
      {
        "data": {"name": "validation"}, "transform": [{"filter": "datum.lambda === at"}],
        "mark": {"type": "point", "filled": true, "size": 130, "opacity": 1, "color": "var(--accent)"},
        "encoding": {"y": {"field": "mean", "type": "quantitative"}}
      }
    ]
  })json",
                            "Cross-validated error over the strength of the penalty, with one standard error either side");
  for (Json& layer : spec["layer"]) {
    layer["encoding"]["x"] = x;
    layer["encoding"]["y"]["title"] = measure_words(cv.measure);
    layer["encoding"]["y"]["axis"]["labelExpr"] = "datum.value >= 1e6 ? format(datum.value, '~e') : datum.label";
  }
  for (Json& layer : rule_layers(model, x)) spec["layer"].push_back(std::move(layer));
  spec["layer"].push_back(walker(x));
  spec["params"] = Json::array({{{"name", "at"}, {"value", model.path[at(shown)].lambda}}});
  const std::string caption =
      "Error on the rows left out, mean over " + html::number(cv.n_folds) +
      " folds; the band is one standard error either side. <em>min</em> is the least error, <em>1se</em> the strongest "
      "penalty whose error is within one standard error of it.";
  return {"validation-chart", caption, spec, {"validation"}};
}

Chart coefficient_chart(const Model& model, Index index) {
  const ModelPoint& point = model.path[at(index)];
  const std::vector<Coefficient> all = by_effect(model, *point.coefficients);
  const std::vector<double>* shares = nullptr;
  if (model.cross_validation && !model.cross_validation->selection_frequency.empty()) {
    shares = &model.cross_validation->selection_frequency;
  }
  Json values = Json::array();
  for (std::size_t i = 0; i < std::min(all.size(), kBars); ++i) {
    Json row;
    row["place"] = i;
    row["name"] = shortened(printable(model.feature_names[at(all[i].feature)]), 36);
    row["value"] = all[i].standardized;
    row["coefficient"] = all[i].value;
    row["sign"] = all[i].standardized > 0 ? "raises" : "lowers";
    if (shares != nullptr) row["share"] = percent((*shares)[at(all[i].feature)], 0);
    values.push_back(std::move(row));
  }
  Json spec = specification(R"json({
    "encoding": {"y": {"field": "place", "type": "ordinal", "title": null,
                       "axis": {"labelExpr": "data('bars')[datum.value].name", "labelLimit": 0, "ticks": false, "domain": false}}},
    "layer": [
      {
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {
          "x": {"field": "value", "type": "quantitative", "title": "per standard deviation",
                "scale": {"padding": 36}},
          "color": {"field": "sign", "type": "nominal", "title": null,
                    "scale": {"domain": ["raises", "lowers"], "range": ["var(--c1)", "var(--c2)"]},
                    "legend": {"orient": "top"}},
          "tooltip": [{"field": "name", "title": "feature"}, {"field": "coefficient", "format": ".4~g"},
                      {"field": "value", "title": "per sd", "format": ".4~g"}]
        }
      }
    ]
  })json",
                            "Coefficients of the chosen model per standard deviation of their features, largest first");
  spec["data"] = {{"name", "bars"}, {"values", values}};
  spec["height"] = 22 * values.size();
  std::string caption = "What one standard deviation of a feature adds to " + raised_words(model) + ".";
  if (shares != nullptr) {
    spec["layer"].push_back(Json::parse(R"json({
      "mark": {"type": "text", "align": "right", "dx": -2, "color": "var(--faint)", "fontSize": 11},
      "encoding": {"x": {"value": {"expr": "width"}}, "text": {"field": "share"}}
    })json"));
    spec["layer"].push_back(Json::parse(R"json({
      "data": {"values": [{}]},
      "mark": {"type": "text", "align": "right", "dx": -2, "color": "var(--faint)", "fontSize": 11, "text": "in folds"},
      "encoding": {"x": {"value": {"expr": "width"}}, "y": {"value": -6}}
    })json"));
    caption += " <em>In folds</em>: in how many of the folds the feature is non-zero too.";
  }
  if (all.size() > kBars) {
    caption += fmt::format(" The {} largest of {} are drawn.", html::number(static_cast<Index>(kBars)),
                           html::number(std::ssize(all)));
  }
  return {"coefficient-chart", caption, spec, {}};
}

Chart trajectory_chart(const Model& model, const DrawnPath& drawn, const Trajectory& trajectory, const std::string& id,
                       const std::string& penalty) {
  const Index n = std::ssize(trajectory.rows);
  std::vector<double> largest(model.feature_names.size(), 0.0);
  for (const TrajectoryRow& row : trajectory.rows) {
    for (std::size_t i = 0; i < row.coefficients.indices.size(); ++i) {
      const std::size_t j = at(row.coefficients.indices[i]);
      largest[j] = std::max(largest[j], std::abs(row.coefficients.values[i] * model.standard_deviation[j]));
    }
  }
  std::vector<Index> order;
  for (Index j = 0; j < std::ssize(largest); ++j) {
    if (largest[at(j)] > 0) order.push_back(j);
  }
  std::ranges::stable_sort(order, [&](Index a, Index b) { return largest[at(a)] > largest[at(b)]; });
  const Index moved = std::ssize(order);
  if (order.size() > kMostWalks) order.resize(kMostWalks);
  std::set<Index> steps;
  for (Index i = 0; i < std::min(n, kMostSteps); ++i) {  // close together at first, where most happens
    const double part = static_cast<double>(i) / static_cast<double>(std::max<Index>(1, std::min(n, kMostSteps) - 1));
    steps.insert(std::min(n - 1, static_cast<Index>(std::lround(std::pow(static_cast<double>(n), part))) - 1));
  }
  std::vector<int> colours(largest.size(), 8);
  for (std::size_t f = 0; f < drawn.features.size(); ++f) colours[at(drawn.features[f])] = drawn.colours[f];
  Json values = Json::array();
  for (std::size_t f = 0; f < order.size(); ++f) {
    for (Index s : steps) {
      const TrajectoryRow& row = trajectory.rows[at(s)];
      const auto found = std::ranges::lower_bound(row.coefficients.indices, order[f]);
      const bool there = found != row.coefficients.indices.end() && *found == order[f];
      const double value = there ? row.coefficients.values[at(found - row.coefficients.indices.begin())] : 0.0;
      values.push_back({{"f", f},
                        {"feature", printable(model.feature_names[at(order[f])])},
                        {"iteration", row.iteration},
                        {"value", value * model.standard_deviation[at(order[f])]},
                        {"colour", colours[at(order[f])]}});
    }
  }
  Json spec = specification(R"json({
    "height": 300,
    "mark": {"type": "line", "strokeWidth": 1.6},
    "encoding": {
      "x": {"field": "iteration", "type": "quantitative", "scale": {"type": "symlog"}, "axis": {"tickCount": 6}},
      "y": {"field": "value", "type": "quantitative", "title": "coefficient per standard deviation"},
      "detail": {"field": "f"},
      "color": {"field": "colour", "type": "nominal", "legend": null},
      "tooltip": [{"field": "feature"}]
    }
  })json",
                            "Coefficients over the iterations of gradient descent, a line a feature");
  spec["encoding"]["color"]["scale"] = Json::parse(kColourScale);
  spec["data"] = {{"values", values}};
  std::string caption =
      html::text(penalty) + ": every weight starts at zero and walks to its value; colours as in the table.";
  if (std::ssize(order) < moved) {
    caption +=
        fmt::format(" The {} largest of {} that moved are drawn.", html::number(std::ssize(order)), html::number(moved));
  }
  return {id, caption, spec, {}};
}

}  // namespace riata
