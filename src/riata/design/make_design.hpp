#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "riata/design/design.hpp"

/// Designs over memory that somebody else owns; `owner` keeps it alive as long as the design lives (null: the caller sees
/// to it). T is float or double. Nothing is copied but column starts.
namespace riata {

/// One pointer per column, each to `rows` contiguous entries.
template <class T>
DesignPtr dense_columns(std::vector<const T*> columns, Index rows, std::shared_ptr<const void> owner);

/// Element (i, j) is data[i · row_stride + j · col_stride]; strides count elements. Row-major: (cols, 1).
/// Where columns are contiguous (row_stride 1) the result is the same as dense_columns.
template <class T>
DesignPtr strided(const T* data, Index rows, Index cols, Index row_stride, Index col_stride,
                  std::shared_ptr<const void> owner);

/// CSC; I, the type of starts (cols + 1 entries) and row indices, is int32 or int64. Rows within a column are distinct, in
/// any order. Throws Error(input) for decreasing starts, rows outside the matrix and duplicates.
template <class T, class I>
DesignPtr sparse_columns(Index rows, Index cols, const I* starts, const I* row_indices, const T* values,
                         std::shared_ptr<const void> owner);

/// The parts side by side. Throws Error(argument) without parts or when their rows differ.
DesignPtr hstack(std::vector<DesignPtr> parts);

}  // namespace riata
