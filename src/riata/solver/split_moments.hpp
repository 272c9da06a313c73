#pragma once

#include <span>
#include <vector>

#include "riata/design/design.hpp"

namespace riata {

/// Weighted means and variances of several parts of the rows of one matrix. parts[k]: n weights, each that of `weights` or
/// zero. Dense designs are read once: sums about the mean of all rows, less those of the rows left out; where that would
/// lose digits, and for sparse designs, each part is looked at alone.
std::vector<ColumnMoments> split_moments(const Design& design, std::span<const double> weights,
                                         std::span<const std::span<const double>> parts, const Context& context);

}  // namespace riata
