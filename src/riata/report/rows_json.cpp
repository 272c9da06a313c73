#include "riata/report/rows_json.hpp"

#include <algorithm>
#include <cmath>

namespace riata {
namespace {

const char* to_string(RowFacts::Origin origin) {
  switch (origin) {
    case RowFacts::Origin::out_of_fold: return "out of fold";
    case RowFacts::Origin::held_out: return "held out";
    case RowFacts::Origin::fitted: break;
  }
  return "fitted";
}

void write_dots(JsonWriter& out, const RowFacts& rows) {
  std::vector<double> observed, predicted;
  for (const std::size_t i : drawn_rows(rows)) {
    observed.push_back(rows.observed[i]);
    predicted.push_back(rows.predicted[i]);
  }
  out.member("observed", observed);
  out.member("predicted", predicted);
}

void write_calibration(JsonWriter& out, const RowFacts& rows, const std::optional<Calibration>& found) {
  out.key("calibration");
  out.begin_object();
  out.member("verdict", found ? to_string(found->verdict()) : "unclear");
  const double none = std::nan("");
  out.member("slope", found ? found->slope : none);
  out.member("slope_standard_error", found ? found->slope_error : none);
  out.member("predicted", found ? found->predicted : none);
  out.member("observed", found ? found->observed : none);
  out.member("observed_standard_error", found ? found->observed_error : none);
  out.key("bins");
  out.begin_array();
  for (const CalibrationBin& bin : calibration_bins(rows)) {
    out.begin_object();
    out.member("predicted", bin.predicted);
    out.member("observed", bin.observed);
    out.member("standard_error", bin.standard_error);
    out.member("n_samples", bin.n);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

void write_roc(JsonWriter& out, const RowFacts& rows) {
  const Area area = area_under(rows);
  out.key("roc");
  out.begin_object();
  out.member("auc", area.value);
  out.member("auc_standard_error", area.standard_error);
  std::vector<double> others, found;
  for (const RocPoint& corner : drawn_corners(rows)) {
    others.push_back(corner.false_positive);
    found.push_back(corner.true_positive);
  }
  out.member("false_positive_rate", others);
  out.member("true_positive_rate", found);
  out.end_object();
}

}  // namespace

std::vector<std::size_t> drawn_rows(const RowFacts& rows) {
  constexpr std::size_t kMostDots = 1000;
  const std::size_t n = rows.observed.size(), shown = std::min(n, kMostDots);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t row = i * n / shown;
    if (std::isfinite(rows.predicted[row])) out.push_back(row);
  }
  return out;
}

double share_wrong(const RowFacts& rows) {
  double wrong = 0, total = 0;
  for (std::size_t i = 0; i < rows.observed.size(); ++i) {
    total += rows.weights[i];
    if ((rows.predicted[i] > 0.5) != (rows.observed[i] > 0.5)) wrong += rows.weights[i];
  }
  return wrong / total;
}

std::vector<RocPoint> drawn_corners(const RowFacts& rows) {
  constexpr std::size_t kMostCorners = 400;
  const std::vector<RocPoint> curve = roc(rows);
  const std::size_t step = std::max<std::size_t>(1, curve.size() / kMostCorners);
  std::vector<RocPoint> out;
  for (std::size_t i = 0; i < curve.size(); i += step) out.push_back(curve[i]);
  if ((curve.size() - 1) % step != 0) out.push_back(curve.back());
  return out;
}

void write_rows(JsonWriter& out, const std::optional<RowFacts>& rows, bool two_classes) {
  if (!rows || rows->observed.empty()) return out.null_member("rows");
  out.key("rows");
  out.begin_object();
  out.member("origin", to_string(rows->origin));
  out.member("n_samples", rows->observed.size());
  if (two_classes) {
    out.member("error", share_wrong(*rows));
    write_calibration(out, *rows, calibration_of(*rows));
    write_roc(out, *rows);
  } else {
    write_dots(out, *rows);
  }
  out.end_object();
}

}  // namespace riata
