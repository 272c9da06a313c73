#pragma once

#include <memory>
#include <span>

#include "riata/path/path.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {

/// The solver for a problem, a penalty and the λ to come (decreasing): the one asked for, or the best. The only place that
/// knows all kinds. `fitted` and `context` must outlive it. Throws Error(argument) for a pair that cannot be, saying what
/// would work, and Error(not_supported).
std::unique_ptr<PathSolver> make_path_solver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                             const PenaltySpec& penalty, std::span<const double> lambdas,
                                             const PathOptions& options, const Context& context);

/// λ_max of a path (path.hpp, lambda_grid) in fitted coordinates; 0 where nothing is penalised or nothing is left to
/// explain.
double path_lambda_max(const FittedProblem& fitted, Quadratic& quadratic, const PenaltySpec& penalty,
                       const Context& context);

}  // namespace riata
