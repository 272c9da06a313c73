#pragma once

#include <span>
#include <vector>

#include "riata/design/design.hpp"

namespace riata {

/// out = Σⱼ aⱼ zⱼ zⱼᵀ over `columns` of the design (n × n, all rows, symmetric); a: columns.size() entries, or empty for
/// ones. n²/2 multiply-adds a column; columns are gathered a few hundred at a time, so no copy of the design is made. Once
/// the context is interrupted it ends early, with what was added so far.
void kernel_matrix(const Design& design, std::span<const Index> columns, std::span<const double> a, Matrix out,
                   const Context& context);

}  // namespace riata
