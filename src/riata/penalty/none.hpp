#pragma once

#include <limits>
#include <string_view>

#include "riata/penalty/penalty.hpp"

namespace riata {

/// P(b) = 0.
struct NoPenalty {
  static constexpr std::string_view kName = "none";
  static constexpr bool kConvex = true;

  double value(double, double) const { return 0.0; }
  double prox(double z, double, double) const { return z; }
  Interval subdifferential(double, double) const { return {0.0, 0.0}; }
  double curvature(double, double) const { return 0.0; }
  double conjugate_argmax(double v, double) const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return v == 0.0 ? 0.0 : v > 0.0 ? kInfinity : -kInfinity;
  }
};

static_assert(ConvexPenalty<NoPenalty>);

}  // namespace riata
