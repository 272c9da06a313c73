#pragma once

#include <vector>

#include "riata/data/dataset.hpp"

namespace riata {

/// Roles as positions in a table; −1: nobody has that part.
struct RolePositions {
  Index target = -1, weights = -1, offset = -1, fold = -1, group = -1;
  std::vector<Index> features;    ///< in the order of the table, or as named by Roles::features
  std::vector<bool> categorical;  ///< a flag per feature
};

/// Finds the columns; throws Error(column) for one that the table lacks, Error(argument) for parts that contradict.
RolePositions find_roles(const Table& table, const Roles& roles);

}  // namespace riata
