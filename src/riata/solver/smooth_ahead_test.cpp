#include "riata/solver/smooth_ahead.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"
#include "riata/solver/look_ahead.hpp"

// Several λ at once against the conditions of optimality in long double, and against the λ one by one.
namespace riata {
namespace {

constexpr Index kRows = 300, kCols = 40;
using Real = long double;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

struct Data {
  std::vector<double> x, y, weights, offset, factor;
  Problem problem;

  explicit Data(bool intercept) {
    std::mt19937_64 generator(7);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    std::vector<double> eta(at(kRows), 0.3), common(at(kRows));
    for (double& value : common) value = normal(generator);
    for (Index j = 0; j < kCols; ++j) {
      for (Index i = 0; i < kRows; ++i) {
        x.push_back((1 + static_cast<double>(j % 3)) * (0.7 * common[at(i)] + normal(generator)) + 1);
        if (j < 8) eta[at(i)] += (j % 2 == 0 ? 0.4 : -0.5) * x.back();
      }
      factor.push_back(0.5 + static_cast<double>(j % 3));
    }
    for (Index i = 0; i < kRows; ++i) {
      y.push_back(uniform(generator) < 1 / (1 + std::exp(-eta[at(i)])) ? 1 : 0);
      weights.push_back(i % 6 == 0 ? 0.0 : 0.5 + static_cast<double>(i % 3));
      offset.push_back(0.3 * normal(generator));
    }
    problem.design = strided<double>(x.data(), kRows, kCols, 1, kRows, nullptr);
    problem.loss = loss_by_name("logistic");
    problem.response = y;
    problem.weights = weights;
    problem.offset = offset;
    problem.penalty_factor = factor;
    problem.intercept = intercept;
  }
};

/// The largest violation of the textbook's conditions, all sums in long double.
Real violation_of(const FittedProblem& fitted, const SmoothAhead::Point& point) {
  std::vector<double> z(at(kRows * kCols));
  std::vector<Index> all(at(kCols));
  std::iota(all.begin(), all.end(), Index{0});
  fitted.design->gather(all, {z.data(), kRows, kCols});
  std::vector<Real> pull;
  Real sum = 0;
  for (Index i = 0; i < kRows; ++i) {
    Real eta = static_cast<Real>(point.b0) + fitted.offset[at(i)];
    for (Index j = 0; j < kCols; ++j) eta += static_cast<Real>(z[at(j * kRows + i)]) * point.b[at(j)];
    pull.push_back(fitted.weights[at(i)] * (fitted.original_response[at(i)] - 1 / (1 + std::exp(-eta))));
    sum += pull.back();
  }
  Real worst = fitted.intercept ? std::abs(sum) : 0;
  for (Index j = 0; j < kCols; ++j) {
    Real gradient = 0;
    for (Index i = 0; i < kRows; ++i) gradient += z[at(j * kRows + i)] * pull[at(i)];
    const Real threshold = static_cast<Real>(point.penalty.l1) * fitted.factor[at(j)];
    const double b = point.b[at(j)];
    worst = std::max(worst, b == 0 ? std::abs(gradient) - threshold : std::abs(gradient - (b > 0 ? threshold : -threshold)));
  }
  return worst;
}

/// Groups of λ, each from where the last one ended.
struct Walk {
  const FittedProblem& fitted;
  Context context{2};
  CurvedGram curved{fitted, context};
  ActiveSet active{curved, kCols};
  RowState rows{fitted};
  std::vector<Index> working;
  std::vector<double> precision = gradient_precision(fitted, 1e-11);
  Outlook outlook;
  double b0;
  std::vector<SmoothAhead::Point> solved;

  explicit Walk(const FittedProblem& problem) : fitted(problem), b0(problem.response_mean) {
    working.resize(at(kCols));
    std::iota(working.begin(), working.end(), Index{0});
    rows.set(b0, active.coefficients(), context);
    curved.set_curvature(rows.curvature);
    outlook.gradient.resize(at(kCols));
    outlook.slope.resize(at(kCols));
    fitted.design->dots(working, {rows.pull.data(), kRows, 1}, {outlook.gradient.data(), kCols, 1}, {}, context);
    for (Index j = 0; j < kCols; ++j) {
      outlook.l1 = std::max(outlook.l1, std::abs(outlook.gradient[at(j)]) / fitted.factor[at(j)]);
    }
  }

  /// How many of these λ were solved. `known`: a first point for the second of them.
  Index group(std::span<const double> l1, const PathState* known = nullptr) {
    std::vector<ElasticBox> penalties;
    for (const double value : l1) penalties.push_back({value, 0, fitted.factor, {}, {}});
    SmoothAhead ahead(fitted, context, curved, active, working);
    ahead.predict(penalties, rows, b0, 1.0, outlook, precision);
    if (known != nullptr) ahead.start_at(1, *known);
    const Index count = ahead.solve(precision);
    for (Index k = 0; k < count; ++k) solved.push_back(ahead.point(k));
    if (count == 0) return 0;
    ahead.set_point(solved.back());
    rows = solved.back().rows;
    b0 = solved.back().b0;
    outlook.l1 = l1[at(count - 1)];
    outlook.gradient = solved.back().gradient;
    return count;
  }
};

class SmoothAheadWith : public testing::TestWithParam<bool> {};

TEST_P(SmoothAheadWith, EveryPointIsOptimalAndThatOfTheLambdasOneByOne) {
  const Data data(GetParam());
  const Context context(1);
  const FittedProblem fitted = to_fitted(data.problem, context);
  Walk walk(fitted);
  const double greatest = walk.outlook.l1;
  std::vector<double> lambdas;
  for (Index k = 1; k <= 20; ++k) lambdas.push_back(greatest * std::pow(0.8, static_cast<double>(k)));
  for (std::size_t first = 0; first < lambdas.size(); first += 5) {
    ASSERT_EQ(walk.group(std::span(lambdas).subspan(first, 5)), 5) << first;
  }
  for (const SmoothAhead::Point& point : walk.solved) EXPECT_LT(violation_of(fitted, point), 1e-9 * greatest);
  std::size_t nonzero = 0;
  for (const double b : walk.solved.back().b) nonzero += b != 0 ? 1 : 0;
  EXPECT_GT(nonzero, at(kCols / 2));
  std::size_t k = 0;
  (void)look_ahead_path(fitted, 1.0, lambdas, {.tolerance = 1e-10, .most_rounds = 100}, context,
                        [&](const SolvedPoint& one) {
                          std::vector<double> b(at(kCols));
                          for (std::size_t i = 0; i < one.columns.size(); ++i) b[at(one.columns[i])] = one.values[i];
                          for (Index j = 0; j < kCols; ++j)
                            EXPECT_NEAR(b[at(j)], walk.solved[k].b[at(j)], 1e-6) << k << " " << j;
                          EXPECT_NEAR(one.b0, walk.solved[k].b0, 1e-6);
                          ++k;
                          return true;
                        });
  EXPECT_EQ(k, lambdas.size());
}

TEST_P(SmoothAheadWith, AKnownPointIsWhereALambdaStarts) {
  const Data data(GetParam());
  const Context context(1);
  const FittedProblem fitted = to_fitted(data.problem, context);
  Walk first(fitted), second(fitted);
  const double l1[] = {0.6 * first.outlook.l1, 0.3 * first.outlook.l1};
  ASSERT_EQ(first.group(l1), 2);
  PathState known{l1[1], first.solved[1].b0, {}, {}};
  for (Index j = 0; j < kCols; ++j) {
    if (first.solved[1].b[at(j)] == 0) continue;
    known.columns.push_back(j);
    known.values.push_back(first.solved[1].b[at(j)]);
  }
  ASSERT_EQ(second.group(l1, &known), 2);
  EXPECT_EQ(second.solved[1].steps, 0);  // nothing was left to do
  EXPECT_GT(second.solved[0].steps, 0);
  for (const SmoothAhead::Point& point : second.solved) EXPECT_LT(violation_of(fitted, point), 1e-9 * l1[0]);
}

/// A leap from the null model to next to no penalty: what is handed over is right, whatever is left to single steps.
TEST_P(SmoothAheadWith, WhatDoesNotSettleIsLeft) {
  const Data data(GetParam());
  const Context context(1);
  const FittedProblem fitted = to_fitted(data.problem, context);
  Walk walk(fitted);
  const double greatest = walk.outlook.l1, l1[] = {0.9 * greatest, 1e-3 * greatest, 1e-9 * greatest};
  const Index count = walk.group(l1);
  EXPECT_GE(count, 1);
  for (const SmoothAhead::Point& point : walk.solved) EXPECT_LT(violation_of(fitted, point), 1e-9 * greatest);
}

TEST_P(SmoothAheadWith, AnInterruptEndsIt) {
  const Data data(GetParam());
  const FittedProblem fitted = to_fitted(data.problem, Context(1));
  const std::atomic<bool> interrupt{true};
  Walk walk(fitted);
  walk.context.interrupt = &interrupt;
  const double l1[] = {0.6 * walk.outlook.l1, 0.3 * walk.outlook.l1};
  EXPECT_EQ(walk.group(l1), 0);
}

INSTANTIATE_TEST_SUITE_P(Intercept, SmoothAheadWith, testing::Bool());

}  // namespace
}  // namespace riata
