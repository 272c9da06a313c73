#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "riata/penalty/penalty.hpp"

namespace riata {

/// P(b) = ρ|b| + (1−ρ)/2 · b², 0 ≤ ρ ≤ 1 (Zou & Hastie 2005, J. R. Stat. Soc. B 67). ρ = 1 is the lasso, ρ = 0 ridge.
struct ElasticNet {
  static constexpr std::string_view kName = "elastic-net";
  static constexpr bool kConvex = true;

  double l1_ratio = 0.5;

  double value(double b, double strength) const {
    if (b == 0.0) return 0.0;
    return strength * l1_ratio * std::abs(b) + 0.5 * (strength * (1.0 - l1_ratio) * b) * b;
  }
  /// S(z, step·l1) / (1 + step·l2).
  double prox(double z, double step, double strength) const {
    const double size = std::abs(z) - step * strength * l1_ratio;
    return size > 0.0 ? std::copysign(size, z) / (1.0 + step * (strength * (1.0 - l1_ratio))) : 0.0;
  }
  Interval subdifferential(double b, double strength) const {
    const double l1 = strength * l1_ratio;
    if (b == 0.0) return {-l1, l1};
    const double slope = std::copysign(l1, b) + strength * (1.0 - l1_ratio) * b;
    return {slope, slope};
  }
  double curvature(double, double strength) const { return strength * (1.0 - l1_ratio); }
  /// S(v, l1)/l2; ±∞ where |v| > l1 and l2 = 0.
  double conjugate_argmax(double v, double strength) const {
    const double size = std::abs(v) - strength * l1_ratio;
    if (!(size > 0.0)) return 0.0;
    const double l2 = strength * (1.0 - l1_ratio);
    return std::copysign(l2 > 0.0 ? size / l2 : std::numeric_limits<double>::infinity(), v);
  }
};

static_assert(ConvexPenalty<ElasticNet>);

}  // namespace riata
