#include "riata/network/packed.hpp"

#include <numeric>

namespace riata {
namespace {

constexpr Index kTileFeatures = 64;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

template <class T>
Index n_responses(const Samples<T>& samples) {
  return std::ssize(samples.response) / samples.features.rows;
}

}  // namespace

template <class T>
void PackedSamples<T>::begin(Index rows, const Samples<T>& samples, const T* blocks) {
  rows_ = rows;
  features_ = samples.features.cols;
  responses_ = n_responses(samples);
  sparse_ = samples.sparse;
  blocks_ = blocks;
  with_offset_ = !samples.offset.empty();
  n_blocks_ = (rows + kBlockRows - 1) / kBlockRows;
  const Index padded = whole_groups(rows);
  if (sparse_.starts == nullptr && blocks_ == nullptr) data_.resize(at(padded * features_));
  response_.assign(at(padded * responses_), T{0});
  weights_.assign(at(padded), T{0});
  offset_.assign(with_offset_ ? at(padded) : 0, T{0});
  weight_sum_ = 0;
}

template <class T>
void PackedSamples<T>::reserve(Index rows, Index features, const Samples<T>& samples) {
  const std::size_t padded = at(whole_groups(rows));
  const bool sparse = samples.sparse.starts != nullptr;
  data_.reserve(sparse ? 0 : padded * at(features));
  which_.reserve(sparse ? at(rows) : 0);
  response_.reserve(padded * at(n_responses(samples)));
  weights_.reserve(padded);
  if (!samples.offset.empty()) offset_.reserve(padded);
}

template <class T>
RowBlock<T> PackedSamples<T>::block(Index b, kernels::AlignedVector<T>& room) const {
  const Index first = b * kBlockRows, padded = whole_groups(std::min(kBlockRows, rows_ - first));
  const bool sparse = sparse_.starts != nullptr;
  if (sparse) {
    room.assign(at(padded * features_), T{0});
    gather(first, padded, room.data());
  }
  const T* data = sparse ? room.data() : (blocks_ != nullptr ? blocks_ : data_.data()) + first * features_;
  return {MatrixView<const T>(data, padded, features_), response_.data() + first * responses_, weights_.data() + first,
          with_offset_ ? offset_.data() + first : nullptr};
}

template <class T>
void PackedSamples<T>::gather(Index first, Index padded, T* out) const {
  const Index rows = std::min(padded, rows_ - first);
  const T* absent = sparse_.absent;
  for (Index j = 0; j < features_ && absent != nullptr; ++j) std::fill_n(out + j * padded, rows, absent[j]);
  for (Index i = 0; i < rows; ++i) {
    const Index row = which_[at(first + i)];
    for (Index k = sparse_.starts[row]; k < sparse_.starts[row + 1]; ++k) {
      T& place = out[sparse_.columns[k] * padded + i];
      place = absent == nullptr ? place + sparse_.values[k] : sparse_.values[k];
    }
  }
}

/// What belongs to a row besides its features.
template <class T>
void PackedSamples<T>::copy_row(const Samples<T>& samples, Index from, Index to) {
  const double weight = samples.weights.empty() ? 1.0 : samples.weights[at(from)];
  const Index first = to / kBlockRows * kBlockRows, padded = whole_groups(std::min(kBlockRows, rows_ - first));
  for (Index k = 0; k < responses_; ++k) {
    const double y = samples.response[at(from + k * samples.features.rows)];
    response_[at(first * responses_ + k * padded + to - first)] = static_cast<T>(y);
  }
  weights_[at(to)] = static_cast<T>(weight);
  if (with_offset_) offset_[at(to)] = static_cast<T>(samples.offset[at(from)]);
  weight_sum_ += weight;
}

template <class T>
void PackedSamples<T>::pack(const Samples<T>& samples) {
  if (samples.by_rows != nullptr) {
    std::vector<Index> all(at(samples.features.rows));
    std::iota(all.begin(), all.end(), Index{0});
    return pack_rows(all, samples.by_rows, samples);
  }
  begin(samples.features.rows, samples, samples.in_blocks);
  for (Index i = 0; i < rows_; ++i) copy_row(samples, i, i);
  if (blocks_ != nullptr) return;
  if (sparse_.starts != nullptr) {
    which_.resize(at(rows_));
    std::iota(which_.begin(), which_.end(), Index{0});
    return;
  }
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
  begin(static_cast<Index>(rows.size()), samples, nullptr);
  if (sparse_.starts != nullptr) {
    which_.assign(rows.begin(), rows.end());
    for (Index i = 0; i < rows_; ++i) copy_row(samples, rows[at(i)], i);
    return;
  }
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
