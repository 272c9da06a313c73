#pragma once

#include <vector>

#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// What a direct method looks at: the columns that are not excluded and the rows of positive weight, both increasing.
struct Scope {
  explicit Scope(const FittedProblem& fitted);
  Index n() const { return static_cast<Index>(rows.size()); }
  Index k() const { return static_cast<Index>(columns.size()); }

  std::vector<Index> columns;
  std::vector<Index> rows;
};

}  // namespace riata
