#include "riata/solver/separation.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "riata/loss/loss.hpp"
#include "riata/solver/testing.hpp"

namespace riata {
namespace {

/// Two columns whose sum tells the classes apart, and neither of them alone.
testing::DenseProblem separated_by_two() {
  testing::DenseProblem data = testing::random_problem(40, 2, 3, 0.0);
  for (std::size_t i = 0; i < 40; ++i) {
    data.y[i] = i % 2 == 0 ? 1 : 0;
    data.x[40 + i] = (i % 2 == 0 ? 0.1 : -0.1) - data.x[i];
  }
  return data;
}

TEST(Separation, OfASpanNamesAColumn) {
  const testing::DenseProblem data = separated_by_two();
  FittedProblem fitted = data.fitted();
  fitted.loss = loss_by_name("logistic");
  EXPECT_THROW(refuse_separating_span(fitted, std::vector<Index>{0, 1}, Context(1)), ColumnError);
  EXPECT_NO_THROW(refuse_separating_span(fitted, std::vector<Index>{0}, Context(1)));
}

TEST(Separation, OfASpanIsNotLookedForAfterAnInterrupt) {
  const testing::DenseProblem data = separated_by_two();
  FittedProblem fitted = data.fitted();
  fitted.loss = loss_by_name("logistic");
  const std::atomic<bool> stop = true;
  Context context(1);
  context.interrupt = &stop;
  EXPECT_NO_THROW(refuse_separating_span(fitted, std::vector<Index>{0, 1}, context));
}

}  // namespace
}  // namespace riata
