#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/path/custom_penalty.hpp"
#include "riata/path/make_path_solver.hpp"
#include "riata/penalty/list.hpp"

namespace riata {
namespace {

void check_options(std::span<const double> lambdas, const PathOptions& options) {
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    if (!std::isfinite(lambdas[k]) || lambdas[k] < 0.0) {
      throw Error(ErrorKind::argument, fmt::format("lambda is {}: give a finite number that is at least 0", lambdas[k]));
    }
    if (k > 0 && lambdas[k] > lambdas[k - 1]) {
      throw Error(ErrorKind::argument, "the lambdas of a path must decrease: sort them, or use lambda_grid");
    }
  }
  if (!(options.tolerance > 0.0)) {
    throw Error(ErrorKind::argument, fmt::format("the tolerance is {}: it must be above 0", options.tolerance));
  }
}

/// nonzero: the columns whose b is not zero.
double objective(const FittedProblem& fitted, const PathParts& parts, double lambda, const State& state,
                 std::span<const Index> nonzero, double loss) {
  double sum = loss;
  for (const Index column : nonzero) {
    const auto j = static_cast<std::size_t>(column);
    sum += parts.penalty(state.b[j], lambda * fitted.factor[j]);
  }
  return sum;
}

/// βⱼ = bⱼ/sⱼ; a coefficient at its bound is the user's bound to the last bit.
double original_coefficient(const Problem& problem, const FittedProblem& fitted, std::size_t j, double b) {
  if (!fitted.upper.empty() && b == fitted.upper[j]) return problem.upper[j];
  if (!fitted.lower.empty() && b == fitted.lower[j]) return problem.lower[j];
  return b / fitted.design->scale(static_cast<Index>(j));
}

/// Non-zero coefficients on the original scale, and the intercept.
void set_coefficients(const Problem& problem, const FittedProblem& fitted, const State& state, PathPoint& point) {
  point.intercept = state.b0;
  for (std::size_t j = 0; j < state.b.size(); ++j) {
    if (state.b[j] == 0.0) continue;
    const Index column = static_cast<Index>(j);
    const double beta = original_coefficient(problem, fitted, j, state.b[j]);
    point.intercept -= fitted.design->centre(column) * beta;
    ++point.n_nonzero;
    point.coefficients.indices.push_back(column);
    point.coefficients.values.push_back(beta);
  }
}

PathPoint make_point(const Problem& problem, const FittedProblem& fitted, const PathParts& parts, double lambda,
                     const State& state, const Solution& solution) {
  PathPoint point;
  point.lambda = lambda;
  if (state.b.empty() && fitted.cols() > 0) {  // PathOptions::predictions_only
    point.n_nonzero = fitted.cols() - std::ssize(fitted.excluded);
    point.intercept = point.objective = std::numeric_limits<double>::quiet_NaN();
  } else {
    set_coefficients(problem, fitted, state, point);
    point.objective = objective(fitted, parts, lambda, state, point.coefficients.indices, solution.loss);
  }
  point.deviance_ratio = fitted.null_deviance > 0.0 ? 1.0 - 2.0 * solution.loss / fitted.null_deviance : 0.0;
  if (std::abs(point.deviance_ratio) < 1e-14) point.deviance_ratio = 0.0;  // the null model but for rounding
  point.degrees_of_freedom = solution.degrees_of_freedom;
  point.leave_one_out_error = solution.leave_one_out_error;
  point.leave_one_out = solution.leave_one_out;
  point.gcv_error = solution.gcv_error;
  point.certificate = solution.certificate;
  point.status = solution.status;
  return point;
}

/// Lets go of coefficients, the last point's excepted, once there are more than the options allow.
void keep_few(const PathOptions& options, Path& path) {
  Index total = 0;
  if (options.most_coefficients == 0) return;
  for (const PathPoint& point : path.points) total += point.n_nonzero;
  if (total <= options.most_coefficients || path.points.size() == 1) return;
  path.coefficients_kept = false;
  for (std::size_t k = 0; k + 1 < path.points.size(); ++k) path.points[k].coefficients = {};
}

}  // namespace

Path run_path(const Problem& problem, std::span<const double> lambdas, const PathOptions& options, const Context& context,
              const PathVisitor& visitor, const PathParts& parts) {
  problem.check();
  check_options(lambdas, options);
  std::optional<CrossMoments> own;
  const CrossMoments* moments = options.moments;
  if (moments == nullptr && path_takes_moments(problem, std::ssize(lambdas), context)) {
    moments = &own.emplace(cross_moments(problem, moments_shift(problem, context), context));
  }
  const FittedProblem fitted = to_fitted(problem, context, moments);
  const std::shared_ptr<Quadratic> quadratic =
      moments ? moment_quadratic(fitted, *moments, context) : residual_quadratic(fitted, context);
  own.reset();

  Path path;
  path.lambda_max = parts.lambda_max(fitted, *quadratic);
  path.null_deviance = fitted.null_deviance;
  path.excluded = fitted.excluded;
  for (Index j = 0; j < fitted.cols(); ++j) path.scale.push_back(fitted.design->scale(j));
  const auto solver = parts.solver(fitted, quadratic);
  path.status =
      solver->solve_path(lambdas, [&](Index k, const State& state, const Solution& solution, const LinearPredictor& eta) {
        const double lambda = lambdas[static_cast<std::size_t>(k)];
        path.points.push_back(make_point(problem, fitted, parts, lambda, state, solution));
        if (context.on_progress) context.on_progress({"path", k + 1, static_cast<Index>(lambdas.size())});
        const bool go_on = !visitor || visitor(k, path.points.back(), eta);
        if (!options.keep_coefficients) path.points.back().coefficients = {};
        keep_few(options, path);
        return go_on;
      });
  path.solver = solver->name();
  path.warnings = solver->warnings();
  path.trajectory = solver->trajectory();
  return path;
}

Path fit_path(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
              const PathOptions& options, const Context& context, const PathVisitor& visitor) {
  const AnyPenalty kind = penalty_by_name(penalty.name, penalty.l1_ratio);
  PathParts parts;
  parts.solver = [&](const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic) {
    return make_path_solver(fitted, std::move(quadratic), penalty, lambdas, options, context);
  };
  parts.penalty = [&](double b, double strength) {
    return visit_penalty(kind, [&](const auto& p) { return p.value(b, strength); });
  };
  parts.lambda_max = [&](const FittedProblem& fitted, Quadratic& quadratic) {
    return path_lambda_max(fitted, quadratic, penalty, context);
  };
  return run_path(problem, lambdas, options, context, visitor, parts);
}

}  // namespace riata
