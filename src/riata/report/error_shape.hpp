#pragma once

#include <optional>

#include "riata/report/fit_facts.hpp"

namespace riata {

/// Nothing for fewer than 100 rows, or where an error or a spread is zero throughout.
std::optional<ErrorShape> error_shape(const RowFacts& rows);

}  // namespace riata
