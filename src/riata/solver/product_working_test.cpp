#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"
#include "riata/solver/look_ahead.hpp"

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

/// Coefficients at every λ.
Dense path_of(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, bool by_products) {
  const Context context(2);
  LookAhead look(fitted, l1_ratio, lambdas, {.tolerance = 1e-10}, context,
                 by_products ? product_working_problem(fitted, context) : nullptr);
  Dense found;
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
    look.accept([&](const SolvedPoint& point) {
      auto& b = found.emplace_back(static_cast<std::size_t>(fitted.cols()), 0.0);
      for (std::size_t k = 0; k < point.columns.size(); ++k) b[static_cast<std::size_t>(point.columns[k])] = point.values[k];
      b.push_back(point.b0);
      return true;
    });
  }
  return found;
}

class ProductWorking : public testing::TestWithParam<const char*> {};

TEST_P(ProductWorking, FindsWhatTheFactoredActiveSetFinds) {
  for (const bool everything : {false, true}) {
    for (const bool intercept : {true, false}) {
      for (const double l1_ratio : {1.0, 0.4}) {
        const auto data = random_sparse(120, 150, 3);
        Problem problem;
        problem.design = sparse_columns(120, 150, data->starts.data(), data->rows.data(), data->values.data(), data);
        problem.loss = loss_by_name(GetParam());
        problem.response = data->y;
        problem.intercept = intercept;
        if (everything) {
          problem.weights = data->weights;
          problem.offset = data->offset;
          problem.penalty_factor = data->factor;
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
        EXPECT_LT(worst, 1e-7 * largest) << everything << intercept << l1_ratio;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, ProductWorking, testing::Values("squared", "logistic"));

}  // namespace
}  // namespace riata
