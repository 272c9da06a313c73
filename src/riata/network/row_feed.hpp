#pragma once

#include <vector>

#include "riata/network/packed.hpp"
#include "riata/network/spec.hpp"

namespace riata {

/// The training rows of an epoch, batch by batch, packed. Their order is a function of the seed and the epoch alone, so that
/// networks trained side by side see the same rows in every step. Allocates nothing after construction.
template <class T>
class RowFeed {
 public:
  /// Of the options: batch_size, shuffle, seed.
  RowFeed(const Samples<T>& samples, const TrainOptions& options);

  Index n_batches() const { return n_batches_; }
  Index batch_size() const { return batch_size_; }
  void begin_epoch(Index epoch);
  /// Valid until the next call.
  const PackedSamples<T>& batch(Index b);

 private:
  Samples<T> samples_;
  Index rows_, batch_size_, n_batches_;
  bool shuffles_;
  std::uint64_t seed_;
  std::vector<T> by_rows_;  ///< features row by row, where there are batches and the samples do not have them so
  std::vector<Index> order_;
  PackedSamples<T> packed_;
};

}  // namespace riata
