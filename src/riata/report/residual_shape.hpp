#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "riata/report/fit_facts.hpp"

namespace riata {

/// How errors change with the prediction, by fifths of the rows in its order.
struct ResidualShape {
  /// Mean error of the outer two fifths less that of the inner three, errors freed of their straight trend in the prediction
  /// (which a penalty alone causes), in standard errors.
  double bend = 0;
  double bend_size = 0;      ///< the same in standard deviations of the errors
  double growth = 1;         ///< mean absolute error of the last fifth over that of the first
  double growth_errors = 0;  ///< their difference in standard errors

  /// Worth a warning: large, and beyond chance (decision 0381).
  bool bends() const { return std::abs(bend) > 4 && std::abs(bend_size) > 0.1; }
  bool funnels() const { return std::max(growth, 1 / growth) > 2 && std::abs(growth_errors) > 3; }
};

/// Nothing for fewer than 100 rows, or where an error or a spread is zero throughout.
std::optional<ResidualShape> residual_shape(const RowFacts& rows);

}  // namespace riata
