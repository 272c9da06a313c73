#pragma once

#include <algorithm>
#include <span>

#include "riata/design/design.hpp"

namespace riata {

/// out[i] = x_{columns[i]}ᵀ v.
inline void dot_columns(const Design& design, std::span<const Index> columns, std::span<const double> v,
                        std::span<double> out, const Context& context) {
  constexpr std::size_t kBlock = 64;
  const auto blocks = static_cast<Index>((columns.size() + kBlock - 1) / kBlock);
  context.for_blocks(blocks, [&](Index block) {
    const std::size_t first = static_cast<std::size_t>(block) * kBlock;
    const std::size_t end = std::min(columns.size(), first + kBlock);
    for (std::size_t i = first; i < end; ++i) out[i] = design.dot(columns[i], v, 0.0);
  });
}

/// out += X[:, columns] values.
inline void add_columns(const Design& design, std::span<const Index> columns, std::span<const double> values,
                        std::span<double> out, const Context& context) {
  design.multiply(columns, {values.data(), static_cast<Index>(values.size()), 1},
                  {out.data(), static_cast<Index>(out.size()), 1}, {}, context);
}

}  // namespace riata
