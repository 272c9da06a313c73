#include "riata/design/design.hpp"

namespace riata {

void Design::multiply_back(std::span<const Index> columns, std::span<const double> b, const RowMap& f, std::span<double> out,
                           std::span<const double> shift, const Context& context) const {
  const auto count = static_cast<Index>(columns.size());
  std::vector<double> image(static_cast<std::size_t>(rows()));
  multiply(columns, {b.data(), count, 1}, {image.data(), rows(), 1}, shift, context);
  f(0, image);
  dots(columns, {image.data(), rows(), 1}, {out.data(), count, 1}, shift, context);
}

void Design::part_grams(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                        std::span<const Matrix> outs, std::span<const double> shift, const Context& context) const {
  context.for_blocks(std::ssize(outs), [&](Index part) {
    std::vector<double> own(part_of.size());
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = part_of[i] != part ? 0.0 : w.empty() ? 1.0 : w[i];
    gram(columns, columns, own, outs[static_cast<std::size_t>(part)], shift, context);
  });
}

std::optional<RowEntries> Design::row_entries(std::span<const Index>, std::span<const double>,
                                              std::span<const double>) const {
  return std::nullopt;
}

}  // namespace riata
