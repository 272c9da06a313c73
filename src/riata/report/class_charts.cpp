#include "riata/report/class_charts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBins = 10;
constexpr std::size_t kMostCorners = 400;

std::vector<std::size_t> by_prediction(const RowFacts& rows) {
  std::vector<std::size_t> out(rows.predicted.size());
  std::iota(out.begin(), out.end(), 0);
  std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) { return rows.predicted[a] < rows.predicted[b]; });
  return out;
}

Chart calibration_chart(const RowFacts& rows, const std::string& class_name) {
  Json values = Json::array();
  for (const CalibrationBin& bin : calibration(rows)) {
    values.push_back({{"predicted", bin.predicted},
                      {"observed", bin.observed},
                      {"low", std::max(0.0, bin.observed - bin.standard_error)},
                      {"high", std::min(1.0, bin.observed + bin.standard_error)},
                      {"rows", bin.n}});
  }
  Json spec = specification(R"json({
    "height": 300,
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
  const std::vector<RocPoint> curve = roc(rows);
  Json values = Json::array();
  const std::size_t step = std::max<std::size_t>(1, curve.size() / kMostCorners);
  for (std::size_t i = 0; i < curve.size();
       i += i + step < curve.size() || i + 1 == curve.size() ? step : curve.size() - 1 - i) {
    values.push_back({{"false", curve[i].false_positive}, {"true", curve[i].true_positive}, {"order", i}});
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
  return {"roc-chart",
          "The ROC curve; the area under it is " + significant(area_under(curve), 3) +
              ": the chance that a row of the class is ranked above another (0.5: by luck).",
          spec,
          {}};
}

}  // namespace

std::vector<CalibrationBin> calibration(const RowFacts& rows) {
  const std::vector<std::size_t> order = by_prediction(rows);
  const std::size_t n = order.size();
  std::vector<CalibrationBin> out;
  std::size_t start = 0;
  for (std::size_t b = 1; b <= kBins && start < n; ++b) {
    std::size_t end = std::max(start, b * n / kBins);
    while (end > start && end < n && rows.predicted[order[end]] == rows.predicted[order[end - 1]]) ++end;
    if (end == start) continue;
    CalibrationBin bin;
    const double size = static_cast<double>(end - start);
    for (std::size_t i = start; i < end; ++i) {
      bin.predicted += rows.predicted[order[i]] / size;
      bin.observed += rows.observed[order[i]] / size;
    }
    bin.standard_error = std::sqrt(std::max(0.0, bin.observed * (1 - bin.observed)) / size);
    bin.n = static_cast<Index>(end - start);
    out.push_back(bin);
    start = end;
  }
  return out;
}

std::vector<RocPoint> roc(const RowFacts& rows) {
  std::vector<std::size_t> order = by_prediction(rows);
  std::ranges::reverse(order);
  const double ones = std::accumulate(rows.observed.begin(), rows.observed.end(), 0.0);
  const double zeros = static_cast<double>(rows.observed.size()) - ones;
  std::vector<RocPoint> out = {{0, 0}};
  double true_ones = 0, false_ones = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (rows.observed[order[i]] > 0 ? true_ones : false_ones) += 1;
    if (i + 1 < order.size() && rows.predicted[order[i + 1]] == rows.predicted[order[i]]) continue;
    out.push_back({false_ones / zeros, true_ones / ones});
  }
  return out;
}

double area_under(const std::vector<RocPoint>& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    area +=
        (curve[i].false_positive - curve[i - 1].false_positive) * (curve[i].true_positive + curve[i - 1].true_positive) / 2;
  }
  return area;
}

std::vector<Chart> class_charts(const RowFacts& rows, const std::string& class_name) {
  return {calibration_chart(rows, class_name), roc_chart(rows)};
}

}  // namespace riata
