#include "riata/penalty/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "riata/core/error.hpp"

namespace riata {

AnyPenalty penalty_by_name(std::string_view name, double l1_ratio) {
  if (name == NoPenalty::kName) return NoPenalty{};
  if (name == L1::kName) return L1{};
  if (name == L2::kName) return L2{};
  if (name == ElasticNet::kName) {
    if (l1_ratio >= 0.0 && l1_ratio <= 1.0) return ElasticNet{l1_ratio};
    throw Error(ErrorKind::argument, fmt::format("the L1 ratio is {}: it must lie between 0 and 1", l1_ratio));
  }
  constexpr std::array<std::string_view, 4> kPlanned = {"group", "group-lasso", "mcp", "scad"};
  if (std::ranges::find(kPlanned, name) != kPlanned.end()) {
    throw Error(ErrorKind::not_supported,
                fmt::format("the penalty \"{}\" is not in this version: use none, l1, l2 or elastic-net", name));
  }
  throw Error(ErrorKind::argument, fmt::format("there is no penalty \"{}\": use none, l1, l2 or elastic-net", name));
}

}  // namespace riata
