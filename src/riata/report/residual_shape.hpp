#pragma once

#include <optional>

#include "riata/report/fit_facts.hpp"

namespace riata {

/// How errors change with the prediction, by fifths of the rows in its order.
struct ResidualShape {
  /// Mean error of the outer two fifths less that of the inner three, errors freed of their straight trend in the prediction
  /// (which a penalty alone causes), in standard errors.
  double bend = 0;
  double growth = 1;  ///< mean absolute error of the last fifth over that of the first
};

/// Nothing for fewer than 100 rows, or where an error or a spread is zero throughout.
std::optional<ResidualShape> residual_shape(const RowFacts& rows);

}  // namespace riata
