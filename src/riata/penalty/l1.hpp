#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "riata/penalty/penalty.hpp"

namespace riata {

/// P(b) = |b|, the lasso (Tibshirani 1996, J. R. Stat. Soc. B 58).
struct L1 {
  static constexpr std::string_view kName = "l1";
  static constexpr bool kConvex = true;

  double value(double b, double strength) const { return b == 0.0 ? 0.0 : strength * std::abs(b); }
  /// The soft threshold S(z, step·strength).
  double prox(double z, double step, double strength) const {
    const double size = std::abs(z) - step * strength;
    return size > 0.0 ? std::copysign(size, z) : 0.0;
  }
  Interval subdifferential(double b, double strength) const {
    if (b == 0.0) return {-strength, strength};
    const double slope = std::copysign(strength, b);
    return {slope, slope};
  }
  double curvature(double, double) const { return 0.0; }
  double conjugate_argmax(double v, double strength) const {
    return std::abs(v) > strength ? std::copysign(std::numeric_limits<double>::infinity(), v) : 0.0;
  }
};

static_assert(ConvexPenalty<L1>);

}  // namespace riata
