#include "riata/design/design.hpp"

#include <algorithm>

namespace riata {

void Design::multiply_back(std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                           std::span<const double> shift, const Context& context) const {
  constexpr Index kRows = 1024;  // stay in cache through f
  std::vector<double> memory(static_cast<std::size_t>(rows() * b.cols));
  const Matrix image(memory.data(), rows(), b.cols);
  multiply(columns, b, image, shift, context);
  context.for_blocks((rows() + kRows - 1) / kRows, [&](Index block) {
    const Index first = block * kRows, count = std::min(kRows, rows() - first);
    f(first, {image.data + first, count, image.cols, image.stride});
  });
  dots(columns, image, out, shift, context);
}

void Design::part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                       ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
                       const Context& context) const {
  context.for_blocks(std::ssize(outs), [&](Index part) {
    std::vector<double> own(static_cast<std::size_t>(rows())), weighted(own.size() * static_cast<std::size_t>(v.cols));
    for (std::size_t i = 0; i < own.size(); ++i) {
      own[i] = !part_of.empty() && part_of[i] != part ? 0.0 : w.empty() ? 1.0 : w[i];
    }
    const Matrix sides(weighted.data(), rows(), v.cols);
    for (Index c = 0; c < v.cols; ++c) {
      for (Index i = 0; i < v.rows; ++i) sides(i, c) = own[static_cast<std::size_t>(i)] * v(i, c);
    }
    const PartSums& out = outs[static_cast<std::size_t>(part)];
    gram(columns, columns, own, out.gram, shift, context);
    dots(columns, sides, out.products, shift, context);
  });
}

std::optional<RowEntries> Design::row_entries(std::span<const Index>, std::span<const double>,
                                              std::span<const double>) const {
  return std::nullopt;
}

}  // namespace riata
