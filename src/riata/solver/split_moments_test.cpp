#include "riata/solver/split_moments.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "riata/design/make_design.hpp"

namespace riata {
namespace {

TEST(SplitMoments, AreThoseOfEachPartAlone) {
  const Index n = 50, p = 40;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x, weights(static_cast<std::size_t>(n));
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < n; ++i) x.push_back((j == 3 ? 1e8 : 5.0) + normal(random));
  }
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<double>(i % 4);
  const auto cell = [&](Index i, Index j) -> double& { return x[static_cast<std::size_t>(i + j * n)]; };
  std::vector<std::vector<double>> parts(4, weights);
  for (Index i = 0; i < n; ++i) {
    parts[static_cast<std::size_t>(i % 3)][static_cast<std::size_t>(i)] = 0.0;
    if (i > 9) parts[3][static_cast<std::size_t>(i)] = 0.0;  // a few rows only
    cell(i, 5) = i % 3 == 1 ? cell(i, 5) * 1e6 : 7.0;        // constant where part 1 trains
    cell(i, 6) = i % 3 == 1 ? cell(i, 6) * 1e6 : cell(i, 6);
  }
  const DesignPtr design = strided(x.data(), n, p, 1, n, nullptr);
  const std::vector<std::span<const double>> spans(parts.begin(), parts.end());
  const auto found = split_moments(*design, weights, spans, Context(2));
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const ColumnMoments alone = design->moments(parts[k], Context(1));
    for (std::size_t j = 0; j < static_cast<std::size_t>(p); ++j) {
      const double sd = std::sqrt(alone.variance[j]);
      EXPECT_NEAR(found[k].mean[j], alone.mean[j], 1e-12 * sd + 4e-16 * std::abs(alone.mean[j])) << k << " " << j;
      EXPECT_NEAR(found[k].variance[j], alone.variance[j], 1e-11 * alone.variance[j] + 1e-25) << k << " " << j;
    }
  }
  EXPECT_EQ(found[1].variance[5], 0.0);
}

}  // namespace
}  // namespace riata
