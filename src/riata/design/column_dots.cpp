#include <algorithm>

#include "riata/design/design.hpp"

namespace riata {

void Design::dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
                  const Context& context) const {
  constexpr Index kBlock = 64;
  const Index total = static_cast<Index>(columns.size());
  context.for_blocks((total + kBlock - 1) / kBlock, [&](Index block) {
    for (Index k = block * kBlock; k < std::min(total, (block + 1) * kBlock); ++k) {
      const Index j = columns[static_cast<std::size_t>(k)];
      const double s = shift.empty() ? 0.0 : shift[static_cast<std::size_t>(j)];
      for (Index c = 0; c < v.cols; ++c) out(k, c) = dot(j, v.column(c), s);
    }
  });
}

}  // namespace riata
