#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "riata/core/error.hpp"
#include "riata/penalty/list.hpp"

namespace riata {
namespace {

const std::vector<AnyPenalty> kAll = {NoPenalty{}, L1{}, L2{}, ElasticNet{0.0}, ElasticNet{0.3}, ElasticNet{1.0}};
const std::vector<double> kStrengths = {0.0, 0.1, 1.0, 3.0};

/// argmin over a grid around every candidate, refined; the objective is convex here.
template <class F>
double brute_argmin(F objective) {
  double best = 0.0, width = 64.0;
  for (int round = 0; round < 40; ++round, width *= 0.5) {
    double found = best;
    for (int i = -20; i <= 20; ++i) {
      const double x = best + width * i / 20.0;
      if (objective(x) < objective(found)) found = x;
    }
    best = found;
  }
  return best;
}

TEST(Penalty, ProxIsTheMinimiser) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  for (const AnyPenalty& any : kAll) {
    visit_penalty(any, [&](const auto& p) {
      for (const double strength : kStrengths) {
        for (int trial = 0; trial < 20; ++trial) {
          const double z = 2 * normal(random), step = 0.1 + std::abs(normal(random));
          const double b = p.prox(z, step, strength);
          const double brute = brute_argmin([&](double x) { return (x - z) * (x - z) / (2 * step) + p.value(x, strength); });
          EXPECT_NEAR(b, brute, 1e-6) << p.kName << " z " << z << " step " << step << " strength " << strength;
          // Optimality: (z − b)/step lies in the subdifferential at b.
          const Interval slopes = p.subdifferential(b, strength);
          EXPECT_GE((z - b) / step, slopes.low - 1e-12);
          EXPECT_LE((z - b) / step, slopes.high + 1e-12);
        }
      }
    });
  }
}

TEST(Penalty, ConjugateArgmaxIsTheMaximiser) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  for (const AnyPenalty& any : kAll) {
    visit_penalty(any, [&](const auto& p) {
      for (const double strength : kStrengths) {
        for (int trial = 0; trial < 20; ++trial) {
          const double v = 2 * normal(random);
          const double b = p.conjugate_argmax(v, strength);
          const auto gain = [&](double x) { return v * x - p.value(x, strength); };
          if (std::isinf(b)) {
            EXPECT_GT(gain(std::copysign(1e6, b)), gain(std::copysign(1e3, b))) << p.kName;
          } else {
            EXPECT_NEAR(gain(b), gain(brute_argmin([&](double x) { return -gain(x); })), 1e-6) << p.kName;
          }
        }
      }
    });
  }
}

TEST(Penalty, SubdifferentialIsTheSlope) {
  for (const AnyPenalty& any : kAll) {
    visit_penalty(any, [&](const auto& p) {
      for (const double strength : kStrengths) {
        for (const double b : {-2.0, -0.3, 0.7, 5.0}) {
          const double slope = (p.value(b + 1e-5, strength) - p.value(b - 1e-5, strength)) / 2e-5;
          EXPECT_NEAR(p.subdifferential(b, strength).low, slope, 1e-8);
          EXPECT_EQ(p.subdifferential(b, strength).low, p.subdifferential(b, strength).high);
          const double h = 1e-3;
          const double second = (p.value(b + h, strength) - 2 * p.value(b, strength) + p.value(b - h, strength)) / (h * h);
          EXPECT_NEAR(p.curvature(b, strength), second, 1e-6);
        }
        const Interval kink = p.subdifferential(0.0, strength);
        EXPECT_NEAR(kink.high, p.value(1e-9, strength) / 1e-9, 1e-6);
        EXPECT_EQ(kink.low, -kink.high);
      }
    });
  }
}

TEST(Penalty, HugeStrengthsGiveZerosNotNaN) {
  for (const AnyPenalty& any : kAll) {
    visit_penalty(any, [&](const auto& p) {
      EXPECT_EQ(p.value(0.0, 1e308), 0.0);
      EXPECT_TRUE(std::isfinite(p.prox(1.0, 1e300, 1e300)));
    });
  }
  EXPECT_EQ(ElasticNet{0.5}.prox(1.0, 1e300, 1e300), 0.0);
}

TEST(Penalty, NamesAreChecked) {
  EXPECT_THROW(penalty_by_name("lasso", 0.5), Error);
  EXPECT_THROW(penalty_by_name("elastic-net", 1.5), Error);
  EXPECT_THROW(penalty_by_name("elastic-net", std::nan("")), Error);
  try {
    penalty_by_name("mcp", 0.5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_supported);
  }
}

}  // namespace
}  // namespace riata
