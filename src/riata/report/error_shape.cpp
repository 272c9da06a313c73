#include "riata/report/error_shape.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace riata {
namespace {

constexpr std::size_t kParts = 5, kFewest = 100;

struct Part {
  double mean = 0, squared_error = 0;  ///< of values; the mean's squared standard error
};

Part part_of(const std::vector<double>& values, std::size_t from, std::size_t to) {
  const double n = static_cast<double>(to - from);
  Part out;
  for (std::size_t i = from; i < to; ++i) out.mean += values[i] / n;
  for (std::size_t i = from; i < to; ++i) out.squared_error += std::pow(values[i] - out.mean, 2) / (n * (n - 1));
  return out;
}

/// Takes the least-squares line in `x` away.
void remove_trend(const std::vector<double>& x, std::vector<double>& y) {
  const double n = static_cast<double>(x.size());
  const double mean_x = std::reduce(x.begin(), x.end()) / n, mean_y = std::reduce(y.begin(), y.end()) / n;
  double xx = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  for (std::size_t i = 0; i < x.size() && xx > 0; ++i) y[i] -= mean_y + xy / xx * (x[i] - mean_x);
}

}  // namespace

std::optional<ErrorShape> error_shape(const RowFacts& rows) {
  const std::size_t n = rows.predicted.size();
  if (n < kFewest) return std::nullopt;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return rows.predicted[i]; });
  std::vector<double> predicted, errors;
  for (std::size_t i : order) {
    predicted.push_back(rows.predicted[i]);
    errors.push_back(rows.observed[i] - rows.predicted[i]);
  }
  const auto start = [&](std::size_t part) { return part * n / kParts; };
  ErrorShape out;
  std::vector<double> sizes;
  for (const double error : errors) sizes.push_back(std::abs(error));
  const Part first = part_of(sizes, 0, start(1)), last = part_of(sizes, start(kParts - 1), n);
  out.growth = last.mean / first.mean;
  out.growth_errors = (last.mean - first.mean) / std::sqrt(first.squared_error + last.squared_error);
  remove_trend(predicted, errors);
  double difference = 0, variance = 0;
  for (std::size_t k = 0; k < kParts; ++k) {
    const Part part = part_of(errors, start(k), start(k + 1));
    const double weight = k == 0 || k == kParts - 1 ? 0.5 : -1.0 / 3;
    difference += weight * part.mean;
    variance += weight * weight * part.squared_error;
  }
  out.bend = difference / std::sqrt(variance);
  out.bend_size = difference / std::sqrt(part_of(errors, 0, n).squared_error * static_cast<double>(n));
  out.positive = std::ranges::all_of(rows.observed, [](double y) { return y > 0; });
  const bool finite = std::isfinite(out.bend) && std::isfinite(out.bend_size) && std::isfinite(out.growth_errors);
  if (!finite || !std::isfinite(out.growth) || !(out.growth > 0)) return std::nullopt;
  return out;
}

}  // namespace riata
