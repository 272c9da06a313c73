#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/working_choice.hpp"

// Conjugate gradients against the factored active set, on the same sparse problems.
namespace riata {
namespace {

struct Sparse {
  std::vector<std::int32_t> starts{0}, rows;
  std::vector<double> values, y, weights, offset, factor, lower, upper;
};

std::shared_ptr<Sparse> random_sparse(Index n, Index p, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  auto data = std::make_shared<Sparse>();
  std::vector<double> eta(static_cast<std::size_t>(n), 0.2);
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < n; ++i) {
      if (uniform(generator) > 0.15) continue;
      data->rows.push_back(static_cast<std::int32_t>(i));
      data->values.push_back(1 + normal(generator));
      if (j < 6) eta[static_cast<std::size_t>(i)] += (j % 2 == 0 ? 1.5 : -1.5) * data->values.back();
    }
    data->starts.push_back(static_cast<std::int32_t>(data->rows.size()));
    data->factor.push_back(j == 3 ? 0.0 : 0.5 + static_cast<double>(j % 3));
    data->lower.push_back(j % 4 == 0 ? 0.0 : -0.2);
    data->upper.push_back(j % 5 == 0 ? 0.1 : 1.0);
  }
  for (Index i = 0; i < n; ++i) {
    data->y.push_back(uniform(generator) < 1 / (1 + std::exp(-eta[static_cast<std::size_t>(i)])) ? 1 : 0);
    data->weights.push_back(i % 7 == 0 ? 0.0 : 0.5 + static_cast<double>(i % 3));
    data->offset.push_back(0.2 * normal(generator));
  }
  return data;
}

using Dense = std::vector<std::vector<double>>;

void walk(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, bool by_products,
          const SolvedPointSink& sink) {
  const Context context(2);
  LookAhead look(fitted, l1_ratio, lambdas, {.tolerance = 1e-10}, context,
                 by_products ? product_working_problem(fitted, context) : nullptr);
  const auto pass = [&] {
    const ConstMatrix sides = look.sides();
    std::vector<double> products(static_cast<std::size_t>(fitted.cols() * sides.cols));
    const Matrix out(products.data(), fitted.cols(), sides.cols);
    fitted.design->transpose_multiply(0, sides, out, {}, context);
    look.take(0, out);
  };
  look.start();
  pass();
  while (!look.done()) {
    look.choose();
    look.solve();
    pass();
    look.accept(sink);
  }
}

/// Coefficients at every λ.
Dense path_of(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, bool by_products) {
  Dense found;
  walk(fitted, l1_ratio, lambdas, by_products, [&](const SolvedPoint& point) {
    auto& b = found.emplace_back(static_cast<std::size_t>(fitted.cols()), 0.0);
    for (std::size_t k = 0; k < point.columns.size(); ++k) b[static_cast<std::size_t>(point.columns[k])] = point.values[k];
    b.push_back(point.b0);
    return true;
  });
  return found;
}

/// Every third column twice more: once the same, once with one entry that differs by `apart`. Every tenth is empty.
std::shared_ptr<Sparse> degenerate_sparse(Index n, Index p, double apart) {
  auto data = random_sparse(n, p, 8);
  const auto plain = random_sparse(n, p, 8);
  data->starts = {0};
  data->rows.clear();
  data->values.clear();
  for (Index j = 0; j < p; ++j) {
    const auto source = static_cast<std::size_t>(j - j % 3);
    for (auto e = plain->starts[source]; j % 10 != 9 && e < plain->starts[source + 1]; ++e) {
      const bool first = e == plain->starts[source];
      data->rows.push_back(plain->rows[static_cast<std::size_t>(e)]);
      data->values.push_back(plain->values[static_cast<std::size_t>(e)] + (first && j % 3 == 2 ? apart : 0.0));
    }
    data->starts.push_back(static_cast<std::int32_t>(data->rows.size()));
  }
  return data;
}

enum class Given { plain, weighted, bounded };

class ProductWorking : public testing::TestWithParam<const char*> {};

TEST_P(ProductWorking, FindsWhatTheFactoredActiveSetFinds) {
  for (const Given given : {Given::plain, Given::weighted, Given::bounded}) {
    for (const bool intercept : {true, false}) {
      for (const double l1_ratio : {1.0, 0.4}) {
        const auto data = random_sparse(120, 150, 3);
        Problem problem;
        problem.design = sparse_columns(120, 150, data->starts.data(), data->rows.data(), data->values.data(), data);
        problem.loss = loss_by_name(GetParam());
        problem.response = data->y;
        problem.intercept = intercept;
        if (given != Given::plain) {
          problem.weights = data->weights;
          problem.offset = data->offset;
          problem.penalty_factor = data->factor;
        }
        if (given == Given::bounded) {
          problem.lower = data->lower;
          problem.upper = data->upper;
        }
        const Context context(1);
        GridSpec grid;
        grid.n_lambdas = 25;
        grid.min_ratio = 1e-2;
        const auto lambdas = lambda_grid(problem, {"l1", 1}, grid, context);
        const FittedProblem fitted = to_fitted(problem, context);
        const Dense one = path_of(fitted, l1_ratio, lambdas, false), other = path_of(fitted, l1_ratio, lambdas, true);
        ASSERT_EQ(one.size(), lambdas.size());
        ASSERT_EQ(other.size(), lambdas.size());
        double largest = 0, worst = 0;
        for (std::size_t k = 0; k < one.size(); ++k) {
          for (std::size_t j = 0; j < one[k].size(); ++j) {
            largest = std::max(largest, std::abs(one[k][j]));
            worst = std::max(worst, std::abs(one[k][j] - other[k][j]));
          }
        }
        EXPECT_GT(largest, 0);
        EXPECT_LT(worst, 1e-7 * largest) << static_cast<int>(given) << intercept << l1_ratio;
      }
    }
  }
}

void expect_optimal_path(const char* loss, double apart, bool by_products) {
  constexpr Index kRows = 80, kCols = 240;
  const auto data = degenerate_sparse(kRows, kCols, apart);
  Problem problem;
  problem.design = sparse_columns(kRows, kCols, data->starts.data(), data->rows.data(), data->values.data(), data);
  problem.loss = loss_by_name(loss);
  problem.response = data->y;
  const Context context(1);
  GridSpec grid;
  grid.n_lambdas = 20;
  grid.min_ratio = 1e-2;
  const auto lambdas = lambda_grid(problem, {"l1", 1}, grid, context);
  Index seen = 0;
  walk(to_fitted(problem, context), 1.0, lambdas, by_products, [&](const SolvedPoint& point) {
    const double lambda = lambdas[static_cast<std::size_t>(point.k)], slack = 1e-8 * lambdas.front();
    EXPECT_EQ(point.status, Status::converged) << point.k;
    std::size_t next = 0;
    for (std::size_t r = 0; r < point.relevant.size(); ++r) {
      const bool active = next < point.columns.size() && point.columns[next] == point.relevant[r];
      const double b = active ? point.values[next++] : 0.0;
      EXPECT_LE(std::abs(point.gradient[r]), lambda + slack) << point.k;
      if (b != 0) {
        EXPECT_NEAR(point.gradient[r], b > 0 ? lambda : -lambda, slack) << point.k;
      }
    }
    EXPECT_EQ(next, point.columns.size());
    ++seen;
    return true;
  });
  EXPECT_EQ(seen, std::ssize(lambdas));
}

TEST_P(ProductWorking, TwinsNearTwinsAndEmptyColumnsEndAtTheOptimum) {
  for (const double apart : {0.0, 1e-3, 0.1, 1.0}) {
    expect_optimal_path(GetParam(), apart, false);
    expect_optimal_path(GetParam(), apart, true);
  }
}

/// Eight λ at once against the factored active set, which solves one after the other.
TEST_P(ProductWorking, SeveralStrengthsAtOnceAreWhatEachIsAlone) {
  constexpr Index kRows = 150, kCols = 120;
  const auto data = random_sparse(kRows, kCols, 4);
  Problem problem;
  problem.design = sparse_columns(kRows, kCols, data->starts.data(), data->rows.data(), data->values.data(), data);
  problem.loss = loss_by_name(GetParam());
  problem.response = data->y;
  problem.weights = data->weights;
  const Context context(2);
  const FittedProblem fitted = to_fitted(problem, context);
  const auto ahead = product_working_problem(fitted, context);
  const auto alone =
      problem.loss->name() == "squared" ? squared_working_problem(fitted, context) : smooth_working_problem(fitted, context);
  std::vector<Index> working;
  for (Index j = 0; j < kCols; j += 3) working.push_back(j);
  const std::vector<double> precision = gradient_precision(fitted, 1e-10);
  std::vector<ElasticBox> boxes;
  for (int k = 1; k <= 8; ++k) boxes.push_back({fitted.null_gradient * std::pow(0.8, k), 1e-3, fitted.factor, {}, {}});
  Index seen = 0;
  const Index count = ahead->solve_ahead(
      boxes, working, [&] { return std::span(precision); }, {},
      [&](Index k) {
        EXPECT_EQ(k, seen++);
        EXPECT_EQ(alone->solve(boxes[static_cast<std::size_t>(k)], working, precision, 0), Status::converged);
        for (std::size_t j = 0; j < static_cast<std::size_t>(kCols); ++j) {
          EXPECT_NEAR(ahead->coefficients()[j], alone->coefficients()[j], 1e-8) << k << ' ' << j;
        }
        std::vector<double> eta(static_cast<std::size_t>(kRows)), other(eta);
        ahead->eta(eta);
        alone->eta(other);
        for (std::size_t i = 0; i < eta.size(); ++i) EXPECT_NEAR(eta[i], other[i], 1e-8);
        EXPECT_NEAR(ahead->b0(), alone->b0(), 1e-8);
        return k < 6;  // the last but one is refused
      });
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(count, 6);
}

INSTANTIATE_TEST_SUITE_P(Losses, ProductWorking, testing::Values("squared", "logistic"));

TEST(WorkingChoice, SkewedRowsOfASquaredLossAreFactored) {
  constexpr Index kSize = 2100;
  const auto data = std::make_shared<Sparse>();
  for (Index j = 0; j < kSize; ++j) {
    data->rows.push_back(static_cast<std::int32_t>(j));
    data->values.push_back(1);
    data->starts.push_back(static_cast<std::int32_t>(j + 1));
    data->y.push_back(static_cast<double>(j % 2));
  }
  for (const char* const loss : {"squared", "logistic"}) {
    for (const double heaviest : {1.0, 30.0, 1000.0}) {
      Problem problem;
      problem.design = sparse_columns(kSize, kSize, data->starts.data(), data->rows.data(), data->values.data(), data);
      problem.loss = loss_by_name(loss);
      problem.response = data->y;
      std::vector<double> weights(static_cast<std::size_t>(kSize), 1.0);
      std::fill_n(weights.begin(), 100, heaviest);  // 30: an eighth of the rows tell as much
      problem.weights = weights;
      const bool skewed = heaviest > 1;
      EXPECT_EQ(takes_products(to_fitted(problem, Context(1)), false), !(skewed && problem.loss->name() == "squared"));
    }
  }
}

}  // namespace
}  // namespace riata
