#pragma once

#include <memory>
#include <span>

#include "riata/path/path.hpp"
#include "riata/solver/path_solver.hpp"

namespace riata {

/// The solver for a problem, a penalty and the λ to come (decreasing): the one asked for, or the best. The only place that
/// knows all kinds. `fitted` and `context` must outlive it. Throws Error(argument) for a pair that cannot be, saying what
/// would work, and Error(not_supported).
std::unique_ptr<PathSolver> make_path_solver(const FittedProblem& fitted, const PenaltySpec& penalty,
                                             std::span<const double> lambdas, const PathOptions& options,
                                             const Context& context);

}  // namespace riata
