#include "riata/core/random.hpp"

#include <Random123/philox.h>

#include <cassert>
#include <numeric>
#include <utility>

namespace riata {

std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t position) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const r123::Philox4x32 generator;
  const r123::Philox4x32::ctr_type counter = {{low(position), high(position), low(stream), high(stream)}};
  const r123::Philox4x32::key_type key = {{low(seed), high(seed)}};
  const auto out = generator(counter, key);
  return {out[0], out[1], out[2], out[3]};
}

std::uint64_t Random::bits() {
  if (left_ == 0) {
    block_ = philox(seed_, stream_, position_++);
    left_ = 2;
  }
  const std::size_t first = left_ == 2 ? 0 : 2;
  --left_;
  return (std::uint64_t{block_[first + 1]} << 32) | block_[first];
}

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

Index Random::below(Index n) {
  assert(n >= 1);
  const auto range = static_cast<std::uint64_t>(n);
  const std::uint64_t biased = (UINT64_MAX % range + 1) % range;  // so many values at the top would come too often
  std::uint64_t x = bits();
  while (x > UINT64_MAX - biased) x = bits();
  return static_cast<Index>(x % range);
}

std::vector<Index> Random::permutation(Index n) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  for (Index i = n - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(below(i + 1))]);
  return order;
}

}  // namespace riata
