#include "riata/solver/span_bound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace riata {
namespace {

struct Vectors {
  Vectors(Index n, unsigned seed) : weights(static_cast<std::size_t>(n)) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0.1, 2.0);
    for (double& w : weights) w = uniform(random);
    weights[3] = 0;
    const auto vector = [&] {
      std::vector<double> v(weights.size());
      for (std::size_t i = 0; i < v.size(); ++i) v[i] = weights[i] * normal(random);
      return v;
    };
    for (int k = 0; k < 3; ++k) known.push_back(vector());
    known.push_back(known[1]);  // dependent on another
    for (int t = 0; t < 5; ++t) {
      const std::vector<double> e = vector();
      for (std::size_t i = 0; i < e.size(); ++i) {
        targets.push_back(0.3 * t * known[0][i] - 0.5 * known[2][i] + 0.01 * t * e[i]);
      }
    }
    for (int j = 0; j < 50; ++j) {
      columns.emplace_back();
      for (std::size_t i = 0; i < weights.size(); ++i) columns.back().push_back(normal(random));
    }
  }
  std::vector<double> weights, targets;
  std::vector<std::vector<double>> known, columns;
};

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

TEST(SpanBound, HoldsAndIsTightForVectorsInTheSpan) {
  const Index n = 40;
  const Vectors v(n, 7);
  SpanBound bound;
  const std::span<const double> known[] = {v.known[0], v.known[1], v.known[2], v.known[3]};
  bound.set(v.weights, known, {v.targets.data(), n, 5});
  for (const auto& z : v.columns) {
    std::vector<double> products;
    double square = 0;
    for (const auto& q : v.known) products.push_back(dot(z, q));
    for (std::size_t i = 0; i < z.size(); ++i) square += v.weights[i] * z[i] * z[i];
    for (std::size_t t = 0; t < 5; ++t) {
      const double exact = std::abs(dot(z, std::span(v.targets).subspan(t * static_cast<std::size_t>(n), z.size())));
      const double upper = bound(products, std::sqrt(square), t);
      EXPECT_GE(upper, exact);
      if (t == 0) {  // in the span
        EXPECT_NEAR(upper, exact, 1e-11);
      }
    }
  }
}

TEST(SpanBound, MarksWhatItsOwnBoundCannotExclude) {
  const Index n = 40;
  const Vectors v(n, 8);
  SpanBound bound;
  const std::span<const double> known[] = {v.known[0], v.known[1], v.known[2], v.known[3]};
  bound.set(v.weights, known, {v.targets.data(), n, 5});
  std::vector<std::vector<double>> products(4);
  std::vector<double> norms, factors(v.columns.size(), 1.0);
  factors[1] = 0.0;
  for (const auto& z : v.columns) {
    for (std::size_t k = 0; k < 4; ++k) products[k].push_back(dot(z, v.known[k]));
    double square = 0;
    for (std::size_t i = 0; i < z.size(); ++i) square += v.weights[i] * z[i] * z[i];
    norms.push_back(std::sqrt(square));
  }
  const std::vector<double> thresholds{9.0, 8.0, 7.0, 6.0, 5.0};
  std::vector<char> marks(v.columns.size());
  const double* const pointers[] = {products[0].data(), products[1].data(), products[2].data(), products[3].data()};
  bound.mark(pointers, norms, factors, {}, thresholds, marks);
  int marked = 0;
  for (std::size_t j = 0; j < marks.size(); ++j) {
    const double own[] = {products[0][j], products[1][j], products[2][j], products[3][j]};
    bool reaches = false;
    for (std::size_t t = 0; t < 5; ++t) reaches |= bound(own, norms[j], t) >= thresholds[t] * factors[j];
    EXPECT_EQ(marks[j] != 0, reaches) << j;
    marked += marks[j];
  }
  EXPECT_GT(marked, 1);
  EXPECT_LT(marked, 50);

  // Products that are off by less than they may be cost no mark.
  std::vector<double> units(v.columns.size());
  for (std::size_t j = 0; j < units.size(); ++j) {
    units[j] = 0.01 * norms[j];
    for (std::size_t k = 0; k < 4; ++k) {
      double size = 0;
      for (const double q : v.known[k]) size += std::abs(q);
      products[k][j] -= std::copysign(0.99 * units[j] * size, products[k][j]);
    }
  }
  std::vector<char> rough(marks.size());
  bound.mark(pointers, norms, factors, units, thresholds, rough);
  for (std::size_t j = 0; j < marks.size(); ++j) EXPECT_GE(rough[j], marks[j]) << j;
  EXPECT_GT(std::ranges::count(rough, 0), 5);
}

}  // namespace
}  // namespace riata
