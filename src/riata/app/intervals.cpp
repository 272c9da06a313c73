#include "riata/app/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace riata {
namespace {

constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// g⁻¹(u), with c³ − 1 = (c − 1)(c² + c + 1): no digits are lost where the skewness is small, or none.
double without_skewness(double u, double skewness) {
  const double from_centre = u - skewness / 6, c = std::cbrt(1 + skewness * from_centre);
  return 3 * from_centre / (c * c + c + 1);
}

}  // namespace

Mean weighted_mean(const std::vector<double>& x, const std::vector<double>& w) {
  const double total = std::accumulate(w.begin(), w.end(), 0.0);
  Mean out;
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (w[i] > 0) out.value += w[i] * x[i] / total;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(w[i] > 0)) continue;
    sum += std::pow(w[i] / total * (x[i] - out.value), 2);
    n += 1;
  }
  if (n > 1) out.error = std::sqrt(n / (n - 1) * sum);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (w[i] > 0 && sum > 0) out.skewness += std::pow(w[i] / total * (x[i] - out.value) / std::sqrt(sum), 3);
  }
  return out;
}

MeasuredValue symmetric_interval(const std::string& name, const Mean& mean, double least, double most) {
  const double reach = kNormalQuantile * mean.error;
  return {name, mean.value, std::max(least, mean.value - reach), std::min(most, mean.value + reach)};
}

MeasuredValue mean_interval(const std::string& name, const std::vector<double>& x, const std::vector<double>& w) {
  const Mean mean = weighted_mean(x, w);
  const double below = mean.error * without_skewness(kNormalQuantile, mean.skewness);
  const double above = -mean.error * without_skewness(-kNormalQuantile, mean.skewness);
  return {name, mean.value, std::max(0.0, mean.value - below), std::min(kInfinity, mean.value + above)};
}

MeasuredValue r_squared(const std::vector<double>& squares, const std::vector<double>& y, const std::vector<double>& w) {
  const double centre = weighted_mean(y, w).value;
  std::vector<double> spread(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) spread[i] = (y[i] - centre) * (y[i] - centre);
  const double variance = weighted_mean(spread, w).value, mse = weighted_mean(squares, w).value;
  if (!(variance > 0)) return {"r2", kNone, kNone, kNone};
  const double value = 1 - mse / variance;
  std::vector<double> influence(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) influence[i] = ((1 - value) * spread[i] - squares[i]) / variance;
  return symmetric_interval("r2", {value, weighted_mean(influence, w).error}, -kInfinity, 1);
}

MeasuredValue share_interval(const std::string& name, const std::vector<double>& hits, const std::vector<double>& w) {
  const double value = weighted_mean(hits, w).value, total = std::accumulate(w.begin(), w.end(), 0.0);
  double squares = 0;
  for (const double one : w) squares += (one / total) * (one / total);
  const double z = kNormalQuantile * kNormalQuantile * squares;
  const double centre = (value + z / 2) / (1 + z), reach = std::sqrt(value * (1 - value) * z + z * z / 4) / (1 + z);
  return {name, value, std::clamp(centre - reach, 0.0, value), std::clamp(centre + reach, value, 1.0)};
}

}  // namespace riata
