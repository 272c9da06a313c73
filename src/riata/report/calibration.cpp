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

double mean(const std::vector<double>& values, const std::vector<double>& weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * values[i];
    total += weights[i];
  }
  return sum / total;
}

/// The logistic regression of the class on the log-odds: P = 1 / (1 + exp(−(a + b·(x − centre)))).
struct Recalibration {
  double level = 0, slope = 0, slope_error = 0;
  bool converged = false;
};

Recalibration recalibrate(const std::vector<double>& x, double centre, const RowFacts& rows) {
  Recalibration out;
  for (int step = 0; step < 100 && !out.converged; ++step) {
    double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0, b00 = 0, b01 = 0, b11 = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = x[i] - centre, p = 1 / (1 + std::exp(-(out.level + out.slope * z)));
      const double w = rows.weights[i], away = w * (rows.observed[i] - p), h = w * p * (1 - p);
      g0 += away;
      g1 += away * z;
      h00 += h;
      h01 += h * z;
      h11 += h * z * z;
      b00 += w * h;
      b01 += w * h * z;
      b11 += w * h * z * z;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-12 * h00 * h11)) return out;
    const double d0 = (h11 * g0 - h01 * g1) / determinant, d1 = (h00 * g1 - h01 * g0) / determinant;
    const double short_enough = 1 / std::max({1.0, std::abs(d0), std::abs(d1)});  // far off Newton's steps are too bold
    out.level += short_enough * d0;
    out.slope += short_enough * d1;
    out.slope_error = std::sqrt(h01 * h01 * b00 - 2 * h00 * h01 * b01 + h00 * h00 * b11) / determinant;
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
    double total = 0, squares = 0;
    for (std::size_t i = start; i < end; ++i) {
      const double w = rows.weights[order[i]];
      total += w;
      squares += w * w;
      bin.predicted += w * rows.predicted[order[i]];
      bin.observed += w * rows.observed[order[i]];
    }
    bin.predicted /= total;
    bin.observed /= total;
    bin.standard_error = std::sqrt(std::max(0.0, bin.observed * (1 - bin.observed)) * squares) / total;
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
  const double centre = mean(x, rows.weights);
  double spread = 0, variance = 0, total = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = rows.weights[i];
    total += w;
    spread += w * (x[i] - centre) * (x[i] - centre);
    variance += w * w * rows.predicted[i] * (1 - rows.predicted[i]);
  }
  if (std::sqrt(spread / total) < kLeastSpread) return std::nullopt;
  const Recalibration fit = recalibrate(x, centre, rows);
  if (!fit.converged || std::abs(fit.slope) > kLargestSlope) return std::nullopt;
  return Calibration{.n_rows = std::ssize(x),
                     .slope = fit.slope,
                     .slope_error = fit.slope_error,
                     .predicted = mean(rows.predicted, rows.weights),
                     .observed = mean(rows.observed, rows.weights),
                     .observed_error = std::sqrt(variance) / total};
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
  double total[2] = {0, 0}, above[2] = {0, 0};
  for (const std::size_t i : order) total[rows.observed[i] > 0] += rows.weights[i];
  std::vector<RocPoint> out = {{0, 0}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    above[rows.observed[order[i]] > 0] += rows.weights[order[i]];
    if (i + 1 < order.size() && rows.predicted[order[i + 1]] == rows.predicted[order[i]]) continue;
    out.push_back({above[0] / total[0], above[1] / total[1]});
  }
  return out;
}

Area area_under(const RowFacts& rows) {
  const std::vector<double> placed = placements(rows.observed, rows.predicted, rows.weights);
  double count[2] = {0, 0}, total[2] = {0, 0}, sum[2] = {0, 0}, square[2] = {0, 0};
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const bool of = rows.observed[i] > 0.5;
    count[of] += 1;
    total[of] += rows.weights[i];
    sum[of] += rows.weights[i] * placed[i];
  }
  Area out{.value = sum[1] / total[1], .standard_error = 0};
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const bool of = rows.observed[i] > 0.5;
    square[of] += std::pow(rows.weights[i] / total[of] * (placed[i] - out.value), 2);
  }
  for (const int of : {0, 1}) out.standard_error += count[of] / (count[of] - 1) * square[of];
  out.standard_error = std::sqrt(out.standard_error);
  return out;
}

}  // namespace riata
