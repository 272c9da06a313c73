#include "riata/report/train_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"
#include "riata/report/train_advice.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index kMostEpochs = 400;
constexpr std::size_t kBars = 30;
constexpr double kWideRange = 30;  // largest over smallest loss from which on the axis is logarithmic

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

struct Curve {
  const char* rows;
  double EpochRow::*value;
};

/// Epochs to draw: all, or evenly spaced ones with the first, the last and the named.
std::vector<const EpochRow*> drawn_epochs(const NetworkModel& model) {
  const Index n = std::ssize(model.history), step = std::max<Index>(1, (n + kMostEpochs - 1) / kMostEpochs);
  std::vector<const EpochRow*> out;
  for (Index i = 0; i < n; ++i) {
    const EpochRow& row = model.history[at(i)];
    const bool named = row.epoch == model.best_epoch || row.epoch == model.diagnosis_epoch;
    if (i % step == 0 || i + 1 == n || named) out.push_back(&row);
  }
  return out;
}

/// A dashed line at an epoch with its name, below the names that are there already.
Json epoch_mark(Index epoch, const std::string& name, const NetworkModel& model, int line, const char* colour) {
  Json out = Json::parse(R"json({
    "layer": [
      {"mark": {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5}},
      {"mark": {"type": "text", "baseline": "top", "stroke": "var(--paper)", "strokeWidth": 5}, "encoding": {"text": {"field": "name"}}},
      {"mark": {"type": "text", "baseline": "top"}, "encoding": {"text": {"field": "name"}}}
    ]
  })json");
  const bool right = 2 * epoch > model.stopped_epoch;
  out["data"]["values"] = Json::array({{{"epoch", epoch}, {"name", name}}});
  out["encoding"]["x"] = {{"field", "epoch"}, {"type", "quantitative"}};
  out["layer"][0]["mark"]["color"] = colour;
  for (const std::size_t k : {std::size_t{1}, std::size_t{2}}) {  // the first keeps lines off the letters
    out["layer"][k]["mark"].update({{"align", right ? "right" : "left"}, {"dx", right ? -5 : 5}, {"y", 2 + 16 * line}});
  }
  out["layer"][2]["mark"]["color"] = colour;
  return out;
}

std::vector<Json> epoch_marks(const NetworkModel& model) {
  std::vector<Json> out;
  if (model.diagnosis_epoch > 0) {
    out.push_back(
        epoch_mark(model.diagnosis_epoch, fmt::format("overfits from {}", model.diagnosis_epoch), model, 0, "var(--warn)"));
  }
  if (model.best_epoch > 0) {
    const std::string name = fmt::format("{} {}", restores_best(model) ? "restored" : "least", model.best_epoch);
    out.push_back(epoch_mark(model.best_epoch, name, model, 1, "var(--ink)"));
  }
  return out;
}

Chart curves_chart(const NetworkModel& model, const std::string& id, const std::string& title,
                   const std::vector<Curve>& curves, const std::string& description) {
  const std::vector<const EpochRow*> epochs = drawn_epochs(model);
  Json values = Json::array();
  double low = HUGE_VAL, high = 0, least_held_out = HUGE_VAL;
  for (const Curve& curve : curves) {
    const bool held_out = curve.value == &EpochRow::validation_loss || curve.value == &EpochRow::test_loss;
    for (const EpochRow* row : epochs) {
      const double value = row->*curve.value;
      if (!std::isfinite(value)) continue;
      values.push_back({{"epoch", row->epoch}, {"rows", curve.rows}, {"value", value}});
      low = std::min(low, value);
      high = std::max(high, value);
      if (held_out) least_held_out = std::min(least_held_out, value);
    }
  }
  Json spec = specification(R"json({
    "height": 280,
    "layer": [
      {
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
          "y": {"field": "value", "type": "quantitative", "scale": {"zero": false}},
          "color": {"field": "rows", "type": "nominal", "title": null, "legend": {"orient": "top", "symbolType": "stroke"},
                    "scale": {"domain": ["training", "validation", "test"], "range": ["var(--c1)", "var(--c2)", "var(--c3)"]}},
          "strokeDash": {"field": "rows", "type": "nominal", "title": null, "legend": {"orient": "top", "symbolType": "stroke"},
                         "scale": {"domain": ["training", "validation", "test"], "range": [[1, 0], [7, 3], [2, 2]]}}
        }
      },
      {
        "mark": {"type": "point", "size": 60, "opacity": 0},
        "encoding": {
          "y": {"field": "value", "type": "quantitative"},
          "tooltip": [{"field": "epoch"}, {"field": "rows"}, {"field": "value", "format": ".5~g"}]
        }
      }
    ]
  })json",
                            description);
  const bool wide = low > 0 && high > kWideRange * low;
  const double floor = least_held_out / kWideRange;  // what matters is above: training loss may fall for ever
  const bool cut = wide && std::isfinite(floor) && low < floor;
  Json domain = Json::array();
  for (const Curve& curve : curves) domain.push_back(curve.rows);
  for (const char* channel : {"color", "strokeDash"}) {
    Json& scale = spec["layer"][0]["encoding"][channel]["scale"];
    scale["range"].erase(scale["range"].begin() + std::ssize(domain), scale["range"].end());
    scale["domain"] = domain;
  }
  for (Json& layer : spec["layer"]) {
    layer["encoding"]["x"] = {{"field", "epoch"}, {"type", "quantitative"}, {"axis", {{"tickCount", 8}, {"grid", false}}}};
    layer["encoding"]["y"]["title"] = title;
    if (wide) layer["encoding"]["y"]["scale"] = {{"type", "log"}};
    if (cut) layer["encoding"]["y"]["scale"].update({{"domainMin", floor}, {"nice", false}});
    if (cut) layer["mark"]["clip"] = true;
  }
  spec["data"] = {{"values", values}};
  for (Json& mark : epoch_marks(model)) spec["layer"].push_back(std::move(mark));
  std::string caption;
  if (wide) caption += " The axis of the losses is logarithmic.";
  if (cut) caption += " Training loss goes below it, to " + significant(low) + ".";
  if (epochs.size() < model.history.size()) {
    caption += fmt::format(" {} of {} epochs are drawn.", html::number(std::ssize(epochs)),
                           html::number(std::ssize(model.history)));
  }
  return {id, caption, spec, {}};
}

std::vector<Curve> present(const NetworkModel& model, std::vector<Curve> curves) {
  std::erase_if(curves, [&](const Curve& curve) {
    return std::ranges::none_of(model.history, [&](const EpochRow& row) { return std::isfinite(row.*curve.value); });
  });
  return curves;
}

/// Whether a mark stands where a name at the right end would be.
bool marks_are_late(const NetworkModel& model) {
  return 10 * std::max(model.best_epoch, model.diagnosis_epoch) > 6 * model.stopped_epoch;
}

/// A dotted line, named at its right end, or in the middle.
Json level(double value, const std::string& name, const char* title, bool in_the_middle) {
  Json out = Json::parse(R"json({
    "layer": [
      {"mark": {"type": "rule", "strokeDash": [2, 3], "color": "var(--faint)"}},
      {"mark": {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "stroke": "var(--paper)", "strokeWidth": 5},
       "encoding": {"x": {"value": {"expr": "width"}}, "text": {"field": "name"}}},
      {"mark": {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "color": "var(--faint)"},
       "encoding": {"x": {"value": {"expr": "width"}}, "text": {"field": "name"}}}
    ]
  })json");
  for (const std::size_t text : {1UL, 2UL}) {
    if (!in_the_middle) continue;
    out["layer"][text]["mark"]["align"] = "center";
    out["layer"][text]["encoding"]["x"]["value"]["expr"] = "width / 2";
  }
  out["data"]["values"] = Json::array({{{"value", value}, {"name", name}}});
  out["encoding"]["y"] = {{"field", "value"}, {"type", "quantitative"}, {"title", title}};
  return out;
}

/// Behind the curves and the marks, whose names it must not cross.
void put_behind(Chart& chart, Json layer) {
  Json& layers = chart.specification["layer"];
  layers.insert(layers.begin(), std::move(layer));
}

/// Whether the curves keep a third of a frame that holds the loss without any feature too.
bool lies_near(const std::vector<Curve>& curves, const NetworkModel& model) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const Curve& curve : curves) {
    for (const EpochRow& row : model.history) {
      if (!std::isfinite(row.*curve.value)) continue;
      low = std::min(low, row.*curve.value);
      high = std::max(high, row.*curve.value);
    }
  }
  return std::max(high, model.null_loss) - std::min(low, model.null_loss) < 3 * (high - low);
}

Chart loss_chart(const NetworkModel& model) {
  const std::vector<Curve> curves = present(
      model,
      {{"training", &EpochRow::training_loss}, {"validation", &EpochRow::validation_loss}, {"test", &EpochRow::test_loss}});
  Chart out = curves_chart(model, "loss-chart", "loss", curves, "Losses over the epochs of training");
  const bool logarithmic = out.specification["layer"][0]["encoding"]["y"]["scale"].contains("type");
  std::string caption =
      "Where validation turns up while training goes on falling, the network learns the training rows by heart.";
  if (std::isfinite(model.null_loss) && (logarithmic ? model.null_loss > 0 : lies_near(curves, model))) {
    put_behind(out, level(model.null_loss, "without any feature", "loss", marks_are_late(model)));
  } else if (std::isfinite(model.null_loss)) {
    caption += " Without any feature the loss is " + html::number(model.null_loss) + ", outside the frame.";
  }
  out.caption = caption + out.caption;
  return out;
}

/// Which epoch's weights are kept.
std::string kept_words(const NetworkModel& model) {
  if (restores_best(model)) return " <em>restored</em>: the epoch whose weights were kept.";
  if (model.best_epoch > 0) return " <em>least</em>: the least validation loss; the weights kept are the last.";
  return "";
}

Chart accuracy_chart(const NetworkModel& model, const std::vector<Curve>& curves) {
  Chart out = curves_chart(model, "accuracy-chart", "accuracy", curves, "Share of right classes over the epochs");
  for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    Json& y = out.specification["layer"][i]["encoding"]["y"];
    y["scale"] = {{"zero", false}};
    y["axis"] = {{"format", "%"}};
  }
  out.caption = "Share of right classes. It often hovers while the loss turns: the loss shows overfitting first.";
  return out;
}

Chart norm_chart(const TrainFacts& facts) {
  const NetworkModel& model = facts.model;
  Chart out = curves_chart(model, "norm-chart", "weight norm", {{"this network", &EpochRow::weight_norm}},
                           "Norm of the parameters over the epochs");
  for (const char* channel : {"color", "strokeDash"}) out.specification["layer"][0]["encoding"][channel]["legend"] = nullptr;
  out.specification["height"] = 200;
  out.caption = "The norm of all parameters: regularisation holds it back.";
  if (facts.twin) {
    put_behind(out,
               level(facts.twin->twin_norm, "unregularised twin at its end", "weight norm", marks_are_late(facts.model)));
  }
  return out;
}

Json lambda_axis(const TrainFacts& facts) {
  Json out = Json::parse(R"json({
    "field": "lambda", "type": "quantitative", "title": "λ (stronger penalty to the left)",
    "scale": {"type": "log", "reverse": true, "nice": false}, "axis": {"format": "~g", "tickCount": 5, "grid": false}
  })json");
  out["scale"]["domain"] = {facts.grid.back().lambda, facts.grid.front().lambda};
  return out;
}

}  // namespace

std::vector<Chart> curve_charts(const NetworkModel& model) {
  std::vector<Chart> out;
  if (model.history.empty()) return out;
  out.push_back(loss_chart(model));
  const std::vector<Curve> accuracies = present(model, {{"training", &EpochRow::training_accuracy},
                                                        {"validation", &EpochRow::validation_accuracy},
                                                        {"test", &EpochRow::test_accuracy}});
  if (!accuracies.empty()) out.push_back(accuracy_chart(model, accuracies));
  return out;
}

std::vector<Chart> learning_charts(const TrainFacts& facts) {
  std::vector<Chart> out = curve_charts(facts.model);
  if (out.empty()) return out;
  out.front().caption += kept_words(facts.model);
  out.push_back(norm_chart(facts));
  return out;
}

std::vector<Chart> grid_charts(const TrainFacts& facts) {
  if (std::ssize(facts.grid) < 2 || !(facts.grid.back().lambda > 0)) return {};
  Json values = Json::array();
  for (const LambdaScore& one : facts.grid) {
    values.push_back({{"lambda", one.lambda}, {"zeros", one.exact_zeros}});
    if (std::isfinite(one.mean))
      values.back().update({{"mean", one.mean}, {"error", std::isfinite(one.standard_error) ? one.standard_error : 0.0}});
  }
  Json marks = Json::array();
  const auto mark = [&](Index k, const char* name) {
    marks.push_back({{"lambda", facts.grid[at(k)].lambda}, {"name", name}});
  };
  if (facts.n_folds == 0 || facts.index_min == facts.index_1se) {
    mark(facts.index_min, facts.n_folds == 0 ? "min" : "min = 1se");
  } else {
    mark(facts.index_min, "min");
    mark(facts.index_1se, "1se");
  }
  Json loss = specification(R"json({
    "height": 240,
    "transform": [{"calculate": "datum.mean - datum.error", "as": "low"},
                  {"calculate": "datum.mean + datum.error", "as": "high"}],
    "layer": [
      {"mark": {"type": "area", "opacity": 0.2, "color": "var(--band)"},
       "encoding": {"y": {"field": "low", "type": "quantitative", "scale": {"zero": false}}, "y2": {"field": "high"}}},
      {"mark": {"type": "line", "strokeWidth": 2, "color": "var(--band)", "point": {"color": "var(--band)"}},
       "encoding": {"y": {"field": "mean", "type": "quantitative"},
                    "tooltip": [{"field": "lambda", "title": "λ", "format": ".4~g"}, {"field": "mean", "format": ".4~g"},
                                {"field": "zeros", "title": "exact zeros"}]}},
      {"mark": {"type": "rule", "strokeDash": [4, 3], "color": "var(--ink)"}},
      {"mark": {"type": "text", "baseline": "top", "align": "left", "dx": 4, "y": 2, "color": "var(--ink)"},
       "encoding": {"text": {"field": "name"}}}
    ]
  })json",
                            "Loss over the strength of the penalty");
  for (Json& layer : loss["layer"]) layer["encoding"]["x"] = lambda_axis(facts);
  for (std::size_t i : {std::size_t{0}, std::size_t{1}})
    loss["layer"][i]["encoding"]["y"]["title"] = facts.measure + " on rows left out";
  for (std::size_t i : {std::size_t{2}, std::size_t{3}}) loss["layer"][i]["data"]["values"] = marks;
  loss["data"]["values"] = values;
  Json zeros = specification(R"json({
    "height": 160, "mark": {"type": "line", "strokeWidth": 2, "color": "var(--accent)", "point": {"color": "var(--accent)"}},
    "encoding": {"y": {"field": "zeros", "type": "quantitative", "title": "exact zeros"},
                 "tooltip": [{"field": "lambda", "title": "λ", "format": ".4~g"}, {"field": "zeros", "title": "exact zeros"}]}
  })json",
                             "Parameters that are exactly zero over the strength of the penalty");
  zeros["encoding"]["x"] = lambda_axis(facts);
  zeros["data"]["values"] = values;
  std::string caption = facts.n_folds > 0
                            ? "A network was trained for every λ and fold; the band is one standard error either side."
                            : "A network was trained for every λ and judged on the rows held out.";
  if (facts.n_seeds > 1)
    caption += " Each point is the mean over networks of " + html::number(facts.n_seeds) + " random starts.";
  return {{"grid-chart", caption, loss, {}}, {"zeros-chart", "Parameters that are exactly zero.", zeros, {}}};
}

Chart input_chart(const NetworkModel& model) {
  const std::size_t p = model.feature_names.size();
  Json values = Json::array();
  const std::vector<InputNorm> norms = input_norms(model);
  for (const InputNorm& one : norms) {
    if (values.size() == kBars) break;
    values.push_back({{"place", values.size()},
                      {"name", shortened(printable(model.feature_names[at(one.feature)]), 28)},
                      {"norm", one.norm}});
  }
  Json spec = specification(R"json({
    "mark": {"type": "bar", "height": {"band": 0.7}, "color": "var(--accent)"},
    "encoding": {
      "y": {"field": "place", "type": "ordinal", "title": null,
            "axis": {"labelExpr": "data('bars')[datum.value].name", "labelLimit": 0, "ticks": false, "domain": false}},
      "x": {"field": "norm", "type": "quantitative", "title": "norm of its weights",
            "axis": {"tickCount": 6}},
      "tooltip": [{"field": "name", "title": "feature"}, {"field": "norm", "format": ".4~g"}]
    }
  })json",
                            "Norm of the first layer's weights by feature, largest first");
  spec["data"] = {{"name", "bars"}, {"values", values}};
  spec["height"] = 22 * values.size();
  std::string caption = model.network.skip ? "How strongly the first layer and the linear part listen to each feature"
                                           : "How strongly the first layer listens to each feature";
  caption += model.standardize ? " (features have one unit: their standard deviation)."
                               : " (in the features' own units: their sizes are not comparable).";
  if (norms.empty()) caption += " It listens to none.";
  if (values.size() < norms.size())
    caption += fmt::format(" The {} largest of {} are drawn.", kBars, html::number(static_cast<Index>(p)));
  return {"input-chart", caption, spec, {}};
}

}  // namespace riata
