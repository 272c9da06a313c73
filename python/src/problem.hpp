#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binding.hpp"
#include "riata/path/path.hpp"
#include "riata/selection/selection.hpp"

namespace riata::python {

/// A Problem for each output over arrays of Python's, which it keeps alive.
struct ProblemHandle {
  DesignHandle design;
  Columns response;
  std::optional<Vector> weights, offset, penalty_factor, lower, upper;
  Problem common;                  ///< all but the response
  std::vector<std::string> names;  ///< of the columns, for messages; empty where they have none

  Index outputs() const { return static_cast<Index>(response.shape(1)); }
  Problem of(Index output) const {
    Problem problem = common;
    const auto n = response.shape(0);
    problem.response = {response.data() + static_cast<std::size_t>(output) * n, n};
    return problem;
  }
};

/// What a solve is asked for besides λ.
struct SolveOptions {
  PenaltySpec penalty;
  PathOptions path;
  int threads = 1;
};

void bind_solve_options(nb::module_& module);

}  // namespace riata::python
