#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "random_problem.hpp"

namespace riata {
namespace {

std::vector<double> some_lambdas(const Problem& problem, const PenaltySpec& penalty) {
  const double largest = lambda_grid(problem, penalty, {.lambdas = {}, .n_lambdas = 1, .min_ratio = {}}, Context(1)).front();
  return {1e300, 2 * largest, largest, 0.5 * largest, 0.5 * largest, 0.1 * largest, 0.001 * largest};
}

Path fit(const RandomProblem& random, std::span<const double> lambdas, const PathOptions& options) {
  return fit_path(random.problem(), random.penalty, lambdas, options, Context(1));
}

PathOptions with_tolerance(double tolerance) {
  PathOptions options;
  options.tolerance = tolerance;
  return options;
}

void check_every_point(const RandomProblem& random, SolverKind solver, bool from_moments) {
  const std::vector<double> lambdas = some_lambdas(random.problem(), random.penalty);
  // Moments know a squared residual to rounding errors of the null deviance, and collinear columns to its square root.
  const double tolerance = from_moments ? 1e-8 : 1e-10;
  PathOptions options = with_tolerance(tolerance);
  options.solver = solver;
  CrossMoments moments;
  if (from_moments) {
    moments = cross_moments(random.problem(), moments_shift(random.problem(), Context(1)), Context(1));
    options.moments = &moments;
  }
  const Path path = fit(random, lambdas, options);
  RC_ASSERT(path.points.size() == lambdas.size());
  for (const PathPoint& point : path.points) {
    const Judgement truth = judge(random, point.lambda, point.intercept, dense(point, random.x.cols()));
    RC_LOG() << "n " << random.x.rows() << " p " << random.x.cols() << " " << random.penalty.name << " "
             << random.penalty.l1_ratio << " lambda " << point.lambda << " gap " << point.certificate.relative_gap
             << " truth " << truth.relative_gap << " kkt " << point.certificate.kkt_violation << " truth "
             << truth.kkt_violation << "\n";
    RC_ASSERT(point.status == Status::converged);
    RC_ASSERT(point.certificate.relative_gap <= tolerance);
    RC_ASSERT(std::abs(truth.relative_gap - point.certificate.relative_gap) <= 100 * tolerance);
    if (point.lambda > 1e299) continue;  // ridge: coefficients of 1e-300, whose products are denormal
    RC_ASSERT(std::abs(truth.kkt_violation - point.certificate.kkt_violation) <= 1e-6);
    const double rounding = from_moments ? 1e-7 : 1e-13;  // of the null deviance
    RC_ASSERT(std::abs(truth.objective - point.objective) <= 1e-9 * truth.objective + rounding * path.null_deviance);
  }
}

RandomProblem any_problem(Index max_rows, Index max_cols) {
  return random_problem(*rc::gen::noShrink(rc::gen::inRange<std::uint64_t>(0, 1000000000)), max_rows, max_cols);
}

RC_GTEST_PROP(PathProperty, EveryPointIsCertifiedAndTheCertificateIsTrue, ()) {
  check_every_point(any_problem(30, 12), SolverKind::coordinate_descent, false);
}

RC_GTEST_PROP(PathProperty, MorePredictorsThanRowsToo, ()) {
  check_every_point(any_problem(12, 40), SolverKind::coordinate_descent, false);
}

RC_GTEST_PROP(PathProperty, TheSameFromCrossMoments, ()) {
  const RandomProblem random = any_problem(40, 12);
  RC_PRE(random.penalty.name != "none");  // its collinear columns are work for least_squares on the data themselves
  check_every_point(random, SolverKind::coordinate_descent, true);
}

RC_GTEST_PROP(PathProperty, WhateverSolverIsChosen, ()) {
  check_every_point(any_problem(30, 12), SolverKind::automatic, false);
}

RC_GTEST_PROP(PathProperty, WhateverSolverIsChosenForWideData, ()) {
  check_every_point(any_problem(12, 40), SolverKind::automatic, false);
}

RC_GTEST_PROP(PathProperty, WhateverSolverIsChosenFromMoments, ()) {
  const RandomProblem random = any_problem(40, 12);
  RC_PRE(random.penalty.name != "none");
  check_every_point(random, SolverKind::automatic, true);
}

}  // namespace
}  // namespace riata
