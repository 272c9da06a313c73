#include "riata/selection/stability.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"

namespace riata {
namespace {

/// Another design, and how many threads were ever at once in the look at the rows that a pair begins with.
class Watched final : public Design {
 public:
  explicit Watched(DesignPtr inner) : inner_(std::move(inner)) {}
  int most() const { return most_; }

  Index rows() const override { return inner_->rows(); }
  Index cols() const override { return inner_->cols(); }
  Index stored() const override { return inner_->stored(); }
  Index bytes() const override { return inner_->bytes(); }
  double dot(Index j, std::span<const double> v, double shift) const override { return inner_->dot(j, v, shift); }
  void add(Index j, double a, std::span<double> v, double shift) const override { inner_->add(j, a, v, shift); }
  void transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                          const Context& context) const override {
    inner_->transpose_multiply(first, v, out, shift, context);
  }
  void multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                const Context& context) const override {
    inner_->multiply(columns, b, out, shift, context);
  }
  void gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
            std::span<const double> shift, const Context& context) const override {
    inner_->gram(left, right, w, out, shift, context);
  }
  void part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w, ConstMatrix v,
                 std::span<const PartSums> outs, std::span<const double> shift, const Context& context) const override {
    const int now = ++inside_;
    for (int most = most_; most < now && !most_.compare_exchange_weak(most, now);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // for others to come, if they may
    inner_->part_sums(columns, part_of, w, v, outs, shift, context);
    --inside_;
  }
  void gather(std::span<const Index> columns, Matrix out) const override { inner_->gather(columns, out); }
  ColumnMoments moments(std::span<const double> w, const Context& context) const override {
    return inner_->moments(w, context);
  }

 private:
  DesignPtr inner_;
  mutable std::atomic<int> inside_ = 0, most_ = 0;
};

/// Values of C(τ, B) worked out by hand from the paper's formula (its equation 8).
TEST(Stability, TheBoundIsShahAndSamworths) {
  EXPECT_NEAR(unimodal_factor(0.75, 50), 1 / (2 * (0.5 - 0.01)), 1e-12);
  EXPECT_NEAR(unimodal_factor(0.6, 50), 1 / (2 * (0.2 - 0.01)), 1e-12);
  EXPECT_NEAR(unimodal_factor(0.9, 50), 4 * 0.11 / 1.02, 1e-12);
}

TEST(Stability, KeepsTheTrueFeaturesAndFewOthers) {
  const std::size_t n = 200, p = 60;
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

/// With room for the moments of all blocks a half's are their sum; where there is none a path holds three matrices of p × p
/// numbers of its own, and where there is room for one path no thread begins another. Both ways select the same.
TEST(Stability, LooksAtAsManyPairsAtOnceAsHaveRoom) {
  const std::size_t n = 600, p = 40;
  Random random(1);
  std::vector<double> x(n * p), y(n);
  for (double& value : x) value = random.uniform() - 0.5;
  for (std::size_t i = 0; i < n; ++i) y[i] = 2 * x[i] - x[i + n] + random.uniform() - 0.5;
  std::vector<const double*> columns;
  for (std::size_t j = 0; j < p; ++j) columns.push_back(x.data() + j * n);
  const auto watched = std::make_shared<Watched>(dense_columns<double>(columns, n, nullptr));
  Problem problem;
  problem.design = watched;
  problem.loss = loss_by_name("squared");
  problem.response = y;
  const auto lambdas = lambda_grid(problem, {"l1", 1}, {}, Context(1));
  const Stability expected = stability_selection(problem, lambdas, 6, 1, {}, Context(1));
  Context tight(3);
  tight.memory_budget = 3 * 8 * p * p * 3 / 2;
  const Stability found = stability_selection(problem, lambdas, 6, 1, {}, tight);
  EXPECT_EQ(watched->most(), 1);
  EXPECT_EQ(found.frequency, expected.frequency);
}

}  // namespace
}  // namespace riata
