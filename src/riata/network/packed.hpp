#pragma once

#include <algorithm>
#include <vector>

#include "riata/kernels/aligned.hpp"
#include "riata/kernels/layers.hpp"
#include "riata/network/train.hpp"

namespace riata {

/// Rows of one block, by columns, filled up to whole groups with rows of zeros and weight 0.
template <class T>
struct RowBlock {
  MatrixView<const T> features;
  const T* response;  ///< one response after the other
  const T* weights;
  const T* offset;  ///< null: none
};

inline constexpr Index kBlockRows = 512;

inline Index whole_groups(Index rows) { return (rows + kernels::kRowGroup - 1) / kernels::kRowGroup * kernels::kRowGroup; }

/// Where feature j of row i is in blocks of whole_groups(rows) · features numbers: block after block, each by columns.
inline Index place_in_blocks(Index i, Index j, Index rows, Index features) {
  const Index first = i / kBlockRows * kBlockRows;
  return first * features + j * whole_groups(std::min(kBlockRows, rows - first)) + i - first;
}

/// Feature j of row i of samples that are not sparse.
template <class T>
T feature(const Samples<T>& samples, Index i, Index j) {
  const Index rows = samples.features.rows, cols = samples.features.cols;
  if (samples.by_rows != nullptr) return samples.by_rows[i * cols + j];
  if (samples.in_blocks != nullptr) return samples.in_blocks[place_in_blocks(i, j, rows, cols)];
  return samples.features(i, j);
}

/// Samples as blocks of at most kBlockRows rows, each with its columns together. Sparse rows stay where they are, and so do
/// features that are held in blocks.
template <class T>
class PackedSamples {
 public:
  PackedSamples() = default;
  explicit PackedSamples(const Samples<T>& samples) { pack(samples); }

  /// Room for `rows` rows, and no more allocation in pack_rows.
  void reserve(Index rows, Index features, const Samples<T>& samples);
  void pack(const Samples<T>& samples);
  /// The given rows of a matrix stored by rows (features_by_rows: n × features, unless they are sparse), with their
  /// response, weights, offset.
  void pack_rows(std::span<const Index> rows, const T* features_by_rows, const Samples<T>& samples);

  Index n_blocks() const { return n_blocks_; }
  /// Sparse rows are made dense in `room`, which must live as long as the block.
  RowBlock<T> block(Index b, kernels::AlignedVector<T>& room) const;
  double weight_sum() const { return weight_sum_; }

 private:
  void begin(Index rows, const Samples<T>& samples, const T* blocks);
  void gather(Index first, Index padded, T* out) const;
  void copy_row(const Samples<T>& samples, Index from, Index to);

  Index rows_ = 0, features_ = 0, responses_ = 1, n_blocks_ = 0;
  bool with_offset_ = false;
  double weight_sum_ = 0;
  const T* blocks_ = nullptr;  ///< of another's, in place of data_
  SparseRows<T> sparse_;       ///< with which_ in place of data_
  std::vector<Index> which_;   ///< rows of sparse_
  kernels::AlignedVector<T> data_, response_, weights_, offset_;
};

}  // namespace riata
