#include "riata/app/measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/app/apply_model.hpp"
#include "riata/core/error.hpp"

namespace riata {
namespace {

constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Weighted mean with a standard error for independent rows: s² = n/(n−1) Σ wᵢ²(xᵢ − mean)² / (Σw)².
struct Mean {
  double value = 0, error = kNone;
};

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
  return out;
}

MeasuredValue measured(const std::string& name, Mean mean, double least, double most) {
  const double reach = kNormalQuantile * mean.error;
  return {name, mean.value, std::max(least, mean.value - reach), std::min(most, mean.value + reach)};
}

/// 1 − mse/variance; by the delta method its error is that of the mean of (−eᵢ² + (1 − R²)(yᵢ − ȳ)²)/variance.
MeasuredValue r_squared(const std::vector<double>& squares, const std::vector<double>& y, const std::vector<double>& w) {
  const double centre = weighted_mean(y, w).value;
  std::vector<double> spread(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) spread[i] = (y[i] - centre) * (y[i] - centre);
  const double variance = weighted_mean(spread, w).value, mse = weighted_mean(squares, w).value;
  if (!(variance > 0)) return {"r2", kNone, kNone, kNone};
  const double value = 1 - mse / variance;
  std::vector<double> influence(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) influence[i] = ((1 - value) * spread[i] - squares[i]) / variance;
  return measured("r2", {value, weighted_mean(influence, w).error}, -kInfinity, 1);
}

/// A share of rows by Wilson's interval, with the rows' effective number (Σw)²/Σw².
MeasuredValue share(const std::string& name, const std::vector<double>& hits, const std::vector<double>& w) {
  const double value = weighted_mean(hits, w).value, total = std::accumulate(w.begin(), w.end(), 0.0);
  double squares = 0;
  for (const double one : w) squares += (one / total) * (one / total);
  const double z = kNormalQuantile * kNormalQuantile * squares;
  const double centre = (value + z / 2) / (1 + z), reach = std::sqrt(value * (1 - value) * z + z * z / 4) / (1 + z);
  return {name, value, std::clamp(centre - reach, 0.0, value), std::clamp(centre + reach, value, 1.0)};
}

}  // namespace

std::vector<MeasuredValue> measures_of(const JudgedRows& rows) {
  const auto& w = rows.weights;
  const MeasuredValue deviance = measured("deviance", weighted_mean(rows.deviance, w), 0, kInfinity);
  if (rows.n_classes > 0) return {deviance, share("error", rows.wrong, w)};
  std::vector<double> squares(rows.y.size()), sizes(rows.y.size());
  for (std::size_t i = 0; i < rows.y.size(); ++i) {
    sizes[i] = std::abs(rows.y[i] - rows.mean[i]);
    squares[i] = sizes[i] * sizes[i];
  }
  return {measured("mse", weighted_mean(squares, w), 0, kInfinity), measured("mae", weighted_mean(sizes, w), 0, kInfinity),
          r_squared(squares, rows.y, w), deviance};
}

std::string method_of(Index n_classes) {
  const std::string others = n_classes == 0 ? "r2: delta method" : "error: Wilson";
  return "95 %, normal approximation for the mean over independent rows (" + others + "); the model is taken as fixed";
}

std::vector<double> judged_weights(const Table& table, const std::string& column, const std::vector<Index>& rows) {
  std::vector<double> out(rows.size(), 1.0);
  if (!column.empty()) out = number_column(table, column, rows);
  const bool valid = std::ranges::all_of(out, [](double one) { return std::isfinite(one) && one >= 0; });
  if (!valid || !(std::accumulate(out.begin(), out.end(), 0.0) > 0)) {
    throw Error(ErrorKind::input, "weights must be finite, not negative and not all zero", table.source);
  }
  return out;
}

}  // namespace riata
