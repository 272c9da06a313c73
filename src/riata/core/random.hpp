#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four random words
/// that are a pure function of the 128-bit counter (position, stream) and the 64-bit key (seed).
///   counter = {position low, position high, stream low, stream high},  key = {seed low, seed high}
std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t position);

/// A stream of random numbers: the same on every platform, for good (tests hold its values). Streams of one seed are
/// independent: give every use a stream of its own (below), and every row, fold or layer its own position or stream.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  /// 64 uniform bits: words (1, 0), then (3, 2), of successive blocks.
  std::uint64_t bits();
  /// Uniform in [0, 1): the upper 53 bits of bits(), times 2⁻⁵³.
  double uniform();
  /// Uniform among 0 … n − 1, without bias (rejection). n ≥ 1.
  Index below(Index n);
  /// 0 … n − 1 in random order (Fisher–Yates from the end).
  std::vector<Index> permutation(Index n);

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
};

/// Which stream of the seed belongs to what. Numbers are never reused or changed.
inline constexpr std::uint64_t kFoldStream = 1, kValidationStream = 9, kStabilityStream = 20;

}  // namespace riata
