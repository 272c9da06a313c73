#include "riata/report/row_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/report/calibration.hpp"
#include "riata/report/html.hpp"
#include "riata/report/rows_json.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

std::string origin_words(RowFacts::Origin origin) {
  switch (origin) {
    case RowFacts::Origin::out_of_fold:
      return "Each row as predicted by a model that was fitted without its fold, at the chosen λ.";
    case RowFacts::Origin::held_out: return "Rows that were held out: no weight was moved by them.";
    case RowFacts::Origin::fitted: break;
  }
  return "The rows the model was fitted on: new rows will scatter more.";
}

std::string why_unjudged(const RowFacts& rows) {
  if (rows.origin == RowFacts::Origin::fitted) return "a model flatters the rows it was fitted on.";
  return "they separate the classes, or hardly differ.";
}

Chart calibration_chart(const RowFacts& rows, const std::string& class_name) {
  Json values = Json::array();
  for (const CalibrationBin& bin : calibration_bins(rows)) {
    values.push_back(
        {{"predicted", bin.predicted}, {"observed", bin.observed}, {"error", bin.standard_error}, {"rows", bin.n}});
  }
  Json spec = specification(R"json({
    "height": 300,
    "transform": [{"calculate": "max(0, datum.observed - datum.error)", "as": "low"},
                  {"calculate": "min(1, datum.observed + datum.error)", "as": "high"}],
    "layer": [
      {
        "data": {"values": [{"at": 0}, {"at": 1}]}, "mark": {"type": "line", "strokeDash": [4, 3], "color": "var(--ink)"},
        "encoding": {"x": {"field": "at", "type": "quantitative"}, "y": {"field": "at", "type": "quantitative"}}
      },
      {
        "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--band)"},
        "encoding": {"x": {"field": "predicted", "type": "quantitative"}, "y": {"field": "low", "type": "quantitative"},
                     "y2": {"field": "high"}}
      },
      {
        "mark": {"type": "point", "filled": true, "size": 90, "opacity": 1, "color": "var(--accent)"},
        "encoding": {
          "x": {"field": "predicted", "type": "quantitative", "title": "predicted probability", "scale": {"domain": [0, 1]}},
          "y": {"field": "observed", "type": "quantitative", "title": "observed share", "scale": {"domain": [0, 1]}},
          "tooltip": [{"field": "predicted", "format": ".3~g"}, {"field": "observed", "format": ".3~g"}, {"field": "rows"}]
        }
      }
    ]
  })json",
                            "Predicted probability against the share observed, a dot a tenth of the rows");
  spec["data"] = {{"values", values}};
  return {"calibration-chart",
          "How often " + html::name(class_name) +
              " was observed among rows of like predicted probability, a dot a tenth of the rows with one standard error "
              "either side. On the dashed line predictions mean what they say.",
          spec,
          {}};
}

Chart roc_chart(const RowFacts& rows) {
  Json values = Json::array();
  for (const RocPoint& corner : drawn_corners(rows)) {
    values.push_back({{"false", corner.false_positive}, {"true", corner.true_positive}, {"order", values.size()}});
  }
  Json spec = specification(R"json({
    "height": 300,
    "layer": [
      {
        "data": {"values": [{"at": 0}, {"at": 1}]}, "mark": {"type": "line", "strokeDash": [4, 3], "color": "var(--ink)"},
        "encoding": {"x": {"field": "at", "type": "quantitative"}, "y": {"field": "at", "type": "quantitative"}}
      },
      {
        "mark": {"type": "line", "strokeWidth": 2, "color": "var(--accent)"},
        "encoding": {
          "x": {"field": "false", "type": "quantitative", "title": "share of the others above the threshold"},
          "y": {"field": "true", "type": "quantitative", "title": "share of the class above it"},
          "order": {"field": "order", "type": "quantitative"}
        }
      }
    ]
  })json",
                            "ROC curve: the share of the class found against the share of the others taken for it");
  spec["data"] = {{"values", values}};
  const Area area = area_under(rows);
  return {"roc-chart",
          "The ROC curve; the area under it is " + html::plus_minus(area.value, area.standard_error) +
              ": the chance that a row of the class is ranked above another (0.5: by luck).",
          spec,
          {}};
}

Chart residual_chart(const RowFacts& rows) {
  Json values = Json::array();
  for (const std::size_t row : drawn_rows(rows))
    values.push_back({{"predicted", rows.predicted[row]}, {"observed", rows.observed[row]}});
  Json spec = specification(R"json({
    "height": 280,
    "transform": [{"calculate": "datum.observed - datum.predicted", "as": "residual"}],
    "layer": [
      {
        "mark": {"type": "point", "filled": true, "size": 22, "opacity": 0.55, "color": "var(--accent)"},
        "encoding": {
          "x": {"field": "predicted", "type": "quantitative", "scale": {"zero": false}},
          "y": {"field": "residual", "type": "quantitative", "title": "observed − predicted"},
          "tooltip": [{"field": "observed", "format": ".5~g"}, {"field": "predicted", "format": ".5~g"}]
        }
      },
      {"data": {"values": [{}]}, "mark": {"type": "rule", "color": "var(--ink)"}, "encoding": {"y": {"datum": 0}}}
    ]
  })json",
                            "Residuals over predictions, a dot a row");
  spec["data"] = {{"values", values}};
  std::string caption = origin_words(rows.origin);
  caption += rows.origin == RowFacts::Origin::held_out
                 ? " A bend is one that the network has missed; a funnel means that the noise grows."
                 : " A bend means that the target is not linear in the features; a funnel, that its noise grows.";
  if (values.size() < rows.observed.size()) {
    caption += fmt::format(" {} of {} rows are drawn, evenly spaced in the order of the table.",
                           html::number(std::ssize(values)), html::number(std::ssize(rows.observed)));
  }
  return {"residual-chart", caption, spec, {}};
}

}  // namespace

std::string wrong_words(const RowFacts& rows) {
  double total = 0, ones = 0;
  for (std::size_t i = 0; i < rows.observed.size(); ++i) {
    total += rows.weights[i];
    ones += rows.weights[i] * rows.observed[i];
  }
  return "Where the likelier class is taken, " + html::share(share_wrong(rows)) +
         " of the rows left out are called wrongly; were it always the more frequent one, " +
         percent(std::min(ones, total - ones) / total) + ".";
}

std::string rows_section(Page& page, const RowFacts& rows, const std::vector<std::string>& classes) {
  if (classes.size() != 2) return html::section("rows", "How the errors look", page.add(residual_chart(rows)));
  const std::optional<Calibration> found = calibration_of(rows);
  const std::string verdict =
      found ? calibration_words(*found) : "How far the probabilities can be trusted cannot be told: " + why_unjudged(rows);
  return html::section("rows", "How far the probabilities can be trusted",
                       html::paragraph(verdict) + html::paragraph(origin_words(rows.origin), "note") +
                           page.add_pair(calibration_chart(rows, classes[1]), roc_chart(rows)));
}

}  // namespace riata
