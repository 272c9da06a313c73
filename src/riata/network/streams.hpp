#pragma once

#include <cstdint>

namespace riata {

/// Streams of random numbers of a seed (core/random.hpp) that belong to networks, for good.
enum class NetworkStream : std::uint64_t { parameters = 2, order = 3, dropout = 4 };

/// Each use has one stream for every layer, epoch or step.
inline std::uint64_t stream_of(NetworkStream use, std::uint64_t which) {
  return static_cast<std::uint64_t>(use) | (which << 8);
}

}  // namespace riata
