#include "riata/path/make_path_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "riata/core/error.hpp"
#include "riata/penalty/list.hpp"
#include "riata/solver/coordinate_descent.hpp"
#include "riata/solver/gradient_descent.hpp"
#include "riata/solver/least_squares.hpp"
#include "riata/solver/newton.hpp"
#include "riata/solver/rescued_solver.hpp"
#include "riata/solver/reweighted_descent.hpp"
#include "riata/solver/ridge.hpp"
#include "riata/solver/row_span.hpp"
#include "riata/solver/zero_lambda_solver.hpp"

namespace riata {
namespace {

std::unique_ptr<PathSolver> coordinate_descent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                               const AnyPenalty& penalty, const DescentOptions& options,
                                               const Context& context) {
  return visit_penalty(penalty, [&](const auto& p) -> std::unique_ptr<PathSolver> {
    using P = std::decay_t<decltype(p)>;
    return std::make_unique<CoordinateDescent<P>>(fitted, std::move(quadratic), p, options, context);
  });
}

/// A ridge path on moments whose points that moments cannot tell well enough are solved on the data.
std::unique_ptr<PathSolver> ridge(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                  std::span<const double> lambdas, const PathOptions& options, const Context& context) {
  const auto positive = lambdas.first(static_cast<std::size_t>(std::ranges::find(lambdas, 0.0) - lambdas.begin()));
  RidgeOptions ridge{options.tolerance, options.predictions_only, options.leave_one_out};
  ridge.lambdas = std::ssize(positive);
  ridge.least_lambda = positive.empty() ? 0.0 : positive.back();
  ridge.diagnostics = options.diagnostics;
  ridge.kernel = options.kernel;
  const bool on_moments = quadratic->residual().empty();
  auto solver = std::make_unique<RidgePathSolver>(fitted, std::move(quadratic), ridge, context);
  if (!on_moments) return solver;
  ridge.kernel = nullptr;  // what moments have left there lacks the digits that the data have
  return std::make_unique<RescuedSolver>(
      fitted, std::move(solver),
      [&fitted, &context, ridge] {
        return std::make_unique<RidgePathSolver>(fitted, residual_quadratic(fitted, context), ridge, context);
      },
      context);
}

/// Where the solver ends short of the tolerance, coordinate descent on residuals from the data goes on; not where the user
/// bounds the effort.
std::unique_ptr<PathSolver> rescued(std::unique_ptr<PathSolver> solver, const FittedProblem& fitted,
                                    const AnyPenalty& penalty, const PathOptions& options, const Context& context) {
  constexpr Index kSweeps = 5000;
  if (options.max_iterations > 0) return solver;
  const DescentOptions patient{options.tolerance, kSweeps};
  return std::make_unique<RescuedSolver>(
      fitted, std::move(solver),
      [&fitted, &context, penalty, patient] {
        return coordinate_descent(fitted, residual_quadratic(fitted, context), penalty, patient, context);
      },
      context);
}

/// Coordinate descent as asked for: on moments only as far as they tell the objective.
std::unique_ptr<PathSolver> on_data_where_moments_fail(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                                       const AnyPenalty& penalty, const PathOptions& options,
                                                       const Context& context) {
  const bool on_moments = quadratic->residual().empty();
  const DescentOptions descent{options.tolerance, options.max_iterations};
  auto solver = coordinate_descent(fitted, std::move(quadratic), penalty, descent, context);
  return on_moments ? rescued(std::move(solver), fitted, penalty, options, context) : std::move(solver);
}

std::unique_ptr<PathSolver> gradient_descent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                             const PenaltySpec& penalty, std::span<const double> lambdas,
                                             const PathOptions& options, const Context& context) {
  if (lambdas.size() != 1) {
    throw Error(ErrorKind::argument, fmt::format("gradient-descent takes one lambda, and there are {}: give one, or use "
                                                 "coordinate-descent for a path",
                                                 lambdas.size()));
  }
  GradientDescentOptions descent = options.gradient_descent;
  if (descent.iterations == 0) descent.iterations = options.max_iterations;
  std::optional<double> l1_ratio;
  if (penalty.name != NoPenalty::kName) l1_ratio = penalty.effective_l1_ratio();
  return std::make_unique<GradientDescent>(fitted, std::move(quadratic), l1_ratio, descent, options.tolerance, context);
}

/// Whether ridge with a smooth loss is better solved in the span of the rows: dense wide data.
bool rows_are_few(const FittedProblem& fitted, std::span<const double> lambdas) {
  constexpr Index kMostRows = 3000, kSparse = 8;
  const Index n = fitted.rows(), p = fitted.cols();
  const bool bounded = !fitted.lower.empty() || !fitted.upper.empty();
  return !bounded && n < p && n <= kMostRows && fitted.design->stored() >= n / kSparse * p && !lambdas.empty() &&
         lambdas.back() > 0.0;
}

/// Coordinate descent for losses other than the squared; where nothing is penalised or bounded, its steps are least squares,
/// which tell columns apart that descent would take for ever with. `fitted` and `context` must outlive it.
std::unique_ptr<PathSolver> reweighted_descent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                               const PenaltySpec& penalty, const PathOptions& options,
                                               const Context& context) {
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  const DescentOptions descent{std::max(1e-3 * options.tolerance, 1e-15), 0};
  const auto inner = [kind, descent, &context](const FittedProblem& squared, std::shared_ptr<Quadratic> around) {
    auto solver = coordinate_descent(squared, around, kind, descent, context);
    if (!squared.lower.empty() || !squared.upper.empty()) return solver;
    auto exact = std::make_unique<LeastSquaresPathSolver>(squared, std::move(around), descent.tolerance, context);
    return std::unique_ptr<PathSolver>(
        std::make_unique<ZeroLambdaSolver>(squared, std::move(solver), std::move(exact), context));
  };
  return std::make_unique<ReweightedDescent>(fitted, std::move(quadratic), ElasticNet{penalty.effective_l1_ratio()},
                                             penalty.name != NoPenalty::kName, options.tolerance, options.max_iterations,
                                             inner, context);
}

/// For losses other than the squared: proximal Newton steps. Where these end short of the tolerance (columns that are nearly
/// dependent) coordinate descent goes on, unless that would take for ever or the user bounds the effort.
std::unique_ptr<PathSolver> smooth_newton(const FittedProblem& fitted, const std::shared_ptr<Quadratic>& quadratic,
                                          const PenaltySpec& penalty, std::span<const double> lambdas,
                                          const PathOptions& options, const Context& context) {
  constexpr Index kMostColumns = 500;  // that coordinate descent has in its set without an l1 part
  const bool penalised = penalty.name != NoPenalty::kName;
  const ElasticNet net{penalty.effective_l1_ratio()};
  const NewtonOptions newton{options.tolerance, options.max_iterations, options.diagnostics, penalised,
                             options.predictions_only};
  const bool by_rows = penalised && net.l1_ratio == 0.0 && rows_are_few(fitted, lambdas);
  std::unique_ptr<PathSolver> solver;
  if (by_rows) {
    solver = std::make_unique<RowSpanSolver>(fitted, quadratic, newton, options.predictions_only, context);
  } else {
    solver = std::make_unique<NewtonSolver>(fitted, quadratic, net, newton, context);
  }
  if ((by_rows && options.predictions_only) || options.max_iterations > 0 ||
      (net.l1_ratio == 0.0 && fitted.cols() > kMostColumns))
    return solver;
  return std::make_unique<RescuedSolver>(
      fitted, std::move(solver),
      [&fitted, quadratic, penalty, options, &context] {
        return reweighted_descent(fitted, quadratic, penalty, options, context);
      },
      context);
}

/// The lasso and the elastic net as what they are; nothing for other penalties.
std::optional<ElasticNet> as_elastic_net(const AnyPenalty& penalty) {
  if (std::holds_alternative<L1>(penalty)) return ElasticNet{1.0};
  if (const auto* net = std::get_if<ElasticNet>(&penalty); net != nullptr && net->l1_ratio > 0.0) return *net;
  return std::nullopt;
}

std::unique_ptr<PathSolver> newton(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, ElasticNet penalty,
                                   const PathOptions& options, const Context& context) {
  const NewtonOptions newton{options.tolerance, options.max_iterations, options.diagnostics, true};
  return std::make_unique<NewtonSolver>(fitted, std::move(quadratic), penalty, newton, context);
}

/// Ridge by one factorisation where there are no bounds, the active set where there is an l1 part.
std::unique_ptr<PathSolver> best_for_positive(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                              const PenaltySpec& penalty, std::span<const double> lambdas,
                                              const PathOptions& options, const Context& context) {
  const bool bounded = !fitted.lower.empty() || !fitted.upper.empty();
  if (!bounded && penalty.effective_l1_ratio() == 0.0) return ridge(fitted, std::move(quadratic), lambdas, options, context);
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  const DescentOptions descent{options.tolerance, options.max_iterations};
  const auto net = as_elastic_net(kind);
  auto solver = net ? newton(fitted, std::move(quadratic), *net, options, context)
                    : coordinate_descent(fitted, std::move(quadratic), kind, descent, context);
  return rescued(std::move(solver), fitted, kind, options, context);
}

/// Least squares where nothing is penalised and nothing bounded; else the best for λ > 0, and least squares at λ = 0.
std::unique_ptr<PathSolver> best(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                 const PenaltySpec& penalty, std::span<const double> lambdas, const PathOptions& options,
                                 const Context& context) {
  const bool bounded = !fitted.lower.empty() || !fitted.upper.empty();
  const bool free = penalty.name == NoPenalty::kName || std::ranges::all_of(lambdas, [](double l) { return l == 0.0; });
  if (!bounded && free) {
    return std::make_unique<LeastSquaresPathSolver>(fitted, std::move(quadratic), options.tolerance, context);
  }
  auto solver = best_for_positive(fitted, quadratic, penalty, lambdas, options, context);
  if (bounded || lambdas.empty() || lambdas.back() > 0.0) return solver;
  auto zero = std::make_unique<LeastSquaresPathSolver>(fitted, std::move(quadratic), options.tolerance, context);
  return std::make_unique<ZeroLambdaSolver>(fitted, std::move(solver), std::move(zero), context);
}

}  // namespace

std::unique_ptr<PathSolver> make_path_solver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                             const PenaltySpec& penalty, std::span<const double> lambdas,
                                             const PathOptions& options, const Context& context) {
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  const bool squared = fitted.loss->name() == "squared";
  switch (options.solver) {
    case SolverKind::automatic:
      if (!squared) return smooth_newton(fitted, quadratic, penalty, lambdas, options, context);
      return best(fitted, std::move(quadratic), penalty, lambdas, options, context);
    case SolverKind::coordinate_descent:
      if (!squared) return reweighted_descent(fitted, std::move(quadratic), penalty, options, context);
      return on_data_where_moments_fail(fitted, std::move(quadratic), kind, options, context);
    case SolverKind::newton:
      if (!squared) return smooth_newton(fitted, quadratic, penalty, lambdas, options, context);
      if (const auto net = as_elastic_net(kind)) return newton(fitted, std::move(quadratic), *net, options, context);
      throw Error(ErrorKind::argument, "newton needs a penalty with an l1 part: use l1 or elastic-net, or another solver");
    case SolverKind::gradient_descent:
      return gradient_descent(fitted, std::move(quadratic), penalty, lambdas, options, context);
  }
  throw Error(ErrorKind::not_supported, "this solver is not in this version: use coordinate-descent");
}

}  // namespace riata
