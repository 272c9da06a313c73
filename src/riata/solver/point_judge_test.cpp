#include "riata/solver/point_judge.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "riata/loss/loss.hpp"
#include "riata/solver/row_state.hpp"
#include "riata/solver/testing.hpp"

namespace riata {
namespace {

/// Near twins that are balanced against the classes, and a row so far on the wrong side that it has pull but no curvature:
/// the intercept alone has a way to go.
TEST(PointJudge, ARowWithoutCurvatureStillPullsTheIntercept) {
  testing::DenseProblem data;
  data.n = 41;
  data.p = 2;
  std::vector<double> offset(41, 0.0), twin{0.0};
  data.x = {0.0};
  data.y = {1.0};
  data.factor = {0.0, 0.0};
  offset[0] = -900.0;
  for (int i = 0; i < 40; ++i) {
    data.x.push_back(i % 2 == 0 ? 1.0 : -1.0);
    twin.push_back(data.x.back() + (i / 2 % 2 == 0 ? 1e-9 : -1e-9));
    data.y.push_back(i / 4 % 2 == 0 ? 1.0 : 0.0);
  }
  data.x.insert(data.x.end(), twin.begin(), twin.end());
  FittedProblem fitted = data.fitted();
  fitted.loss = loss_by_name("logistic");
  fitted.offset = offset;
  const Context context(1);
  RowState rows(fitted);
  const std::vector<double> b(2, 0.0);
  rows.set(0.0, b, context);
  const double before = rows.loss(), pull = rows.pull_sum();
  ASSERT_GT(pull, 0.01);
  const std::vector<Index> relevant = {0, 1};
  const std::vector<double> gradient(2, 0.0);
  SolvedPoint point;
  point.eta = rows.eta;
  point.pull = rows.pull;
  point.relevant = relevant;
  point.gradient = gradient;
  const auto base = residual_quadratic(fitted, context);
  const Solution solution = PointJudge(fitted, *base, ElasticNet{1.0}, 1e-6, context)(point, 0.0);
  rows.set(0.1, b, context);
  ASSERT_LT(rows.loss(), before);
  EXPECT_GE(solution.certificate.relative_gap, (before - rows.loss()) / (0.5 * fitted.null_deviance));
  EXPECT_NE(solution.status, Status::converged);
}

}  // namespace
}  // namespace riata
