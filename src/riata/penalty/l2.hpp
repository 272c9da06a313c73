#pragma once

#include <cmath>
#include <limits>
#include <string_view>

#include "riata/penalty/penalty.hpp"

namespace riata {

/// P(b) = ½ b², ridge (Hoerl & Kennard 1970, Technometrics 12).
struct L2 {
  static constexpr std::string_view kName = "l2";
  static constexpr bool kConvex = true;

  double value(double b, double strength) const { return b == 0.0 ? 0.0 : 0.5 * (strength * b) * b; }
  double prox(double z, double step, double strength) const { return z / (1.0 + step * strength); }
  Interval subdifferential(double b, double strength) const {
    const double slope = b == 0.0 ? 0.0 : strength * b;
    return {slope, slope};
  }
  double curvature(double, double strength) const { return strength; }
  double conjugate_argmax(double v, double strength) const {
    if (v == 0.0) return 0.0;
    return strength > 0.0 ? v / strength : std::copysign(std::numeric_limits<double>::infinity(), v);
  }
};

static_assert(ConvexPenalty<L2>);

}  // namespace riata
