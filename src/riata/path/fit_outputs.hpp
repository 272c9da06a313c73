#pragma once

#include <span>
#include <vector>

#include "riata/path/path.hpp"

namespace riata {

/// fit_path for several responses on one design with the same weights, offset, factors and bounds: `problems` differ in
/// their response alone, lambdas has the grid of each. What the responses have in common (the Gram matrix of tall data, the
/// kernel of ridge on wide data) is made once, and their products with the columns in one pass.
std::vector<Path> fit_outputs(std::span<const Problem> problems, const PenaltySpec& penalty,
                              std::span<const std::span<const double>> lambdas, const PathOptions& options,
                              const Context& context);

}  // namespace riata
