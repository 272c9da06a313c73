#include "riata/solver/rough_columns.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "riata/design/make_design.hpp"
#include "riata/selection/selection.hpp"

namespace riata {
namespace {

std::vector<double> normal_numbers(Index count, unsigned seed, double mean = 0.0) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(mean);
  std::vector<double> out(static_cast<std::size_t>(count));
  for (double& value : out) value = normal(random);
  return out;
}

/// Columns of all kinds: normal, with one value far off, constant, tiny, huge, of few values.
std::vector<double> columns(Index n, Index p) {
  std::vector<double> x = normal_numbers(n * p, 1, 2.0);
  const auto column = [&](Index j) { return Matrix(x.data(), n, p).column(j); };
  column(1)[3] = 1e6;
  std::ranges::fill(column(2), 2.0);
  for (double& value : column(3)) value *= 1e-310;
  for (double& value : column(4)) value *= 1e290;
  for (double& value : column(5)) value = value > 2 ? 1.0 : 0.0;
  for (double& value : column(6)) value = 1e9 + value;
  return x;
}

TEST(RoughColumns, ProductsAreOffByNoMoreThanTheySay) {
  for (const Index n : {5, 16, 333, 2500}) {
    const Index p = 21, m = 5;
    const std::vector<double> x = columns(n, p);
    const DesignPtr design = strided(x.data(), n, p, 1, n, nullptr);
    std::vector<double> v = normal_numbers(n * m, 2);
    const Matrix sides(v.data(), n, m);
    for (double& value : sides.column(1)) value *= 1e200;
    for (double& value : sides.column(2)) value *= 1e-200;
    std::ranges::fill(sides.column(3), 0.0);
    std::ranges::transform(sides.column(4), sides.column(4).begin(), [](double value) { return value > 0 ? 1.0 : -1.0; });
    for (const bool shifted : {false, true}) {
      std::vector<double> shift;
      if (shifted) shift = design->moments({}, Context(1)).mean;
      RoughColumns rough(*design, shift);
      rough.copy(16, p - 16);
      rough.copy(0, 16);
      std::vector<double> got(static_cast<std::size_t>(p * m)), exact = got;
      const Matrix out(got.data(), p, m), right(exact.data(), p, m);
      rough.transpose_multiply(0, RoughColumns::Sides(sides), out);
      design->transpose_multiply(0, sides, right, shift, Context(1));
      for (Index c = 0; c < m; ++c) {
        const auto side = sides.column(c);
        const double size =
            std::accumulate(side.begin(), side.end(), 0.0, [](double a, double b) { return a + std::abs(b); });
        for (Index j = 0; j < p; ++j) {
          if (!std::isfinite(right(j, c))) continue;
          EXPECT_LE(std::abs(out(j, c) - right(j, c)), rough.unit(j) * size * (1 + 1e-9)) << n << " " << j << " " << c;
        }
      }
      for (Index j = 7; j < p; ++j) EXPECT_LT(rough.unit(j), 3e-4);  // or it would say nothing
    }
  }
}

/// Two classes of rows, or a response, on some of many correlated columns.
struct Wide {
  Index n = 150, p = 1000;
  std::vector<double> x = normal_numbers(n * p, 5), y = normal_numbers(n, 6);
  Problem problem;

  explicit Wide(const std::string& loss) {
    for (Index j = 1; j < p; ++j) {
      for (Index i = 0; i < n; ++i) x[index(i, j)] += 0.7 * x[index(i, j - 1)];
    }
    for (Index i = 0; i < n; ++i) {
      double& value = y[static_cast<std::size_t>(i)];
      for (Index j = 0; j < 10; ++j) value += x[index(i, 70 * j)] * (j % 2 == 0 ? 1 : -1);
      if (loss == "logistic") value = value > 0 ? 1.0 : 0.0;
    }
    problem.design = strided(x.data(), n, p, 1, n, nullptr);
    problem.loss = loss_by_name(loss);
    problem.response = y;
  }
  std::size_t index(Index i, Index j) const { return static_cast<std::size_t>(i + j * n); }
};

TEST(RoughColumns, PathsAndFoldsWithAndWithoutThemAreTheSame) {
  Context exact(2);
  exact.lean = true;
  const Context rough(2);
  for (const std::string loss : {"squared", "logistic"}) {
    const Wide data(loss);
    const PenaltySpec penalty{"l1", 1.0};
    GridSpec spec;
    spec.n_lambdas = 40;
    const std::vector<double> lambdas = lambda_grid(data.problem, penalty, spec, rough);
    ASSERT_TRUE(RoughColumns::pay(*data.problem.design, 40, rough));
    ASSERT_FALSE(RoughColumns::pay(*data.problem.design, 40, exact));
    PathOptions options;
    options.tolerance = 1e-10;
    const Path one = fit_path(data.problem, penalty, lambdas, options, rough);
    const Path other = fit_path(data.problem, penalty, lambdas, options, exact);
    ASSERT_EQ(one.points.size(), other.points.size());
    for (std::size_t k = 0; k < one.points.size(); ++k) {
      EXPECT_LE(one.points[k].certificate.relative_gap, 1e-10);
      EXPECT_EQ(one.points[k].coefficients.indices, other.points[k].coefficients.indices) << loss << " " << k;
    }
    const Folds folds = random_folds(data.n, 5, 3, {});
    CrossValidationOptions cross;
    cross.measure = loss == "squared" ? Measure::mse : Measure::deviance;
    options.tolerance = 1e-8;
    const auto mean = [&](const Context& context) {
      return cross_validate(data.problem, penalty, lambdas, folds, options, cross, context).mean;
    };
    const std::vector<double> a = mean(rough), b = mean(exact);
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-4 * b[k]) << loss << " " << k;
  }
}

}  // namespace
}  // namespace riata
