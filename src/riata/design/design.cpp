#include "riata/design/design.hpp"

#include <algorithm>

namespace riata {

void Design::multiply_back(std::span<const Index> columns, std::span<const double> b, const RowMap& f, std::span<double> out,
                           std::span<const double> shift, const Context& context) const {
  constexpr Index kBlock = 64;  // columns a task works on
  const auto count = static_cast<Index>(columns.size());
  std::vector<double> image(static_cast<std::size_t>(rows()));
  multiply(columns, {b.data(), count, 1}, {image.data(), rows(), 1}, shift, context);
  f(0, image);
  context.for_blocks((count + kBlock - 1) / kBlock, [&](Index block) {
    for (Index k = block * kBlock; k < std::min(count, (block + 1) * kBlock); ++k) {
      const auto at = static_cast<std::size_t>(k);
      const Index j = columns[at];
      out[at] = dot(j, image, shift.empty() ? 0.0 : shift[static_cast<std::size_t>(j)]);
    }
  });
}

}  // namespace riata
