#include "riata/network/packed.hpp"

namespace riata {
namespace {

constexpr Index kTileFeatures = 64;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
void PackedSamples<T>::begin(Index rows, Index features, bool with_offset) {
  rows_ = rows;
  features_ = features;
  with_offset_ = with_offset;
  n_blocks_ = (rows + kBlockRows - 1) / kBlockRows;
  const Index padded = whole_groups(rows);
  data_.resize(at(padded * features));
  response_.assign(at(padded), T{0});
  weights_.assign(at(padded), T{0});
  offset_.assign(with_offset ? at(padded) : 0, T{0});
  weight_sum_ = 0;
}

template <class T>
void PackedSamples<T>::reserve(Index rows, Index features, bool with_offset) {
  const std::size_t padded = at(whole_groups(rows));
  data_.reserve(padded * at(features));
  response_.reserve(padded);
  weights_.reserve(padded);
  if (with_offset) offset_.reserve(padded);
}

template <class T>
RowBlock<T> PackedSamples<T>::block(Index b) const {
  const Index first = b * kBlockRows, padded = whole_groups(std::min(kBlockRows, rows_ - first));
  return {MatrixView<const T>(data_.data() + first * features_, padded, features_), response_.data() + first,
          weights_.data() + first, with_offset_ ? offset_.data() + first : nullptr};
}

/// What belongs to a row besides its features.
template <class T>
void PackedSamples<T>::copy_row(const Samples<T>& samples, Index from, Index to) {
  const double weight = samples.weights.empty() ? 1.0 : samples.weights[at(from)];
  response_[at(to)] = static_cast<T>(samples.response[at(from)]);
  weights_[at(to)] = static_cast<T>(weight);
  if (with_offset_) offset_[at(to)] = static_cast<T>(samples.offset[at(from)]);
  weight_sum_ += weight;
}

template <class T>
void PackedSamples<T>::pack(const Samples<T>& samples) {
  begin(samples.features.rows, samples.features.cols, !samples.offset.empty());
  for (Index i = 0; i < rows_; ++i) copy_row(samples, i, i);
  for (Index b = 0; b < n_blocks_; ++b) {
    const Index first = b * kBlockRows, rows = std::min(kBlockRows, rows_ - first), padded = whole_groups(rows);
    for (Index j = 0; j < features_; ++j) {
      T* out = data_.data() + first * features_ + j * padded;
      std::copy_n(&samples.features(first, j), rows, out);
      std::fill(out + rows, out + padded, T{0});
    }
  }
}

template <class T>
void PackedSamples<T>::pack_rows(std::span<const Index> rows, const T* features_by_rows, const Samples<T>& samples) {
  begin(static_cast<Index>(rows.size()), samples.features.cols, !samples.offset.empty());
  for (Index b = 0; b < n_blocks_; ++b) {
    const Index first = b * kBlockRows, count = std::min(kBlockRows, rows_ - first), padded = whole_groups(count);
    T* out = data_.data() + first * features_;
    // By tiles of one group of rows and a few features: whole cache lines of both sides while they are near.
    for (Index group = 0; group < count; group += kernels::kRowGroup) {
      const Index end = std::min(group + kernels::kRowGroup, count);
      for (Index left = 0; left < features_; left += kTileFeatures) {
        const Index right = std::min(left + kTileFeatures, features_);
        for (Index i = group; i < end; ++i) {
          const T* row = features_by_rows + rows[at(first + i)] * features_;
          for (Index j = left; j < right; ++j) out[j * padded + i] = row[j];
        }
      }
    }
    for (Index i = 0; i < count; ++i) copy_row(samples, rows[at(first + i)], first + i);
    for (Index j = 0; j < features_; ++j) std::fill(out + j * padded + count, out + (j + 1) * padded, T{0});
  }
}

template class PackedSamples<float>;
template class PackedSamples<double>;

}  // namespace riata
