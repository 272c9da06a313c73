#pragma once

#include <array>

#include "riata/core/types.hpp"
#include "riata/kernels/aligned.hpp"

namespace riata {

/// Right-hand sides that share every product: at most so many.
inline constexpr Index kMostSides = 8;

/// One number a side.
using Sides = std::array<double, kMostSides>;

/// Some vectors, entry by entry: those of entry i are neighbours, from i · width on.
template <class T>
struct SideVectors {
  SideVectors(Index n, Index w) : width(w), values(static_cast<std::size_t>(n * w)) {}
  T& operator()(std::size_t i, std::size_t c) { return values[i * static_cast<std::size_t>(width) + c]; }
  T operator()(std::size_t i, std::size_t c) const { return values[i * static_cast<std::size_t>(width) + c]; }
  std::size_t entries() const { return values.size() / static_cast<std::size_t>(width); }

  Index width;  ///< of which the last need not be used: what kernels do at once
  kernels::AlignedVector<T> values;
};

/// The least width for so many sides.
inline Index side_width(Index count) { return count <= kMostSides / 2 ? kMostSides / 2 : kMostSides; }

}  // namespace riata
