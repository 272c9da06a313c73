#include "riata/network/row_feed.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "riata/core/random.hpp"
#include "riata/network/streams.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
RowFeed<T>::RowFeed(const Samples<T>& samples, const TrainOptions& options)
    : samples_(samples),
      rows_(samples.features.rows),
      batch_size_(options.batch_size > 0 && options.batch_size < rows_ ? options.batch_size : rows_),
      n_batches_((rows_ + batch_size_ - 1) / batch_size_),
      shuffles_(options.shuffle),
      seed_(options.seed) {
  if (n_batches_ == 1) {
    packed_.pack(samples);
    return;
  }
  const Index cols = samples.features.cols;
  order_.resize(at(rows_));
  packed_.reserve(batch_size_, cols, samples);
  if (samples.sparse.starts != nullptr || samples.by_rows != nullptr) return;
  by_rows_.resize(at(rows_ * cols));
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows_; ++i) by_rows_[at(i * cols + j)] = feature(samples, i, j);
  }
}

template <class T>
void RowFeed<T>::begin_epoch(Index epoch) {
  if (n_batches_ == 1) return;
  std::iota(order_.begin(), order_.end(), Index{0});
  if (!shuffles_) return;
  Random random(seed_, stream_of(NetworkStream::order, static_cast<std::uint64_t>(epoch)));
  for (Index i = rows_ - 1; i > 0; --i) std::swap(order_[at(i)], order_[at(random.below(i + 1))]);
}

template <class T>
const PackedSamples<T>& RowFeed<T>::batch(Index b) {
  if (n_batches_ == 1) return packed_;
  const Index first = b * batch_size_, count = std::min(batch_size_, rows_ - first);
  const T* by_rows = samples_.by_rows != nullptr ? samples_.by_rows : by_rows_.data();
  packed_.pack_rows(std::span(order_).subspan(at(first), at(count)), by_rows, samples_);
  return packed_;
}

template class RowFeed<float>;
template class RowFeed<double>;

}  // namespace riata
