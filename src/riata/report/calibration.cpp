#include "riata/report/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "riata/core/text.hpp"
#include "riata/report/text_table.hpp"
#include "riata/selection/auc.hpp"

namespace riata {
namespace {

constexpr std::size_t kBins = 10;

std::vector<std::size_t> by_prediction(const RowFacts& rows) {
  std::vector<std::size_t> out(rows.predicted.size());
  std::iota(out.begin(), out.end(), 0);
  std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) { return rows.predicted[a] < rows.predicted[b]; });
  return out;
}

/// Log-odds; those of probabilities that were rounded to 0 or 1 are finite too.
std::vector<double> log_odds(const std::vector<double>& probabilities) {
  constexpr double kLeast = 1e-9;
  std::vector<double> out;
  for (const double p : probabilities) {
    const double inside = std::clamp(p, kLeast, 1 - kLeast);
    out.push_back(std::log(inside / (1 - inside)));
  }
  return out;
}

double mean(const std::vector<double>& values) {
  return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
}

/// The logistic regression of the class on the log-odds: P = 1 / (1 + exp(−(a + b·(x − centre)))).
struct Recalibration {
  double level = 0, slope = 0, slope_error = 0;
  bool converged = false;
};

Recalibration recalibrate(const std::vector<double>& x, double centre, const std::vector<double>& y) {
  Recalibration out;
  for (int step = 0; step < 100 && !out.converged; ++step) {
    double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = x[i] - centre, p = 1 / (1 + std::exp(-(out.level + out.slope * z))), w = p * (1 - p);
      g0 += y[i] - p;
      g1 += (y[i] - p) * z;
      h00 += w;
      h01 += w * z;
      h11 += w * z * z;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-12 * h00 * h11)) return out;
    const double d0 = (h11 * g0 - h01 * g1) / determinant, d1 = (h00 * g1 - h01 * g0) / determinant;
    const double short_enough = 1 / std::max({1.0, std::abs(d0), std::abs(d1)});  // far off Newton's steps are too bold
    out.level += short_enough * d0;
    out.slope += short_enough * d1;
    out.slope_error = std::sqrt(h00 / determinant);
    out.converged = std::max(std::abs(d0), std::abs(d1)) < 1e-10 * std::max(1.0, std::abs(out.slope));
  }
  return out;
}

}  // namespace

std::vector<CalibrationBin> calibration_bins(const RowFacts& rows) {
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

std::optional<Calibration> calibration_of(const RowFacts& rows) {
  constexpr double kLeastSpread = 0.1, kLargestSlope = 100;
  if (rows.origin == RowFacts::Origin::fitted) return std::nullopt;  // a model flatters them
  const std::vector<double> x = log_odds(rows.predicted);
  if (x.size() < 3) return std::nullopt;
  const double centre = mean(x);
  double spread = 0, variance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    spread += (x[i] - centre) * (x[i] - centre);
    variance += rows.predicted[i] * (1 - rows.predicted[i]);
  }
  const double n = static_cast<double>(x.size());
  if (std::sqrt(spread / n) < kLeastSpread) return std::nullopt;
  const Recalibration fit = recalibrate(x, centre, rows.observed);
  if (!fit.converged || std::abs(fit.slope) > kLargestSlope) return std::nullopt;
  return Calibration{.n_rows = std::ssize(x),
                     .slope = fit.slope,
                     .slope_error = fit.slope_error,
                     .predicted = mean(rows.predicted),
                     .observed = mean(rows.observed),
                     .observed_error = std::sqrt(variance) / n};
}

std::string calibration_words(const Calibration& one) {
  const std::string slope = "calibration slope " + plus_minus(one.slope, one.slope_error);
  const std::string level =
      significant(one.predicted, 3) + " predicted on average, " + plus_minus(one.observed, one.observed_error) + " observed";
  switch (one.verdict()) {
    case Calibration::Verdict::too_extreme:
      return "The probabilities are too extreme: " + slope +
             ", where 1 is right. What they call likely happens less often than they say, what they call unlikely more "
             "often; a stronger penalty tempers them.";
    case Calibration::Verdict::too_timid:
      return "The probabilities are too timid: " + slope +
             ", where 1 is right. What they call likely happens more often than they say, what they call unlikely less "
             "often, as a penalty does; a weaker one is bolder.";
    case Calibration::Verdict::too_high: return "The probabilities are too high on the whole: " + level + ".";
    case Calibration::Verdict::too_low: return "The probabilities are too low on the whole: " + level + ".";
    case Calibration::Verdict::unclear:
      return grouped(one.n_rows) + " rows are too few to tell how far the probabilities can be trusted: " + slope +
             ", where 1 is right.";
    case Calibration::Verdict::trustworthy: break;
  }
  return "The probabilities mean what they say: " + slope + ", where 1 is right; " + level + ".";
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

Area area_under(const RowFacts& rows) {
  const std::vector<double> placed =
      placements(rows.observed, rows.predicted, std::vector<double>(rows.observed.size(), 1.0));
  double count[2] = {0, 0}, sum[2] = {0, 0}, square[2] = {0, 0};
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const std::size_t of = rows.observed[i] > 0.5 ? 1 : 0;
    count[of] += 1;
    sum[of] += placed[i];
  }
  Area out{.value = sum[1] / count[1], .standard_error = 0};
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const std::size_t of = rows.observed[i] > 0.5 ? 1 : 0;
    square[of] += (placed[i] - out.value) * (placed[i] - out.value);
  }
  for (const int of : {0, 1}) out.standard_error += square[of] / ((count[of] - 1) * count[of]);
  out.standard_error = std::sqrt(out.standard_error);
  return out;
}

}  // namespace riata
