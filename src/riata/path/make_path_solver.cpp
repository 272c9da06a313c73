#include "riata/path/make_path_solver.hpp"

#include "riata/core/error.hpp"
#include "riata/penalty/list.hpp"
#include "riata/solver/coordinate_descent.hpp"

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

}  // namespace

std::unique_ptr<PathSolver> make_path_solver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                             const PenaltySpec& penalty, std::span<const double>, const PathOptions& options,
                                             const Context& context) {
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  switch (options.solver) {
    case SolverKind::automatic:
    case SolverKind::coordinate_descent: return coordinate_descent(fitted, std::move(quadratic), kind, options, context);
    case SolverKind::newton:
    case SolverKind::gradient_descent: break;
  }
  throw Error(ErrorKind::not_supported, "this solver is not in this version: use coordinate-descent");
}

}  // namespace riata
