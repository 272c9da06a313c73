#pragma once

#include <span>
#include <vector>

#include "riata/design/design.hpp"

namespace riata {

/// Features whose weighted correlation with a leader is large.
struct CorrelatedGroup {
  struct Member {
    Index feature;
    double correlation;  ///< with the leader
  };
  Index leader = 0;
  std::vector<Member> members;  ///< without the leader; the closest first
};

/// Groups of features about leaders, taken in the given order: every feature whose correlation with the leader is at least
/// `least` in size and that is in no group yet joins it; a leader that has joined an earlier group leads none. Groups of one
/// are left out. Constant columns are in none, and columns of one owner (levels of one category, which tell each other) do
/// not join each other; `owners` has one a column, or is empty: each its own. O(n p) a leader, no more than `block` leaders
/// at a time in memory.
std::vector<CorrelatedGroup> correlated_groups(const Design& design, std::span<const double> weights,
                                               std::span<const Index> leaders, double least, const Context& context,
                                               std::span<const Index> owners = {});

}  // namespace riata
