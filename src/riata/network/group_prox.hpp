#pragma once

#include <algorithm>
#include <cmath>

#include "riata/core/types.hpp"

namespace riata {

/// The prox of a group norm in a diagonal metric: w := argmin ½ Σ (wᵢ − zᵢ)²/uᵢ + strength ‖w‖₂, for n entries `stride`
/// apart, uᵢ = unit/denᵢ (den null: unit). Zero iff ‖z/u‖ ≤ strength; else wᵢ = zᵢ t/(t + strength·uᵢ) with t = ‖w‖ the root
/// of Σ zᵢ²/(t + strength·uᵢ)² = 1, found by Newton's method on 1/√Σ within a bracket (as for trust regions).
template <class T>
void prox_group(T* w, const T* den, double unit, Index stride, Index n, double strength) {
  const auto u = [&](Index i) { return den == nullptr ? unit : unit / static_cast<double>(den[i * stride]); };
  const auto z = [&](Index i) { return static_cast<double>(w[i * stride]); };
  double norm = 0, dual = 0, largest = 0, least = u(0);
  for (Index i = 0; i < n; ++i) {
    norm += z(i) * z(i);
    dual += z(i) * z(i) / (u(i) * u(i));
    largest = std::max(largest, u(i));
    least = std::min(least, u(i));
  }
  norm = std::sqrt(norm);
  if (std::sqrt(dual) <= strength) {
    for (Index i = 0; i < n; ++i) w[i * stride] = T{0};
    return;
  }
  double low = std::max(0.0, norm - strength * largest), high = std::max(low, norm - strength * least), t = low;
  constexpr int kMaxSteps = 60;
  for (int step = 0; step < kMaxSteps && high - low > 1e-15 * high; ++step) {
    double sum = 0, slope = 0;
    for (Index i = 0; i < n; ++i) {
      const double den_i = t + strength * u(i), square = z(i) * z(i) / (den_i * den_i);
      sum += square;
      slope += square / den_i;
    }
    (sum > 1 ? low : high) = t;
    const double next = t + sum * (std::sqrt(sum) - 1) / slope;  // Newton for 1/√sum − 1
    if (next == t) break;
    t = next > low && next < high ? next : 0.5 * (low + high);
  }
  for (Index i = 0; i < n; ++i) w[i * stride] = static_cast<T>(z(i) * (t / (t + strength * u(i))));
}

}  // namespace riata
