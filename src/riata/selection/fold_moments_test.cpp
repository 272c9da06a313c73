#include "riata/selection/fold_moments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "riata/design/make_design.hpp"
#include "riata/selection/selection.hpp"

namespace riata {
namespace {

constexpr Index kRows = 3000, kColumns = 12;

/// Means of 50, weights 1 and 2 with some zeros, folds at random and some rows in none.
struct Data {
  std::vector<double> x, y, weights;
  Folds folds;

  Data() {
    std::mt19937_64 random(11);
    std::normal_distribution<double> normal;
    folds.n_folds = 5;
    for (Index i = 0; i < kRows * kColumns; ++i) x.push_back(50 + normal(random));
    for (Index i = 0; i < kRows; ++i) {
      y.push_back(x[static_cast<std::size_t>(i)] - x[static_cast<std::size_t>(i + kRows)] + normal(random));
      weights.push_back(static_cast<double>((i * 5 + i / 7) % 3));
      folds.validation.push_back(static_cast<Index>(random() % 6) - 1);
    }
  }

  /// By columns, or the same matrix by rows.
  Problem problem(bool by_rows) const {
    Problem problem;
    if (by_rows) {
      const auto turned = std::make_shared<std::vector<double>>(x.size());
      for (Index j = 0; j < kColumns; ++j) {
        for (Index i = 0; i < kRows; ++i) {
          (*turned)[static_cast<std::size_t>(i * kColumns + j)] = x[static_cast<std::size_t>(j * kRows + i)];
        }
      }
      problem.design = strided(turned->data(), kRows, kColumns, kColumns, 1, turned);
    } else {
      problem.design = strided(x.data(), kRows, kColumns, 1, kRows, nullptr);
    }
    problem.loss = loss_by_name("squared");
    problem.response = y;
    problem.weights = weights;
    return problem;
  }
};

/// Σ w (x_j − a)(x_k − b), as written.
double plain(const Data& data, std::span<const double> w, Index j, Index k, double a, double b) {
  double sum = 0;
  for (Index i = 0; i < kRows; ++i) {
    const auto row = static_cast<std::size_t>(i);
    sum += w[row] * (data.x[row + static_cast<std::size_t>(j * kRows)] - a) *
           (data.x[row + static_cast<std::size_t>(k * kRows)] - b);
  }
  return sum;
}

void expect_moments(const Data& data, const CrossMoments& moments, std::span<const double> w) {
  for (Index j = 0; j < kColumns; ++j) {
    for (Index k = 0; k < kColumns; ++k) {
      const double a = moments.shift->columns[static_cast<std::size_t>(j)],
                   b = moments.shift->columns[static_cast<std::size_t>(k)];
      const double expected = plain(data, w, j, k, a, b);
      EXPECT_NEAR(moments.xx[static_cast<std::size_t>(j * kColumns + k)], expected, 1e-9 * moments.weight) << j << ", " << k;
    }
  }
}

TEST(FoldMoments, AreThoseOfTheirRows) {
  const Data data;
  for (const bool by_rows : {false, true}) {
    for (const int threads : {1, 2}) {
      const FoldMoments moments(data.problem(by_rows), data.folds, Context(threads));
      expect_moments(data, moments.total(), data.weights);
      for (Index fold = 0; fold < data.folds.n_folds; ++fold) {
        std::vector<double> validation = data.weights, training = data.weights;
        for (std::size_t i = 0; i < validation.size(); ++i) {
          (data.folds.validation[i] == fold ? training : validation)[i] = 0;
        }
        expect_moments(data, moments.validation(fold), validation);
        expect_moments(data, moments.training(fold).value(), training);
      }
    }
  }
}

TEST(FoldMoments, OfSeveralFoldsTogetherAreThoseOfTheirRows) {
  const Data data;
  const FoldMoments moments(data.problem(false), data.folds, Context(1));
  const std::vector<Index> some = {3, 0};
  std::vector<double> weights = data.weights;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::ranges::find(some, data.folds.validation[i]) == some.end()) weights[i] = 0;
  }
  expect_moments(data, moments.together(some).value(), weights);
}

TEST(FoldMoments, AColumnThatVariesInOneFoldAloneIsConstantWithoutIt) {
  Data data;
  for (Index i = 0; i < kRows; ++i) {  // column 3 varies in folds 1 and 2, column 4 in fold 1
    const auto row = static_cast<std::size_t>(i);
    const Index fold = data.folds.validation[row];
    data.x[row + 3 * kRows] = fold == 1 || fold == 2 ? static_cast<double>(i % 2) : 0;
    data.x[row + 4 * kRows] = fold == 1 && i % 50 == 0 ? 1 : 0.1;
  }
  const FoldMoments moments(data.problem(false), data.folds, Context(1));
  using Constants = std::vector<std::pair<Index, double>>;
  EXPECT_EQ(moments.training(0).value().constants, Constants());
  EXPECT_EQ(moments.training(1).value().constants, (Constants{{4, 0.1}}));
  EXPECT_EQ(moments.together(std::vector<Index>{0, 3}).value().constants, (Constants{{3, 0.0}, {4, 0.1}}));
  EXPECT_EQ(moments.together(std::vector<Index>{0, 2}).value().constants, (Constants{{4, 0.1}}));
  const CrossMoments both = moments.training(1, 2).value();
  EXPECT_EQ(both.constants, (Constants{{3, 0.0}, {4, 0.1}}));
  EXPECT_EQ(both.column_moments().variance[3], 0.0);
  EXPECT_EQ(both.column_moments().mean[4], 0.1);
  std::vector<double> weights = data.weights;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (data.folds.validation[i] == 1 || data.folds.validation[i] == 2) weights[i] = 0;
  }
  expect_moments(data, both, weights);
}

TEST(FoldMoments, TellNoErrorThatHugeCoefficientsDrown) {
  Data data;
  for (std::size_t i = 0; i < kRows; ++i) data.x[i + 2 * kRows] = data.x[i] + data.x[i + kRows];
  const FoldMoments moments(data.problem(false), data.folds, Context(1));
  const LinearModel models[] = {{{{0, 1, 2}, {1e9, 1e9, -1e9}}, 0.5}, {{{0, 1}, {1, -1}}, 0.5}};
  const std::vector<double> told = moments.validation(0).sums_of_squares(models);
  EXPECT_EQ(told[0], 0);
  double squares = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    const double off = data.y[i] - data.x[i] + data.x[i + kRows] - 0.5;
    if (data.folds.validation[i] == 0) squares += data.weights[i] * off * off;
  }
  EXPECT_NEAR(told[1], squares, 1e-9 * squares);
}

TEST(FoldMoments, ServeThePathAndTheFolds) {
  const Data data;
  const Problem problem = data.problem(false);
  const Context context(2);
  const PenaltySpec penalty{"elastic-net", 0.7};
  const auto lambdas = lambda_grid(problem, penalty, {.lambdas = {}, .n_lambdas = 20, .min_ratio = {}}, context);
  const auto moments = fold_moments_if_they_pay(problem, std::ssize(lambdas), data.folds, context);
  ASSERT_NE(moments, nullptr);
  PathOptions options, by_itself;
  options.moments = &moments->total();
  const Path path = fit_path(problem, penalty, lambdas, options, context);
  const Path same = fit_path(problem, penalty, lambdas, by_itself, context);
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    EXPECT_LE(path.points[k].certificate.relative_gap, 1e-12);
    ASSERT_EQ(path.points[k].coefficients.indices, same.points[k].coefficients.indices);
    for (std::size_t j = 0; j < path.points[k].coefficients.values.size(); ++j) {
      EXPECT_NEAR(path.points[k].coefficients.values[j], same.points[k].coefficients.values[j], 1e-11);
    }
  }
  CrossValidationOptions handed;
  handed.moments = moments.get();
  EXPECT_EQ(cross_validate(problem, penalty, lambdas, data.folds, {}, handed, context).mean,
            cross_validate(problem, penalty, lambdas, data.folds, {}, {}, context).mean);
}

}  // namespace
}  // namespace riata
