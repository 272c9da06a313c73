#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "logistic_judge.hpp"
#include "riata/design/make_design.hpp"
#include "riata/solver/separation.hpp"

// Logistic paths judged by the textbook formulas: primal and dual objective in long double, all optimality conditions.
namespace riata {
namespace {

RandomProblem drawn(Index max_rows, Index max_cols) {
  const auto seed = *rc::gen::noShrink(rc::gen::inRange<std::uint64_t>(0, 1000000000));
  RandomProblem random = random_problem(seed, max_rows, max_cols);
  return with_classes(random, random.y.front());
}

void check(Index max_rows, Index max_cols, bool sparse) {
  RandomProblem random = drawn(max_rows, max_cols);
  if (sparse) random.x = (random.x.array().abs() > 0.8).select(random.x, 0.0);
  RC_PRE(has_both_classes(random));
  Problem problem = logistic(random);
  const Index n = random.x.rows(), p = random.x.cols();
  std::vector<std::int64_t> starts{0}, rows;
  std::vector<double> values;
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < n; ++i) {
      if (random.x(i, j) == 0.0) continue;
      rows.push_back(i);
      values.push_back(random.x(i, j));
    }
    starts.push_back(static_cast<std::int64_t>(rows.size()));
  }
  if (sparse) {
    problem.design = sparse_columns<double, std::int64_t>(n, p, starts.data(), rows.data(), values.data(), nullptr);
  }
  PathOptions options;
  options.tolerance = 1e-9;
  std::vector<double> lambdas;
  Path path, other;
  try {
    const double largest =
        lambda_grid(problem, random.penalty, {.lambdas = {}, .n_lambdas = 1, .min_ratio = {}}, Context(1)).front();
    lambdas = {2 * largest, 0.5 * largest, 0.1 * largest, 0.01 * largest};
    path = fit_path(problem, random.penalty, lambdas, options, Context(1));
    options.solver = SolverKind::coordinate_descent;
    other = fit_path(problem, random.penalty, lambdas, options, Context(1));
  } catch (const ColumnError&) {
    RC_DISCARD("separated by unpenalised columns");
  }
  RC_ASSERT(path.points.size() == lambdas.size());
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    const PathPoint& point = path.points[k];
    const LogisticTruth truth = judge_logistic(random, path, point),
                        descent = judge_logistic(random, other, other.points[k]);
    RC_LOG() << "n " << n << " p " << p << " " << random.penalty.name << " " << random.penalty.l1_ratio << " lambda "
             << point.lambda << " gap " << point.certificate.relative_gap << " violation " << truth.violation << " descent "
             << other.points[k].certificate.relative_gap << " violation " << descent.violation << "\n";
    // Where float64 does not get there (twins without a penalty, far from zero; nearly separated classes) the status says
    // so.
    const double gap = point.certificate.relative_gap;
    const bool converged = point.status == Status::converged;
    RC_ASSERT((converged ? gap <= 1e-9 : gap > 1e-9 && (gap < 1e-3 || point.lambda == 0)));
    // A step on one column lowers the objective by violation²/(2·¼) at least, which the gap bounds.
    RC_ASSERT(truth.violation <= 1e-7 + std::sqrt(gap * path.null_deviance / 4));
    RC_ASSERT(std::abs(truth.objective - point.objective) <= 1e-9 * (1 + path.null_deviance));
    // A certified gap bounds the distance to every other point's objective.
    RC_ASSERT(truth.objective - truth.lower <= (gap + 1e-9) * path.null_deviance);
    RC_ASSERT(point.objective <= other.points[k].objective + (gap + 1e-9) * path.null_deviance);
  }
}

RC_GTEST_PROP(LogisticProperty, EveryPointIsOptimal, ()) { check(30, 10, false); }
RC_GTEST_PROP(LogisticProperty, OnWideDataToo, ()) { check(14, 40, false); }
RC_GTEST_PROP(LogisticProperty, AndOnSparse, ()) { check(30, 25, true); }

/// A balanced factor that tells nothing: its gradient is zero but for rounding, at the null model and at the minimum.
TEST(LogisticProperty, AColumnThatIsOrthogonalToTheClassesIsNoObstacle) {
  const std::vector<double> x = {1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0};
  const std::vector<double> y = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  Problem problem;
  problem.design = strided<double>(x.data(), 20, 1, 1, 20, nullptr);
  problem.loss = loss_by_name("logistic");
  problem.response = y;
  for (const SolverKind solver : {SolverKind::automatic, SolverKind::coordinate_descent}) {
    PathOptions options;
    options.solver = solver;
    const Path path = fit_path(problem, {"none", 0.5}, std::vector<double>{0.0}, options, Context(1));
    EXPECT_EQ(path.status, Status::converged);
    EXPECT_LE(path.points[0].certificate.relative_gap, 1e-15);
    EXPECT_NEAR(path.points[0].intercept, std::log(1.0 / 3), 1e-12);
  }
}

/// Steps that stop early leave an intercept whose pulls do not quite add up to zero.
TEST(LogisticProperty, TheGapHoldsWhereTheInterceptIsNotExact) {
  const std::vector<double> x = {-0.23, 1.69, 0.24, -0.94, -0.43, 0.70, -0.35, 0.61};
  const std::vector<double> y = {0, 1, 1, 0}, weights = {0.47, 0.37, 0.65, 0.1};
  Problem problem;
  problem.design = strided<double>(x.data(), 4, 2, 1, 4, nullptr);
  problem.loss = loss_by_name("logistic");
  problem.response = y;
  problem.weights = weights;
  problem.standardize = false;
  const std::vector<double> lambdas = {0.1, 0.03, 0.01, 0.003};
  for (const PenaltySpec& penalty : {PenaltySpec{"l2", 0.5}, PenaltySpec{"l1", 0.5}, PenaltySpec{"elastic-net", 0.5}}) {
    PathOptions options;
    options.tolerance = 1e-12;
    const Path best = fit_path(problem, penalty, lambdas, options, Context(1));
    options.solver = SolverKind::coordinate_descent;
    for (const double tolerance : {1e-1, 1e-2, 1e-4, 1e-6}) {
      options.tolerance = tolerance;
      const Path path = fit_path(problem, penalty, lambdas, options, Context(1));
      for (std::size_t k = 0; k < lambdas.size(); ++k) {
        const double above = path.points[k].objective - best.points[k].objective;
        EXPECT_LE(above, path.points[k].certificate.relative_gap * path.null_deviance / 2 + 1e-14) << penalty.name << k;
      }
    }
  }
}

}  // namespace
}  // namespace riata
