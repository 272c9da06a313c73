#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>

/// Integers of 64 bits as float64, which holds every one up to 2⁵³ and only some beyond.
namespace riata {

template <std::integral I>
bool is_exact_as_double(I value) {
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = value < 0 ? 0 - bits : bits;
  return magnitude == 0 || magnitude >> std::countr_zero(magnitude) <= std::uint64_t{1} << 53;
}

/// What is wrong with the others; what to do follows.
template <std::integral I>
std::string rounding_message(I value) {
  return std::to_string(value) + " is an integer beyond 2^53 that float64 would round; ";
}

}  // namespace riata
