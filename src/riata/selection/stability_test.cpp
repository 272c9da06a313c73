#include "riata/selection/stability.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"

namespace riata {
namespace {

/// Values of C(τ, B) worked out by hand from the paper's formula (its equation 8).
TEST(Stability, TheBoundIsShahAndSamworths) {
  EXPECT_NEAR(unimodal_factor(0.75, 50), 1 / (2 * (0.5 - 0.01)), 1e-12);
  EXPECT_NEAR(unimodal_factor(0.6, 50), 1 / (2 * (0.2 - 0.01)), 1e-12);
  EXPECT_NEAR(unimodal_factor(0.9, 50), 4 * 0.11 / 1.02, 1e-12);
}

TEST(Stability, KeepsTheTrueFeaturesAndFewOthers) {
  constexpr std::size_t n = 200, p = 60;
  double false_ones = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Random random(seed + 100);
    std::vector<double> x(n * p), y(n);
    for (double& value : x) value = random.uniform() - 0.5;
    for (std::size_t i = 0; i < n; ++i) y[i] = 2 * x[i] - 2 * x[i + n] + 2 * x[i + 2 * n] + random.uniform() - 0.5;
    std::vector<const double*> columns;
    for (std::size_t j = 0; j < p; ++j) columns.push_back(x.data() + j * n);
    Problem problem;
    problem.design = dense_columns<double>(columns, n, nullptr);
    problem.loss = loss_by_name("squared");
    problem.response = y;
    const auto lambdas = lambda_grid(problem, {"l1", 1}, {}, Context(1));
    const Stability one = stability_selection(problem, lambdas, 20, seed, {}, Context(1));
    const Stability two = stability_selection(problem, lambdas, 20, seed, {}, Context(3));
    EXPECT_EQ(one.frequency, two.frequency);
    EXPECT_LE(one.expected_false, 1);
    EXPECT_GE(one.expected_false_worst, one.expected_false);
    double selections = 0;
    for (std::size_t j = 0; j < p; ++j) {
      selections += one.frequency[j];
      if (j < 3) {
        EXPECT_GE(one.frequency[j], 0.75);
      }
      if (j >= 3 && one.frequency[j] >= one.threshold) false_ones += 1;
    }
    EXPECT_LE(selections, static_cast<double>(one.q) + 1e-9);
  }
  EXPECT_LE(false_ones / 5, 1);
}

}  // namespace
}  // namespace riata
