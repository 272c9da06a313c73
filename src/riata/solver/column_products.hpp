#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "riata/core/memory.hpp"
#include "riata/design/design.hpp"

namespace riata {

/// out = X[:, columns]ᵀ V.
inline void column_products(const Design& design, std::span<const Index> columns, ConstMatrix v, Matrix out,
                            const Context& context) {
  if (!columns.empty()) design.dots(columns, v, out, {}, context);
}

/// How many columns of a pass over the design are worth a call: products are used while they are in cache, and sparse
/// designs first put each row's sides together.
inline Index columns_in_block(const Design& design) {
  constexpr Index kLeast = 512, kMost = 8192, kEntriesPerRow = 16;
  const Index stored = std::max<Index>(1, design.stored() / std::max<Index>(1, design.cols()));
  return std::clamp(kEntriesPerRow * design.rows() / stored, kLeast, kMost);
}

/// out[i] = x_{columns[i]}ᵀ v.
inline void dot_columns(const Design& design, std::span<const Index> columns, std::span<const double> v,
                        std::span<double> out, const Context& context) {
  column_products(design, columns, {v.data(), static_cast<Index>(v.size()), 1},
                  {out.data(), static_cast<Index>(out.size()), 1}, context);
}

/// out(a, b) = Σᵢ wᵢ x_{i,left[a]} x_{i,right[b]}. For a few `right` of a design with zeros, weighted columns and dot
/// products; where most are zero, to look at the rows that columns share soon pays, and so where
/// weighted columns have no room.
inline void gram_columns(const Design& design, std::span<const Index> left, std::span<const Index> right,
                         std::span<const double> w, Matrix out, const Context& context) {
  constexpr std::size_t kFew = 16, kFewSparse = 3;
  constexpr Index kSparse = 8;  // entries a stored one
  constexpr Index kShare = 16;
  const bool sparse = design.stored() < design.rows() / kSparse * design.cols();
  const bool dense = design.stored() == design.rows() * design.cols();
  const Index bytes = std::ssize(w) * std::ssize(right) * Index{sizeof(double)};
  const bool tight = context.lean && kShare * bytes > working_memory(context, design.bytes());
  if (dense || tight || right.size() > (sparse ? kFewSparse : kFew)) {
    design.gram(left, right, w, out, {}, context);
    return;
  }
  std::vector<double> weighted(w.size() * right.size());
  const Matrix columns(weighted.data(), static_cast<Index>(w.size()), static_cast<Index>(right.size()));
  design.gather(right, columns);
  for (Index b = 0; b < columns.cols; ++b) {
    for (Index i = 0; i < columns.rows; ++i) columns(i, b) *= w[static_cast<std::size_t>(i)];
  }
  column_products(design, left, columns, out, context);
}

/// out += X[:, columns] values.
inline void add_columns(const Design& design, std::span<const Index> columns, std::span<const double> values,
                        std::span<double> out, const Context& context) {
  design.multiply(columns, {values.data(), static_cast<Index>(values.size()), 1},
                  {out.data(), static_cast<Index>(out.size()), 1}, {}, context);
}

}  // namespace riata
