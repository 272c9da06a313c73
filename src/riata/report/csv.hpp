#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace riata {

/// A CSV field: in quotes where it holds a comma, a quote, a line break or blanks at an end; quotes doubled (RFC 4180).
std::string csv_field(std::string_view text);

/// `prediction` and the kept columns behind it; numbers are the shortest that read back, NaN is NA.
std::string predictions_csv(const std::vector<double>& predictions, const std::vector<std::string>& names,
                            const std::vector<std::vector<std::string>>& columns);

}  // namespace riata
