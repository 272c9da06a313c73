#pragma once

#include <algorithm>
#include <cmath>
#include <riata/riata.hpp>
#include <string_view>

/// The minimax concave penalty: λ|b| − b²/(2γ) up to |b| = γλ, then constant (Zhang 2010, Ann. Statist. 38).
struct MinimaxConcave {
  static constexpr std::string_view kName = "mcp";
  static constexpr bool kConvex = false;

  double gamma = 3.0;  ///< above the largest step: above 1 for standardised columns

  double value(double b, double strength) const {
    const double size = std::min(std::abs(b), gamma * strength);
    return strength * size - size * size / (2.0 * gamma);
  }
  double prox(double z, double step, double strength) const {
    if (std::abs(z) > gamma * strength) return z;
    const double size = std::abs(z) - step * strength;
    return size > 0.0 ? std::copysign(size / (1.0 - step / gamma), z) : 0.0;
  }
  riata::Interval subdifferential(double b, double strength) const {
    if (b == 0.0) return {-strength, strength};
    const double slope = std::copysign(std::max(0.0, strength - std::abs(b) / gamma), b);
    return {slope, slope};
  }
};

static_assert(riata::Penalty<MinimaxConcave>);
