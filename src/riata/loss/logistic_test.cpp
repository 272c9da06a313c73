#include "riata/loss/logistic.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "riata/core/error.hpp"

namespace riata {
namespace {

const LogisticLoss kLoss;
const std::vector<double> kEta = {-800, -30, -2, -1e-8, 0, 0.5, 3, 40, 800};

template <class Call>
std::vector<double> at_all(double y, Call call) {
  const std::vector<double> response(kEta.size(), y);
  std::vector<double> out(kEta.size());
  call(response, out);
  return out;
}

TEST(Logistic, ValueIsTheTextbookFormulaWhereThatDoesNotOverflow) {
  for (const double y : {0.0, 1.0}) {
    const auto value = at_all(y, [](auto& r, auto& out) { kLoss.value(r, kEta, out); });
    for (std::size_t i = 1; i + 1 < kEta.size(); ++i) {
      const double direct = std::log1p(std::exp(kEta[i])) - y * kEta[i];
      EXPECT_NEAR(value[i], direct, 1e-14 * (1 + std::abs(kEta[i])));
    }
    EXPECT_EQ(value.front(), y == 0 ? 0.0 : 800.0);
    EXPECT_EQ(value.back(), y == 0 ? 800.0 : 0.0);
  }
}

TEST(Logistic, GradientAndCurvatureAreDifferenceQuotients) {
  const double h = 1e-5;
  std::vector<double> up = kEta, down = kEta;
  for (double& v : up) v += h;
  for (double& v : down) v -= h;
  for (const double y : {0.0, 1.0}) {
    const auto gradient = at_all(y, [](auto& r, auto& out) { kLoss.gradient(r, kEta, out); });
    const auto curvature = at_all(y, [](auto& r, auto& out) { kLoss.curvature(r, kEta, out); });
    const auto high = at_all(y, [&](auto& r, auto& out) { kLoss.value(r, up, out); });
    const auto low = at_all(y, [&](auto& r, auto& out) { kLoss.value(r, down, out); });
    const auto steep = at_all(y, [&](auto& r, auto& out) { kLoss.gradient(r, up, out); });
    const auto flat = at_all(y, [&](auto& r, auto& out) { kLoss.gradient(r, down, out); });
    for (std::size_t i = 1; i + 1 < kEta.size(); ++i) {
      EXPECT_NEAR(gradient[i], (high[i] - low[i]) / (2 * h), 1e-8);
      EXPECT_NEAR(curvature[i], (steep[i] - flat[i]) / (2 * h), 1e-8);
    }
  }
}

TEST(Logistic, FenchelYoungIsFiniteWhereTheProbabilityUnderflows) {
  const std::vector<double> eta = {-2000, -720, 720, 2000}, half(4, 0.5), minus(4, -0.5), zero(4, 0.0), y0(4, 0.0),
                            y1(4, 1.0);
  std::vector<double> out(4);
  const auto expect = [&](std::vector<double> wanted) {
    for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], wanted[i], 1e-12 * (1 + wanted[i]));
  };
  kLoss.fenchel_young(y1, eta, zero, out);  // ℓ itself
  expect({2000, 720, 0, 0});
  kLoss.fenchel_young(y0, eta, zero, out);
  expect({0, 0, 720, 2000});
  const double entropy = std::log(0.5);  // ½ log ½ + ½ log ½ − ½ log p
  kLoss.fenchel_young(y1, eta, half, out);
  expect({1000 + entropy, 360 + entropy, 360 + entropy, 1000 + entropy});
  kLoss.fenchel_young(y0, eta, minus, out);
  expect({1000 + entropy, 360 + entropy, 360 + entropy, 1000 + entropy});
}

TEST(Logistic, FenchelYoungVanishesAtTheGradientAndIsTheGapElsewhere) {
  for (const double y : {0.0, 1.0}) {
    auto theta = at_all(y, [](auto& r, auto& out) { kLoss.gradient(r, kEta, out); });
    for (double& v : theta) v = -v;
    const auto zero = at_all(y, [&](auto& r, auto& out) { kLoss.fenchel_young(r, kEta, theta, out); });
    for (const double v : zero) EXPECT_LT(v, 1e-16);  // θ near ±1 has an absolute error of ε
    for (double& v : theta) v *= 0.9;
    const auto gap = at_all(y, [&](auto& r, auto& out) { kLoss.fenchel_young(r, kEta, theta, out); });
    const auto value = at_all(y, [](auto& r, auto& out) { kLoss.value(r, kEta, out); });
    for (std::size_t i = 2; i + 2 < kEta.size(); ++i) {
      const double q = y - theta[i];
      const double conjugate = q * std::log(q) + (1 - q) * std::log1p(-q);
      EXPECT_NEAR(gap[i], value[i] + conjugate + theta[i] * kEta[i], 1e-13);
    }
  }
}

TEST(Logistic, ADualPointOutsideItsDomainIsInfinitelyFar) {
  const std::vector<double> y = {1, 0}, eta = {0, 0}, theta = {-0.1, 0.1};
  std::vector<double> out(2);
  kLoss.fenchel_young(y, eta, theta, out);
  EXPECT_TRUE(std::isinf(out[0]) && std::isinf(out[1]));
}

TEST(Logistic, OnlyClassCodesAreAResponse) {
  kLoss.check_response(std::vector<double>{0, 1, 1});
  EXPECT_THROW(kLoss.check_response(std::vector<double>{0, 1, 2}), Error);
}

}  // namespace
}  // namespace riata
