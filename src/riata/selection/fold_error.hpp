#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace riata {

/// The standard error of a mean over folds, whose weights sum to `total`; folds without weight do not count, and fewer than
/// two say nothing (NaN). Deviations are in units of about the largest, so that their squares neither overflow nor vanish;
/// the unit is a power of two, which changes no digit of ordinary numbers.
inline double fold_standard_error(std::span<const double> values, std::span<const double> weights, double total,
                                  double mean) {
  double largest = 0;
  std::ptrdiff_t counted = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!(weights[k] > 0)) continue;
    ++counted;
    largest = std::max(largest, std::abs(values[k] - mean));
  }
  if (counted < 2) return std::nan("");
  const double unit = largest > 0 && std::isfinite(largest) ? std::ldexp(1.0, std::ilogb(largest)) : 1.0;
  double variance = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double away = (values[k] - mean) / unit;
    if (weights[k] > 0) variance += weights[k] / total * away * away;
  }
  return unit * std::sqrt(variance / static_cast<double>(counted - 1));
}

}  // namespace riata
