#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"
#include "riata/solver/separation.hpp"

// The logistic loss by solvers that share little: the active-set core, products alone, the span of the rows, coordinate
// descent on reweighted squares, gradient descent.
namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Shape {
  Index n, p;
  double density;  ///< 1: dense
};

struct Data {
  std::vector<std::int32_t> starts{0}, rows;
  std::vector<double> values, dense, y, weights, offset, factor, lower, upper;
  Problem problem;
};

std::shared_ptr<Data> random_data(const Shape& shape, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  auto data = std::make_shared<Data>();
  std::vector<double> eta(static_cast<std::size_t>(shape.n), 0.3);
  for (Index j = 0; j < shape.p; ++j) {
    for (Index i = 0; i < shape.n; ++i) {
      const bool stored = uniform(generator) <= shape.density;
      const double value = stored ? 1 + normal(generator) * static_cast<double>(1 + j % 3) : 0;
      data->dense.push_back(value);
      if (!stored) continue;
      data->rows.push_back(static_cast<std::int32_t>(i));
      data->values.push_back(value);
      if (j < 4) eta[static_cast<std::size_t>(i)] += (j % 2 == 0 ? 0.7 : -0.7) * value;
    }
    data->starts.push_back(static_cast<std::int32_t>(data->rows.size()));
    data->factor.push_back(j == 1 ? 0.0 : j == 6 ? kInfinity : 0.5 + static_cast<double>(j % 3));
    data->lower.push_back(j % 4 == 0 ? 0.0 : -0.15);
    data->upper.push_back(j % 5 == 0 ? 0.05 : kInfinity);
  }
  for (Index i = 0; i < shape.n; ++i) {
    data->y.push_back(uniform(generator) < 1 / (1 + std::exp(-eta[static_cast<std::size_t>(i)])) ? 1 : 0);
    data->weights.push_back(i % 7 == 3 ? 0.0 : 0.5 + static_cast<double>(i % 3));
    data->offset.push_back(0.3 * normal(generator));
  }
  data->problem.design = shape.density < 1 ? sparse_columns(shape.n, shape.p, data->starts.data(), data->rows.data(),
                                                            data->values.data(), nullptr)
                                           : strided<double>(data->dense.data(), shape.n, shape.p, 1, shape.n, nullptr);
  data->problem.loss = loss_by_name("logistic");
  data->problem.response = data->y;
  return data;
}

PathOptions by(SolverKind solver, double tolerance) {
  PathOptions options;
  options.solver = solver;
  options.tolerance = tolerance;
  return options;
}

std::vector<double> coefficients(const PathPoint& point, Index p) {
  std::vector<double> beta(static_cast<std::size_t>(p) + 1, 0.0);
  for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k) {
    beta[static_cast<std::size_t>(point.coefficients.indices[k])] = point.coefficients.values[k];
  }
  beta.back() = point.intercept;
  return beta;
}

/// Every λ converged in both, and the coefficients the same as far as the root of a gap of 1e-13 tells.
void expect_same(const Path& a, const Path& b, Index p, bool degrees = false) {
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t k = 0; k < a.points.size(); ++k) {
    SCOPED_TRACE("λ = " + std::to_string(a.points[k].lambda));
    EXPECT_EQ(a.points[k].status, Status::converged) << a.points[k].certificate.relative_gap;
    EXPECT_EQ(b.points[k].status, Status::converged) << b.points[k].certificate.relative_gap;
    const auto left = coefficients(a.points[k], p), right = coefficients(b.points[k], p);
    double largest = 0, apart = 0;
    for (std::size_t j = 0; j < left.size(); ++j) {
      largest = std::max(largest, std::abs(left[j]));
      apart = std::max(apart, std::abs(left[j] - right[j]));
    }
    EXPECT_LE(apart, 3e-6 * std::max(0.1, largest));
    EXPECT_NEAR(a.points[k].objective, b.points[k].objective, 1e-11);
    if (degrees) {
      EXPECT_NEAR(a.points[k].degrees_of_freedom, b.points[k].degrees_of_freedom, 1e-5 * a.points[k].degrees_of_freedom);
    }
  }
}

void compare(const Shape& shape, const PenaltySpec& penalty, bool everything, bool intercept, bool standardize) {
  SCOPED_TRACE(penalty.name + (everything ? ", everything" : "") + (intercept ? "" : ", no intercept") +
               (standardize ? "" : ", as they are"));
  const auto data = random_data(shape, 11);
  Problem problem = data->problem;
  problem.intercept = intercept;
  problem.standardize = standardize;
  if (everything) {
    problem.weights = data->weights;
    problem.offset = data->offset;
    problem.penalty_factor = data->factor;
    problem.lower = data->lower;
    problem.upper = data->upper;
  }
  const Context context(2);
  GridSpec grid;
  grid.n_lambdas = 4;
  grid.min_ratio = 0.02;
  const std::vector<double> lambdas = lambda_grid(problem, penalty, grid, context);
  const Path fast = fit_path(problem, penalty, lambdas, by(SolverKind::automatic, 1e-13), context);
  const Path slow = fit_path(problem, penalty, lambdas, by(SolverKind::coordinate_descent, 1e-13), context);
  EXPECT_EQ(slow.solver, "coordinate-descent");
  expect_same(fast, slow, shape.p, !everything);
}

TEST(LogisticSolvers, AgreeOnEveryCombination) {
  for (const Shape shape : {Shape{90, 12, 1}, Shape{90, 12, 0.3}, Shape{30, 60, 1}, Shape{30, 60, 0.3}}) {
    SCOPED_TRACE(std::to_string(shape.n) + " × " + std::to_string(shape.p) + " at " + std::to_string(shape.density));
    for (const PenaltySpec& penalty :
         {PenaltySpec{"none", 0}, PenaltySpec{"l1", 1}, PenaltySpec{"l2", 0}, PenaltySpec{"elastic-net", 0.4}}) {
      if (penalty.name == "none" && shape.n < shape.p) continue;  // separated
      for (int options = 0; options < 8; ++options) {
        compare(shape, penalty, options & 1, options & 2, options & 4);
      }
    }
  }
}

/// λf b is the gradient, but for bounds; the intercept's gradient is zero.
void expect_ridge_is_optimal(const Shape& shape, bool everything) {
  const auto data = random_data(shape, 11);
  Problem problem = data->problem;
  problem.standardize = false;
  if (everything) {
    problem.weights = data->weights;
    problem.offset = data->offset;
    problem.penalty_factor = data->factor;
    problem.lower = data->lower;
    problem.upper = data->upper;
  }
  const double lambdas[] = {10.0, 0.3};
  const Path path = fit_path(problem, {"l2", 0}, lambdas, by(SolverKind::automatic, 1e-12), Context(2));
  for (const PathPoint& point : path.points) {
    EXPECT_EQ(point.status, Status::converged) << point.certificate.relative_gap;
    const auto beta = coefficients(point, shape.p);
    const auto x = [&](Index i, Index j) { return data->dense[static_cast<std::size_t>(j * shape.n + i)]; };
    std::vector<double> pull;
    double total = 0, sum = 0;
    for (Index i = 0; i < shape.n; ++i) total += everything ? data->weights[static_cast<std::size_t>(i)] : 1.0;
    for (Index i = 0; i < shape.n; ++i) {
      const auto row = static_cast<std::size_t>(i);
      double eta = beta.back() + (everything ? data->offset[row] : 0.0);
      for (Index j = 0; j < shape.p; ++j) eta += x(i, j) * beta[static_cast<std::size_t>(j)];
      pull.push_back((everything ? data->weights[row] : 1.0) / total * (data->y[row] - 1 / (1 + std::exp(-eta))));
      sum += pull.back();
    }
    EXPECT_NEAR(sum, 0, 1e-8);
    double worst = 0;
    for (std::size_t j = 0; j < static_cast<std::size_t>(shape.p); ++j) {
      if (everything && data->factor[j] == kInfinity) continue;
      double g = -point.lambda * (everything ? data->factor[j] : 1.0) * beta[j];
      for (Index i = 0; i < shape.n; ++i) g += pull[static_cast<std::size_t>(i)] * x(i, static_cast<Index>(j));
      if (everything && ((beta[j] >= data->upper[j] && g > 0) || (beta[j] <= data->lower[j] && g < 0))) continue;
      worst = std::max(worst, std::abs(g));
    }
    EXPECT_LE(worst, 1e-7);
  }
}

TEST(LogisticSolvers, RidgeWithMoreColumnsThanAGramHolds) {
  for (const bool everything : {false, true}) {
    expect_ridge_is_optimal({40, 1100, 0.05}, everything);    // products with the design
    expect_ridge_is_optimal({1300, 1050, 0.01}, everything);  // more rows than columns
    expect_ridge_is_optimal({25, 1100, 1}, everything);       // the span of the rows, but for bounds
  }
}

TEST(LogisticSolvers, GradientDescentEndsThereToo) {
  const Shape shape{120, 5, 1};
  const auto data = random_data(shape, 3);
  const Context context(1);
  for (const bool standardize : {true, false}) {
    for (const PenaltySpec& penalty :
         {PenaltySpec{"none", 0}, PenaltySpec{"l1", 1}, PenaltySpec{"l2", 0}, PenaltySpec{"elastic-net", 0.4}}) {
      SCOPED_TRACE(penalty.name + (standardize ? "" : ", as they are"));
      Problem problem = data->problem;
      problem.standardize = standardize;
      problem.weights = data->weights;
      problem.offset = data->offset;
      const double lambdas[] = {penalty.name == "none" ? 0.0 : 0.02};
      PathOptions descent = by(SolverKind::gradient_descent, 1e-13);
      descent.gradient_descent.iterations = 200000;
      const Path path = fit_path(problem, penalty, lambdas, descent, context);
      expect_same(fit_path(problem, penalty, lambdas, by(SolverKind::automatic, 1e-13), context), path, shape.p);
      ASSERT_TRUE(path.trajectory.has_value());
      const auto& rows = path.trajectory->rows;
      for (std::size_t k = 1; k < rows.size(); ++k) {
        EXPECT_LE(rows[k].objective, rows[k - 1].objective * (1 + 1e-12));
      }
    }
  }
}

/// w := w − α (∂loss/∂w + l1 sign w), by hand, on columns as they are.
TEST(LogisticSolvers, ASubgradientStepIsTheTextbooks) {
  const Shape shape{50, 3, 1};
  const auto data = random_data(shape, 5);
  Problem problem = data->problem;
  problem.standardize = false;
  PathOptions options = by(SolverKind::gradient_descent, 1e-13);
  options.gradient_descent = {L1Step::subgradient, 0.05, 3};
  const double lambdas[] = {0.1};
  const Path path = fit_path(problem, {"l1", 1}, lambdas, options, Context(1));
  double b = 0, w[3] = {0, 0, 0};
  for (int step = 0; step < 3; ++step) {
    double gradient_b = 0, gradient[3] = {0, 0, 0};
    for (Index i = 0; i < shape.n; ++i) {
      const auto x = [&](Index j) { return data->dense[static_cast<std::size_t>(j * shape.n + i)]; };
      const double eta = b + w[0] * x(0) + w[1] * x(1) + w[2] * x(2);
      const double off = (1 / (1 + std::exp(-eta)) - data->y[static_cast<std::size_t>(i)]) / static_cast<double>(shape.n);
      gradient_b += off;
      for (Index j = 0; j < 3; ++j) gradient[j] += off * x(j);
    }
    b -= 0.05 * gradient_b;
    for (int j = 0; j < 3; ++j) w[j] -= 0.05 * (gradient[j] + 0.1 * ((w[j] > 0) - (w[j] < 0)));
  }
  const auto found = coefficients(path.points[0], 3);
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(found[j], w[j], 1e-14);
  EXPECT_NEAR(path.points[0].intercept, b, 1e-14);
}

TEST(LogisticSolvers, NoPenaltyIsNoneWhateverLambda) {
  const auto data = random_data({90, 6, 1}, 4);
  const double some[] = {0.3}, zero[] = {0.0};
  const Context context(1);
  const PathOptions options = by(SolverKind::automatic, 1e-12);
  const Path none = fit_path(data->problem, {"none", 0}, some, options, context);
  const Path free = fit_path(data->problem, {"l1", 1}, zero, options, context);
  EXPECT_EQ(none.points[0].n_nonzero, 6);
  EXPECT_NEAR(none.points[0].objective, free.points[0].objective, 1e-12);
}

TEST(LogisticSolvers, BoundsFarOffDoNotWidenTheGap) {
  const auto data = random_data({80, 10, 1}, 6);
  const std::vector<double> lower(10, -1e9), upper(10, 1e9);
  const Context context(1);
  for (const char* loss : {"logistic", "squared"}) {
    for (const PenaltySpec& penalty : {PenaltySpec{"l1", 1}, PenaltySpec{"elastic-net", 0.9}, PenaltySpec{"none", 0}}) {
      Problem problem = data->problem;
      problem.loss = loss_by_name(loss);
      problem.lower = lower;
      problem.upper = upper;
      problem.penalty_factor = data->factor;
      const double lambdas[] = {0.05, 0.01};
      const Path path = fit_path(problem, penalty, lambdas, by(SolverKind::automatic, 1e-11), context);
      for (const PathPoint& point : path.points) {
        EXPECT_LE(point.certificate.relative_gap, 1e-11) << loss << " " << penalty.name;
      }
    }
  }
}

TEST(LogisticSolvers, SeparationNamesItsColumn) {
  const auto data = random_data({60, 8, 1}, 7);
  for (Index i = 0; i < 60; ++i) {
    double& x = data->dense[static_cast<std::size_t>(5 * 60 + i)];
    x = std::abs(x) * (data->y[static_cast<std::size_t>(i)] > 0.5 ? 1 : -1);
  }
  const double zero[] = {0.0}, small[] = {1e-3};
  const Context context(1);
  for (const SolverKind solver : {SolverKind::automatic, SolverKind::coordinate_descent}) {
    try {
      (void)fit_path(data->problem, {"none", 0}, zero, by(solver, 1e-6), context);
      ADD_FAILURE() << "no error";
    } catch (const ColumnError& error) {
      EXPECT_EQ(error.column(), 5);
    }
    for (const char* penalty : {"l1", "l2"}) {
      EXPECT_EQ(fit_path(data->problem, {penalty, 0}, small, by(solver, 1e-9), context).status, Status::converged);
    }
  }
}

}  // namespace
}  // namespace riata
