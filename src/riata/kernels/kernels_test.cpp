#include "riata/kernels/kernels.hpp"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

// Every kernel against its reference, on every instruction set this machine has.
namespace riata::kernels {
namespace {

template <class T>
std::vector<T> numbers(Index n, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0.3, 1);
  std::vector<T> values(static_cast<std::size_t>(n));
  for (T& value : values) value = static_cast<T>(normal(generator));
  return values;
}

/// Runs `body` once for each supported instruction set.
template <class Body>
void on_every_target(const Body& body) {
  int targets = 0;
  for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target | HWY_STATIC_TARGET);
    hwy::GetChosenTarget().DeInit();
    body();
    ++targets;
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
  EXPECT_GE(targets, 1);
}

void expect_close(double value, double expected, double size = 100) { EXPECT_NEAR(value, expected, 1e-14 * size); }

template <class T>
class DenseKernels : public testing::Test {};
using Storages = testing::Types<float, double>;
TYPED_TEST_SUITE(DenseKernels, Storages);

const std::vector<Index> kLengths{0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 100, 513};

TYPED_TEST(DenseKernels, OneColumn) {
  on_every_target([] {
    for (Index n : kLengths) {
      SCOPED_TRACE(n);
      const auto x = numbers<TypeParam>(n, 1);
      const auto v = numbers<double>(n, 2);
      expect_close(dot(x.data(), v.data(), n, 0.7), reference::dot(x.data(), v.data(), n, 0.7));
      std::vector<double> a = v, b = v;
      add(1.5, x.data(), 0.7, a.data(), n);
      reference::add(1.5, x.data(), 0.7, b.data(), n);
      for (std::size_t i = 0; i < a.size(); ++i) expect_close(a[i], b[i]);
      for (const double* scale : {static_cast<const double*>(nullptr), v.data()}) {
        load(x.data(), 0.7, scale, a.data(), n);
        reference::load(x.data(), 0.7, scale, b.data(), n);
        EXPECT_EQ(a, b);
      }
    }
  });
}

TYPED_TEST(DenseKernels, SumsSkipRowsOfWeightZero) {
  on_every_target([] {
    for (Index n : kLengths) {
      auto x = numbers<TypeParam>(n, 1);
      auto w = numbers<double>(n, 2);
      const Sums plain = sums(x.data(), nullptr, n, 0.7), expected = reference::sums(x.data(), nullptr, n, 0.7);
      expect_close(plain.first, expected.first, 1000);
      expect_close(plain.second, expected.second, 1000);
      for (std::size_t i = 0; i < w.size(); i += 3) {
        w[i] = 0;
        x[i] = static_cast<TypeParam>(NAN);
      }
      const Sums weighted = sums(x.data(), w.data(), n, 0.7), skipped = reference::sums(x.data(), w.data(), n, 0.7);
      expect_close(weighted.first, skipped.first, 1000);
      expect_close(weighted.second, skipped.second, 1000);
    }
  });
}

TYPED_TEST(DenseKernels, BlocksOfAnyShape) {
  on_every_target([] {
    for (Index n : {1, 7, 40, 65}) {
      for (Index p : {0, 1, 3, 4, 5, 11, 17}) {
        for (Index m : {0, 1, 2, 3, 4, 5, 8}) {
          SCOPED_TRACE(testing::Message() << n << " x " << p << ", " << m);
          const auto x = numbers<TypeParam>(n * p, 1);
          const auto v = numbers<double>((n + 1) * m, 2), shift = numbers<double>(p, 3), b = numbers<double>((p + 1) * m, 4);
          std::vector<const TypeParam*> columns;
          for (Index j = 0; j < p; ++j) columns.push_back(x.data() + j * n);
          for (const double* s : {static_cast<const double*>(nullptr), shift.data()}) {
            std::vector<double> got(static_cast<std::size_t>((p + 2) * m), 1.0), expected = got;
            const ConstMatrix right(v.data(), n, m, n + 1), coefficients(b.data(), p, m, p + 1);
            transposed_block(columns.data(), p, s, right, Matrix(got.data(), p, m, p + 2));
            reference::transposed_block(columns.data(), p, s, right, Matrix(expected.data(), p, m, p + 2));
            for (std::size_t k = 0; k < got.size(); ++k) expect_close(got[k], expected[k]);
            std::vector<double> product = v, exact = v;
            multiply_block(columns.data(), p, s, coefficients, Matrix(product.data(), n, m, n + 1));
            reference::multiply_block(columns.data(), p, s, coefficients, Matrix(exact.data(), n, m, n + 1));
            for (std::size_t k = 0; k < product.size(); ++k) expect_close(product[k], exact[k]);
          }
        }
      }
    }
  });
}

TYPED_TEST(DenseKernels, BlocksByRow) {
  on_every_target([] {
    for (Index n : {0, 1, 3, 8, 19}) {
      for (Index p : {1, 4, 7, 33}) {
        const Index stride = p + 2, m = 5;
        const auto x = numbers<TypeParam>(n * stride, 1);
        std::vector<TypeParam> turned(static_cast<std::size_t>((n + 3) * p), TypeParam{7}), expected_turned = turned;
        transpose(x.data(), stride, n, p, turned.data(), n + 3);
        reference::transpose(x.data(), stride, n, p, expected_turned.data(), n + 3);
        EXPECT_EQ(turned, expected_turned);
        const auto v = numbers<double>((n + 1) * m, 2), shift = numbers<double>(p, 3);
        std::vector<const TypeParam*> rows;
        for (Index i = 0; i < n; ++i) rows.push_back(x.data() + i * stride);
        for (const double* s : {static_cast<const double*>(nullptr), shift.data()}) {
          std::vector<double> got(static_cast<std::size_t>((p + 1) * m), 1.0), expected = got;
          transposed_rows(rows.data(), n, s, ConstMatrix(v.data(), n, m, n + 1), Matrix(got.data(), p, m, p + 1));
          reference::transposed_rows(rows.data(), n, s, ConstMatrix(v.data(), n, m, n + 1),
                                     Matrix(expected.data(), p, m, p + 1));
          for (std::size_t k = 0; k < got.size(); ++k) expect_close(got[k], expected[k]);
        }
      }
    }
  });
}

TYPED_TEST(DenseKernels, SparseColumns) {
  on_every_target([] {
    for (Index n : kLengths) {
      const auto values = numbers<TypeParam>(n, 1);
      std::vector<std::int32_t> narrow;
      std::vector<std::int64_t> wide;
      for (Index k = 0; k < n; ++k) {
        narrow.push_back(static_cast<std::int32_t>(3 * (n - 1 - k)));
        wide.push_back(3 * k);
      }
      const auto check = [&](const auto& rows) {
        for (Index m : {1, 2, 8, 11}) {
          const auto v = numbers<double>(3 * n * m, 2);
          std::vector<double> got(static_cast<std::size_t>(m)), expected = got;
          sparse_dots(values.data(), rows.data(), n, v.data(), m, 0.2, got.data());
          reference::sparse_dots(values.data(), rows.data(), n, v.data(), m, 0.2, expected.data());
          for (std::size_t c = 0; c < got.size(); ++c) {
            expect_close(got[c], expected[c]);
            std::vector<double> alone;
            for (std::size_t i = c; i < v.size(); i += got.size()) alone.push_back(v[i]);
            EXPECT_EQ(sparse_dot(values.data(), rows.data(), n, alone.data(), 0.2), got[c]);
          }
        }
        std::vector<double> a = numbers<double>(3 * n, 4), b = a;
        sparse_add(0.5, values.data(), rows.data(), n, a.data(), 0.2);
        reference::sparse_add(0.5, values.data(), rows.data(), n, b.data(), 0.2);
        for (std::size_t i = 0; i < a.size(); ++i) expect_close(a[i], b[i]);
      };
      check(narrow);
      check(wide);
    }
  });
}

TEST(Panels, MatchTheReference) {
  constexpr Index kRows = 528;
  on_every_target([] {
    std::vector<std::int16_t> panel(kRows * kPanelColumns), expected = panel;
    for (Index j = 0; j < kPanelColumns; ++j) {
      std::vector<double> x = numbers<double>(kRows - j, static_cast<unsigned>(j));
      if (j == 6) x[100] = -1e300;
      if (j == 7) x.assign(x.size(), 0.0);
      const double unit = round_column(x.data(), std::ssize(x), panel.data() + j * kPanelRows);
      EXPECT_DOUBLE_EQ(unit, reference::round_column(x.data(), std::ssize(x), expected.data(), j));
      for (Index i = 0; i < std::ssize(x); ++i) {
        const auto place = static_cast<std::size_t>(reference::panel_place(i, j));
        EXPECT_LE(std::abs(x[static_cast<std::size_t>(i)] - unit * panel[place]), 0.51 * unit) << i << " of " << j;
        EXPECT_NEAR(panel[place], expected[place], 1);
      }
    }
    for (const Index m : {1, 2, 3, 4, 5, 7, 20}) {
      const auto v = numbers<float>((kRows + 5) * m, 9);
      std::vector<double> got(static_cast<std::size_t>(9 * m), 1.0), right = got;
      const MatrixView<const float> sides(v.data(), kRows, m, kRows + 5);
      panel_products(panel.data(), sides, Matrix(got.data(), kPanelColumns, m, 9));
      reference::panel_products(panel.data(), sides, Matrix(right.data(), kPanelColumns, m, 9));
      double size = 0;  // of the largest sum of absolute values
      for (const float value : v) size += 32767 * std::abs(value) / static_cast<double>(m);
      for (std::size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], right[k], 1e-6 * size) << k << " of " << m;
    }
  });
}

TEST(SparseNormal, MatchesTheReference) {
  std::vector<Index> starts{0}, ends;
  std::vector<std::int32_t> positions;
  for (const Index length : kLengths) {
    for (Index k = 0; k < length; ++k) positions.push_back(static_cast<std::int32_t>(2 * k));
    ends.push_back(std::ssize(positions));
    positions.push_back(0);  // room that is not used
    starts.push_back(std::ssize(positions));
  }
  const Index n = std::ssize(kLengths), p = 2 * *std::ranges::max_element(kLengths);
  const auto values = numbers<double>(std::ssize(positions), 1), h = numbers<double>(n, 2), v = numbers<double>(p, 3);
  on_every_target([&] {
    std::vector<double> z(static_cast<std::size_t>(n), -7.0), out = numbers<double>(p, 4), right_z = z, right = out;
    sparse_normal(starts.data(), ends.data(), positions.data(), values.data(), 1, n, h.data(), v.data(), z.data(),
                  out.data());
    reference::sparse_normal(starts.data(), ends.data(), positions.data(), values.data(), 1, n, h.data(), v.data(),
                             right_z.data(), right.data());
    for (std::size_t i = 0; i < z.size(); ++i) expect_close(z[i], right_z[i]);
    for (std::size_t k = 0; k < out.size(); ++k) expect_close(out[k], right[k]);
  });
}

TEST(SparseNormalSides, AreEachAsAlone) {
  constexpr Index kRows = 6, kColumns = 9;
  std::vector<Index> starts{0}, ends;
  std::vector<std::int32_t> positions;
  for (Index i = 0; i < kRows; ++i) {
    for (Index k = i % 3; k < kColumns; k += 1 + i % 2) positions.push_back(static_cast<std::int32_t>(k));
    ends.push_back(std::ssize(positions));
    positions.push_back(0);  // room that is not used
    starts.push_back(std::ssize(positions));
  }
  const auto values = numbers<float>(std::ssize(positions), 1);
  const std::vector<double> exact(values.begin(), values.end());
  constexpr double kRounding = 1e-5;
  on_every_target([&] {
    for (const auto& [sides, weights] :
         std::vector<std::pair<Index, Index>>{{1, 1}, {3, 1}, {4, 4}, {8, 1}, {8, 8}, {12, 12}, {16, 1}}) {
      const auto weight = numbers<float>(kRows * weights, 2);
      const auto v = numbers<float>(kColumns * sides, 3), before = numbers<float>(kColumns * sides, 4);
      const auto at = [&](Index k, Index c) { return static_cast<std::size_t>(k * sides + c); };
      std::vector<float> totals(static_cast<std::size_t>(sides), 0.5F), out = before;
      sparse_normal_sides(starts.data(), ends.data(), positions.data(), values.data(), 1, kRows, weight.data(), weights,
                          v.data(), sides, totals.data(), out.data());
      for (Index c = 0; c < sides; ++c) {
        std::vector<double> own, z(kRows), right, h;
        for (Index i = 0; i < kRows; ++i) {
          h.push_back(static_cast<double>(weight[static_cast<std::size_t>(weights == 1 ? i : i * sides + c)]));
        }
        for (Index k = 0; k < kColumns; ++k) {
          own.push_back(static_cast<double>(v[at(k, c)]));
          right.push_back(static_cast<double>(before[at(k, c)]));
        }
        reference::sparse_normal(starts.data(), ends.data(), positions.data(), exact.data(), 1, kRows, h.data(), own.data(),
                                 z.data(), right.data());
        double total = 0.5;
        for (std::size_t i = 1; i < z.size(); ++i) total += h[i] * z[i];
        EXPECT_NEAR(static_cast<double>(totals[static_cast<std::size_t>(c)]), total, kRounding);
        for (Index k = 0; k < kColumns; ++k) {
          EXPECT_NEAR(static_cast<double>(out[at(k, c)]), right[static_cast<std::size_t>(k)], kRounding);
        }
      }
    }
  });
}

TEST(SparseTransposedSides, IsTheTransposedProduct) {
  constexpr Index kRows = 5, kColumns = 7;
  std::vector<Index> starts{0}, ends;
  std::vector<std::int32_t> positions;
  for (Index i = 0; i < kRows; ++i) {
    for (Index k = i % 3; k < kColumns; k += 2) positions.push_back(static_cast<std::int32_t>(k));
    ends.push_back(std::ssize(positions));
    positions.push_back(0);  // room that is not used
    starts.push_back(std::ssize(positions));
  }
  const auto values = numbers<float>(std::ssize(positions), 1);
  on_every_target([&] {
    for (const Index sides : {1, 3, 4, 8, 16}) {
      const auto h = numbers<float>(kRows * sides, 2);
      std::vector<float> out = numbers<float>(kColumns * sides, 3), right = out;
      for (Index i = 1; i < kRows; ++i) {
        for (Index e = starts[static_cast<std::size_t>(i)]; e < ends[static_cast<std::size_t>(i)]; ++e) {
          const Index k = positions[static_cast<std::size_t>(e)];
          for (Index c = 0; c < sides; ++c) {
            right[static_cast<std::size_t>(k * sides + c)] +=
                values[static_cast<std::size_t>(e)] * h[static_cast<std::size_t>(i * sides + c)];
          }
        }
      }
      sparse_transposed_sides(starts.data(), ends.data(), positions.data(), values.data(), 1, kRows, h.data(), sides,
                              out.data());
      for (std::size_t k = 0; k < out.size(); ++k) EXPECT_NEAR(out[k], right[k], 1e-5);
    }
  });
}

TEST(Weigh, MatchesTheReference) {
  on_every_target([] {
    for (const Index n : kLengths) {
      std::vector<double> w = numbers<double>(n, 1), value = numbers<double>(n, 2), gradient = numbers<double>(n, 3);
      for (Index i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        w[row] = i % 3 == 1 ? 0.0 : std::abs(w[row]);
        if (i % 6 == 1) value[row] = std::numeric_limits<double>::infinity();
      }
      std::vector<double> curvature = numbers<double>(n, 4), v = value, g = gradient, c = curvature;
      weigh(w.data(), n, value.data(), gradient.data(), curvature.data());
      reference::weigh(w.data(), n, v.data(), g.data(), c.data());
      EXPECT_EQ(value, v);
      EXPECT_EQ(gradient, g);
      EXPECT_EQ(curvature, c);
    }
  });
}

TEST(Logistic, MatchesTheReference) {
  std::vector<double> eta{-1e308, -1000, -745.2, -720, -40, -1e-300, 0, 1e-9, 0.3, 36, 37, 710, 800, 1e308};
  for (double x = -30; x < 30; x += 0.37) eta.push_back(x);
  const auto n = static_cast<Index>(eta.size());
  on_every_target([&] {
    for (const double label : {0.0, 1.0}) {
      const std::vector<double> y(eta.size(), label);
      std::vector<double> value(eta.size()), gradient(eta.size()), curvature(eta.size());
      std::vector<double> v(eta.size()), g(eta.size()), c(eta.size());
      logistic(y.data(), eta.data(), n, value.data(), gradient.data(), curvature.data());
      reference::logistic(y.data(), eta.data(), n, v.data(), g.data(), c.data());
      for (std::size_t i = 0; i < eta.size(); ++i) {
        SCOPED_TRACE(eta[i]);
        constexpr double kUlps = 8 * std::numeric_limits<double>::epsilon(), kTiny = 1e-306;
        EXPECT_NEAR(value[i], v[i], kUlps * v[i] + kTiny);
        EXPECT_NEAR(gradient[i], g[i], kUlps * std::abs(g[i]) + kTiny);
        EXPECT_NEAR(curvature[i], c[i], kUlps * c[i] + kTiny);
      }
      std::vector<double> alone(eta.size());
      logistic(y.data(), eta.data(), n, nullptr, nullptr, alone.data());
      EXPECT_EQ(alone, curvature);
    }
    const double y = 0, nan = std::nan("");
    double value = 0;
    logistic(&y, &nan, 1, &value, nullptr, nullptr);
    EXPECT_TRUE(std::isnan(value));
  });
}

// Beside the reference in more digits: an error is that of q − p or of log(q/p), never one of the other class.
TEST(LogisticGap, MatchesMoreDigits) {
  std::vector<double> eta, theta, y;
  for (const double label : {0.0, 1.0}) {
    for (const double x : {-660.0, -300.0, -40.0, -20.3, -3.1, -0.2, -1e-9, 0.0, 1e-3, 0.7, 5.0, 17.9, 36.5, 80.0, 660.0}) {
      const double pull = label - 1 / (1 + std::exp(-x));
      for (const double scale : {0.0, 1e-300, 0.3, 0.9, 0.9995, 1 - 1e-9, 1.0, 1.0007}) {
        y.push_back(label), eta.push_back(x), theta.push_back(scale * pull);
      }
      y.push_back(label), eta.push_back(x), theta.push_back(2 * label - 1);
    }
  }
  const auto term = [](long double q, long double p) { return q == 0 ? p : q * std::log(q / p) - q + p; };
  const auto size = [](long double q, long double p) {
    return q == 0 ? p : std::abs(q * std::log(q / p)) + std::abs(q - p);
  };
  std::vector<double> out(eta.size()), expected(eta.size());
  reference::logistic_gap(y.data(), eta.data(), theta.data(), std::ssize(eta), expected.data());
  on_every_target([&] {
    logistic_gap(y.data(), eta.data(), theta.data(), std::ssize(eta), out.data());
    for (std::size_t i = 0; i < eta.size(); ++i) {
      SCOPED_TRACE(testing::Message() << y[i] << ' ' << eta[i] << ' ' << theta[i]);
      const long double sign = y[i] > 0.5 ? 1 : -1, towards = sign * static_cast<long double>(theta[i]);
      const long double other = 1 / (1 + std::exp(sign * eta[i])), own = 1 / (1 + std::exp(-sign * eta[i]));
      const long double exact = term(towards, other) + term(1 - towards, own);
      const double noise = 8e-16 * static_cast<double>(size(towards, other) + size(1 - towards, own)) +
                           4 * static_cast<double>(std::numeric_limits<long double>::epsilon());
      ASSERT_EQ(std::isnan(out[i]), std::isnan(expected[i]));
      if (std::isnan(out[i])) continue;
      EXPECT_GE(out[i], 0);
      EXPECT_NEAR(out[i], static_cast<double>(exact), noise);
    }
  });
}

TEST(LogisticGap, LeavesExtremeRowsToTheCaller) {
  const std::vector<double> y{0, 1, 1, 0, 1}, eta{0, 0, -700, 680, 1}, theta{0.1, -0.1, 0.5, -0.5, std::nan("")};
  on_every_target([&] {
    std::vector<double> out(y.size());
    logistic_gap(y.data(), eta.data(), theta.data(), std::ssize(y), out.data());
    for (const double value : out) EXPECT_TRUE(std::isnan(value));
  });
}

}  // namespace
}  // namespace riata::kernels
