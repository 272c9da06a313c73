#include "riata/path/make_path_solver.hpp"

#include <algorithm>

#include "riata/core/error.hpp"
#include "riata/penalty/list.hpp"
#include "riata/solver/coordinate_descent.hpp"
#include "riata/solver/least_squares.hpp"
#include "riata/solver/ridge.hpp"

namespace riata {
namespace {

std::unique_ptr<PathSolver> coordinate_descent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                               const AnyPenalty& penalty, const PathOptions& options,
                                               const Context& context) {
  const DescentOptions descent{options.tolerance, options.max_iterations};
  return visit_penalty(penalty, [&](const auto& p) -> std::unique_ptr<PathSolver> {
    using P = std::decay_t<decltype(p)>;
    return std::make_unique<CoordinateDescent<P>>(fitted, std::move(quadratic), p, descent, context);
  });
}

/// Direct methods where there are any: without bounds, for no penalty and for ridge.
std::unique_ptr<PathSolver> best(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                 const PenaltySpec& penalty, std::span<const double> lambdas, const PathOptions& options,
                                 const Context& context) {
  const bool bounded = !fitted.lower.empty() || !fitted.upper.empty();
  const bool free = penalty.name == NoPenalty::kName || std::ranges::all_of(lambdas, [](double l) { return l == 0.0; });
  if (!bounded && free) {
    return std::make_unique<LeastSquaresPathSolver>(fitted, std::move(quadratic), options.tolerance, context);
  }
  if (!bounded && penalty.effective_l1_ratio() == 0.0) {
    const RidgeOptions ridge{options.tolerance, options.diagnostics};
    return std::make_unique<RidgePathSolver>(fitted, std::move(quadratic), ridge, context);
  }
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  return coordinate_descent(fitted, std::move(quadratic), kind, options, context);
}

}  // namespace

std::unique_ptr<PathSolver> make_path_solver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                             const PenaltySpec& penalty, std::span<const double> lambdas,
                                             const PathOptions& options, const Context& context) {
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  switch (options.solver) {
    case SolverKind::automatic: return best(fitted, std::move(quadratic), penalty, lambdas, options, context);
    case SolverKind::coordinate_descent: return coordinate_descent(fitted, std::move(quadratic), kind, options, context);
    case SolverKind::newton:
    case SolverKind::gradient_descent: break;
  }
  throw Error(ErrorKind::not_supported, "this solver is not in this version: use coordinate-descent");
}

}  // namespace riata
