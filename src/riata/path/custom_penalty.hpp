#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/path/path.hpp"
#include "riata/solver/coordinate_descent.hpp"
#include "riata/solver/null_model.hpp"

namespace riata {

/// What a path takes of its penalty and solver.
struct PathParts {
  std::function<std::unique_ptr<PathSolver>(const FittedProblem&, std::shared_ptr<Quadratic>)> solver;
  std::function<double(double b, double strength)> penalty;  ///< λfP(b), for the objective
  std::function<double(const FittedProblem&, Quadratic&)> lambda_max;
};

/// The path of any penalty and solver: what every fit_path is made of.
Path run_path(const Problem& problem, std::span<const double> lambdas, const PathOptions& options, const Context& context,
              const PathVisitor& visitor, const PathParts& parts);

/// fit_path for a penalty of your own (docs/adding-a-penalty.md), by coordinate descent. Path::lambda_max supposes a penalty
/// with slope λf at zero. Penalties that are not convex are certified by their KKT violation; their gap is NaN.
template <Penalty P>
Path fit_path(const Problem& problem, const P& penalty, std::span<const double> lambdas, const PathOptions& options,
              const Context& context, const PathVisitor& visitor = {}) {
  if (problem.loss->name() != "squared") {
    throw Error(ErrorKind::not_supported, "a penalty of your own needs the squared loss in this version");
  }
  PathParts parts;
  parts.solver = [&](const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic) {
    const DescentOptions descent{options.tolerance, options.max_iterations};
    return std::make_unique<CoordinateDescent<P>>(fitted, std::move(quadratic), penalty, descent, context);
  };
  parts.penalty = [&](double b, double strength) { return penalty.value(b, strength); };
  parts.lambda_max = [&](const FittedProblem& fitted, Quadratic& quadratic) {
    return largest_useful_lambda(fitted, quadratic, context);
  };
  return run_path(problem, lambdas, options, context, visitor, parts);
}

}  // namespace riata
