#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// Design::part_sums of the columns that `rows` holds, row by row (Gustavson, 1978): Σᵢ nnzᵢ²/2 multiplications, each
/// where its entry of the Gram matrix lies, so that this pays while a Gram stays in cache. w: n entries, or empty for
/// ones; V: n × m. In a column without a missing entry on a part's rows the shift is taken off inside the sums. Zero is
/// what an interrupted context leaves.
void row_sums(const RowEntries& rows, std::span<const Index> part_of, std::span<const double> w, ConstMatrix v,
              std::span<const PartSums> outs, const Context& context);

}  // namespace riata
