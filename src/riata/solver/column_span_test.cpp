#include "riata/solver/column_span.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/solver/testing.hpp"

namespace riata {
namespace {

TEST(ColumnSpan, TellsNearTwinsApartAndProjects) {
  testing::DenseProblem data = testing::random_problem(60, 4, 1);
  for (std::size_t i = 0; i < 60; ++i) data.x[i + 60] = data.x[i] + 1e-10 * data.x[i + 60];  // a near twin
  for (std::size_t i = 0; i < 60; ++i) data.x[i + 180] = data.x[i] - 2 * data.x[i + 120];    // depends on two others
  const FittedProblem fitted = data.fitted();
  const Context context(1);
  const std::vector<Index> all = {0, 1, 2, 3};
  const auto span = ColumnSpan::of(fitted, all, fitted.weights, false, context);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->independent().size(), 3u);
  std::vector<double> part = fitted.response;
  const double square = span->project(part);
  double own = 0;
  for (std::size_t i = 0; i < 60; ++i) own += fitted.weights[i] * part[i] * part[i];
  EXPECT_NEAR(square, own, 1e-12);
  std::vector<double> again = part;
  (void)span->project(again);
  for (std::size_t i = 0; i < 60; ++i) EXPECT_NEAR(again[i], part[i], 1e-12);
}

TEST(ColumnSpan, IsNotThereWhereItHasNoRoomOrTheRunIsInterrupted) {
  const testing::DenseProblem data = testing::random_problem(600, 40, 1);
  const FittedProblem fitted = data.fitted();
  std::vector<Index> all;
  for (Index j = 0; j < 40; ++j) all.push_back(j);
  Context tight(1);
  tight.memory_budget = 8 * 600 * 41;
  EXPECT_TRUE(ColumnSpan::of(fitted, all, fitted.weights, false, tight));
  tight.memory_budget -= 1;
  EXPECT_FALSE(ColumnSpan::of(fitted, all, fitted.weights, false, tight));
  const std::atomic<bool> stop = true;
  Context stopped(1);
  stopped.interrupt = &stop;
  EXPECT_FALSE(ColumnSpan::of(fitted, all, fitted.weights, false, stopped));
}

}  // namespace
}  // namespace riata
