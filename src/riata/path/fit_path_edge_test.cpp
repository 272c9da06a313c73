#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/design/make_design.hpp"
#include "riata/path/path.hpp"

namespace riata {
namespace {

using ::testing::HasSubstr;

struct Data {
  std::vector<std::vector<double>> columns;
  std::vector<double> y, weights = {};

  Problem problem() const {
    std::vector<const double*> pointers;
    for (const auto& column : columns) pointers.push_back(column.data());
    Problem problem;
    problem.design = dense_columns<double>(pointers, static_cast<Index>(y.size()), nullptr);
    problem.loss = loss_by_name("squared");
    problem.response = y;
    problem.weights = weights;
    return problem;
  }
};

const std::vector<PenaltySpec> kAll = {{"none", 0.5}, {"l1", 0.5}, {"l2", 0.5}, {"elastic-net", 0.5}};

std::vector<double> wave(std::size_t n, double mean, double size, double phase) {
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = mean + size * std::sin(1.7 * static_cast<double>(i) + phase);
  return out;
}

/// The default grid, every solver kind that there is for the penalty, everything finite and converged.
Path fit(const Data& data, const PenaltySpec& penalty) {
  const Problem problem = data.problem();
  GridSpec grid;
  grid.n_lambdas = 10;
  const std::vector<double> lambdas = lambda_grid(problem, penalty, grid, Context(1));
  Path path;
  for (const SolverKind solver : {SolverKind::coordinate_descent, SolverKind::automatic}) {
    PathOptions options;
    options.solver = solver;
    path = fit_path(problem, penalty, lambdas, options, Context(1));
    EXPECT_EQ(path.status, Status::converged) << penalty.name << " " << path.solver;
    EXPECT_EQ(path.points.size(), lambdas.size());
    for (const PathPoint& point : path.points) {
      EXPECT_TRUE(std::isfinite(point.intercept) && std::isfinite(point.objective) && std::isfinite(point.deviance_ratio));
      EXPECT_LE(point.certificate.relative_gap, 1e-6) << penalty.name << " " << path.solver << " " << point.lambda;
      for (const double value : point.coefficients.values) EXPECT_TRUE(std::isfinite(value));
    }
  }
  return path;
}

TEST(FitPathEdge, OneRow) {
  for (const PenaltySpec& penalty : kAll) {
    const Path path = fit({{{2.0}, {5.0}}, {3.0}}, penalty);
    EXPECT_EQ(path.points.back().intercept, 3.0);
    EXPECT_EQ(path.null_deviance, 0.0);
    EXPECT_EQ(path.points.back().n_nonzero, 0);
  }
}

TEST(FitPathEdge, NoColumns) {
  for (const PenaltySpec& penalty : kAll) {
    const Path path = fit({{}, {1.0, 2.0, 6.0}}, penalty);
    EXPECT_EQ(path.points.back().intercept, 3.0);
    EXPECT_EQ(path.lambda_max, 0.0);
  }
}

TEST(FitPathEdge, ConstantResponse) {
  for (const PenaltySpec& penalty : kAll) {
    const Path path = fit({{wave(9, 0, 1, 0)}, std::vector<double>(9, 0.1)}, penalty);
    EXPECT_NEAR(path.points.back().intercept, 0.1, 1e-16);
    EXPECT_EQ(path.points.back().n_nonzero, 0);
    EXPECT_EQ(path.points.back().deviance_ratio, 0.0);
  }
}

TEST(FitPathEdge, ConstantZeroAndDuplicateColumns) {
  const std::vector<double> x = wave(12, 0, 1, 0);
  for (const PenaltySpec& penalty : kAll) {
    const Path path =
        fit({{std::vector<double>(12, 0.3), std::vector<double>(12, 0.0), x, x}, wave(12, 3, 1, 0.3)}, penalty);
    for (const PathPoint& point : path.points) {
      for (const Index j : point.coefficients.indices) EXPECT_GE(j, 2);
    }
    EXPECT_GT(path.points.back().deviance_ratio, 0.3);
  }
}

TEST(FitPathEdge, MeansFarFromZero) {
  for (const PenaltySpec& penalty : kAll) {
    const Path near = fit({{wave(40, 0, 1, 0), wave(40, 0, 1, 0.8)}, wave(40, 0, 2, 0.3)}, penalty);
    const Path far = fit({{wave(40, 1e8, 1, 0), wave(40, -1e8, 1, 0.8)}, wave(40, 1e8, 2, 0.3)}, penalty);
    for (std::size_t k = 0; k < near.points.size(); ++k) {
      ASSERT_EQ(near.points[k].coefficients.indices, far.points[k].coefficients.indices);
      for (std::size_t i = 0; i < near.points[k].coefficients.values.size(); ++i) {
        EXPECT_NEAR(near.points[k].coefficients.values[i], far.points[k].coefficients.values[i], 1e-6);
      }
    }
  }
}

TEST(FitPathEdge, ScalesOf150Digits) {
  for (const PenaltySpec& penalty : kAll) {
    for (const double x_scale : {1e-150, 1.0, 1e150}) {
      for (const double y_scale : {1e-150, 1.0, 1e150}) {
        const Path path =
            fit({{wave(20, 0, x_scale, 0), wave(20, x_scale, x_scale, 0.8)}, wave(20, y_scale, y_scale, 0.3)}, penalty);
        // λ_max of ridge carries the response's unit, its penalty the square of it: there it means all or nothing.
        if (penalty.name == "l2" || penalty.name == "elastic-net") continue;
        EXPECT_GT(path.points.back().deviance_ratio, 0.9) << penalty.name << " " << x_scale << " " << y_scale;
      }
    }
  }
}

/// What fitting says; "" where it ends well.
std::string message(const Problem& problem, const PenaltySpec& penalty = {"l1"}) {
  const std::vector<double> lambdas = {1.0};
  try {
    fit_path(problem, penalty, lambdas, {}, Context(1));
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

/// Their squares would vanish, and with them variances, gaps and columns.
TEST(FitPathEdge, NumbersTooSmallToSquareAreNamed) {
  for (const double scale : {1e-155, 1e-170, 1e-310}) {
    for (const bool intercept : {true, false}) {
      for (const bool standardize : {true, false}) {
        const auto said = [&](const Data& data) {
          Problem problem = data.problem();
          problem.intercept = intercept;
          problem.standardize = standardize;
          return message(problem);
        };
        EXPECT_THAT(said({{wave(20, 0, 1, 0), wave(20, 0, scale, 0.8)}, wave(20, 0, 1, 0.3)}),
                    HasSubstr("column 2 of the design holds numbers too small to square"));
        EXPECT_THAT(said({{wave(20, 0, 1, 0)}, wave(20, scale, scale, 0.8)}), HasSubstr("the response is too small"));
        const std::string of_constant = said({{wave(20, 0, 1, 0), std::vector<double>(20, scale)}, wave(20, 0, 1, 0.3)});
        EXPECT_EQ(of_constant.empty(), intercept || standardize) << of_constant;
      }
    }
  }
  for (const PenaltySpec& penalty : kAll) {
    EXPECT_EQ(
        message(Data{{wave(20, 0, 1, 0), std::vector<double>(20, 0.0)}, std::vector<double>(20, 1e-200)}.problem(), penalty),
        "");
  }
}

/// Beside large numbers tiny ones are as good as equal, in rows that leave the large ones out too.
TEST(FitPathEdge, TinyNumbersBesideLargeOnesAreConstantWhereThoseAreLeftOut) {
  Data data{{wave(20, 0, 1, 0), wave(20, 0, 1e-200, 0.8)}, wave(20, 0, 1e-200, 0.3), std::vector<double>(20, 1.0)};
  data.columns[1][0] = data.y[0] = 1;
  EXPECT_EQ(message(data.problem()), "");
  data.weights[0] = data.weights[1] = 0;
  EXPECT_EQ(message(data.problem()), "");
  data.columns[1][0] = 1e100;
  EXPECT_EQ(message(data.problem()), "");
  data.columns[1][1] = -1e100;
  EXPECT_EQ(message(data.problem()), "");
}

TEST(FitPathEdge, ExtremeLambdas) {
  const Data data{{wave(20, 0, 1, 0), wave(20, 0, 1, 0.8)}, wave(20, 0, 1, 0.3)};
  for (const PenaltySpec& penalty : kAll) {
    const std::vector<double> lambdas = {1e300, 1.0, 1.0, 1e-300, 0.0, 0.0};
    const Path path = fit_path(data.problem(), penalty, lambdas, {}, Context(1));
    EXPECT_EQ(path.status, Status::converged);
    EXPECT_NEAR(path.points[4].deviance_ratio, path.points[3].deviance_ratio, 1e-9);
    EXPECT_NEAR(path.points[1].objective, path.points[2].objective, 1e-15);
    EXPECT_NEAR(path.points[0].deviance_ratio, penalty.name == "none" ? path.points[4].deviance_ratio : 0.0, 1e-12);
  }
}

TEST(FitPathEdge, LambdaZeroWithMoreColumnsThanRows) {
  Data data;
  for (int j = 0; j < 40; ++j) data.columns.push_back(wave(12, 0, 1, 0.1 * j * j));
  for (std::size_t j = 0; j < 40; ++j) data.columns[j][j % 12] += 1.0;
  data.y = wave(12, 0, 1, 0.3);
  const std::vector<double> lambdas = {1.0, 0.1, 0.0};
  for (const PenaltySpec& penalty : kAll) {
    const Path path = fit_path(data.problem(), penalty, lambdas, {}, Context(1));
    EXPECT_EQ(path.status, Status::converged) << penalty.name;
    ASSERT_EQ(path.points.size(), 3U);
    EXPECT_NEAR(path.points[2].deviance_ratio, 1.0, 1e-9) << penalty.name;
    EXPECT_EQ(path.warnings.size(), 1U) << penalty.name;
  }
}

TEST(FitPathEdge, AtLambdaMaxAllAreZeroAndJustBelowOneIsNot) {
  const Data data{{wave(20, 0, 1, 0), wave(20, 0, 1, 0.8)}, wave(20, 0, 1, 0.3)};
  const double largest = lambda_grid(data.problem(), {"l1"}, {}, Context(1)).front();
  const std::vector<double> lambdas = {largest, largest * (1 - 1e-6)};
  const Path path = fit_path(data.problem(), {"l1"}, lambdas, {}, Context(1));
  EXPECT_EQ(path.points[0].n_nonzero, 0);
  EXPECT_EQ(path.points[1].n_nonzero, 1);
  EXPECT_EQ(path.lambda_max, largest);
}

TEST(FitPathEdge, RidgesGridDoesNotDependOnTheUnitOfTheResponse) {
  const Data data{{wave(20, 3, 2, 0)}, wave(20, 1, 1, 0.3)};
  Data scaled = data;
  for (double& y : scaled.y) y = 7 - 1e5 * y;
  const std::vector<double> grid = lambda_grid(data.problem(), {"l2"}, {}, Context(1));
  const std::vector<double> other = lambda_grid(scaled.problem(), {"l2"}, {}, Context(1));
  for (std::size_t k = 0; k < grid.size(); ++k) EXPECT_NEAR(other[k], grid[k], 1e-9 * grid[k]);
  double mean = 0, variance = 0;
  for (const double y : data.y) mean += y / 20;
  for (const double y : data.y) variance += (y - mean) * (y - mean) / 20;
  const double lasso = lambda_grid(data.problem(), {"l1"}, {}, Context(1)).front();
  EXPECT_NEAR(grid.front(), lasso / std::sqrt(variance) / 0.001, 1e-9 * grid.front());
  EXPECT_EQ(fit_path(scaled.problem(), {"l2"}, grid, {}, Context(1)).lambda_max, other.front());
}

TEST(FitPathEdge, GridsAreHonouredOrGeometric) {
  const Data data{{wave(20, 0, 1, 0)}, wave(20, 0, 1, 0.3)};
  GridSpec given;
  given.lambdas = {0.1, 3.0, 0.1, 0.0};
  EXPECT_EQ(lambda_grid(data.problem(), {"l1"}, given, Context(1)), (std::vector<double>{3.0, 0.1, 0.1, 0.0}));
  const std::vector<double> grid = lambda_grid(data.problem(), {"l1"}, {}, Context(1));
  EXPECT_EQ(grid.size(), 100U);
  EXPECT_NEAR(grid.back() / grid.front(), 1e-4, 1e-18);
  EXPECT_NEAR(grid[1] / grid[0], grid[99] / grid[98], 1e-12);
  EXPECT_EQ(lambda_grid(data.problem(), {"none"}, {}, Context(1)), std::vector<double>{0.0});
  for (const double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    given.lambdas = {bad};
    EXPECT_THROW(lambda_grid(data.problem(), {"l1"}, given, Context(1)), Error);
    EXPECT_THROW(fit_path(data.problem(), {"l1"}, given.lambdas, {}, Context(1)), Error);
  }
  const std::vector<double> increasing = {1.0, 2.0};
  EXPECT_THROW(fit_path(data.problem(), {"l1"}, increasing, {}, Context(1)), Error);
}

TEST(FitPathEdge, AFactorTooSmallForAGridIsNamed) {
  const Data data{{wave(9, 0, 1, 0), wave(9, 0, 1, 2)}, wave(9, 0, 1, 1)};
  Problem problem = data.problem();
  const std::vector<double> factors = {1, 1e-310};
  problem.penalty_factor = factors;
  for (const PenaltySpec& penalty : {PenaltySpec{"l1", 0.5}, PenaltySpec{"l2", 0.5}}) {
    try {
      lambda_grid(problem, penalty, {}, Context(1));
      ADD_FAILURE() << penalty.name;
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr("column 2 of the design has the penalty factor 1e-310, too small for a grid"));
    }
  }
}

/// All levels of a category without a penalty: moments, which a bound on the rounds forbids to leave, are enough.
TEST(FitPathEdge, MomentsCertifyColumnsThatDependOnOthers) {
  constexpr std::size_t kRows = 5000;
  Data data{{wave(kRows, 0, 1, 1), wave(kRows, 3, 1, 2)}, wave(kRows, 1, 1, 0)};
  for (std::size_t level = 0; level < 3; ++level) {
    data.columns.emplace_back(kRows, 0.0);
    for (std::size_t i = level; i < kRows; i += 3) data.columns.back()[i] = 1.0;
  }
  for (std::size_t i = 0; i < kRows; ++i) data.y[i] += data.columns[2][i] + std::cos(3.1 * static_cast<double>(i));
  Problem problem = data.problem();
  const std::vector<double> factors = {1, 1, 0, 0, 0}, lambdas = {0.1, 0.01};
  problem.penalty_factor = factors;
  PathOptions options;
  options.max_iterations = 1000;
  for (const char* const loss : {"squared", "logistic"}) {
    problem.loss = loss_by_name(loss);
    if (problem.loss->name() == "logistic") {
      for (double& y : data.y) y = y > 1 ? 1.0 : 0.0;
    }
    for (const char* const penalty : {"l1", "elastic-net"}) {
      const Path path = fit_path(problem, {penalty, 0.5}, lambdas, options, Context(1));
      EXPECT_EQ(path.status, Status::converged) << loss << " " << penalty;
      for (const PathPoint& point : path.points) EXPECT_LE(point.certificate.relative_gap, 1e-9) << loss << " " << penalty;
    }
  }
}

TEST(FitPathEdge, BadProblemsAreNamed) {
  Data data{{wave(3, 0, 1, 0)}, {1, 2, 3}, {0, 0, 0}};
  EXPECT_THAT(message(data.problem()), HasSubstr("all weights are zero"));
  data.weights = {1, -2, 1};
  EXPECT_THAT(message(data.problem()), HasSubstr("weight of row 2 is -2"));
  data.weights = {1, 1};
  EXPECT_THAT(message(data.problem()), HasSubstr("has 2 entries, but the design has 3 rows"));
  data.weights = {};
  data.columns[0][1] = std::nan("");
  EXPECT_THAT(message(data.problem()), HasSubstr("column 1"));
  data.columns[0][1] = 1e200;
  EXPECT_THAT(message(data.problem()), HasSubstr("too large"));
  data.columns[0][1] = 1.0;
  data.y[2] = 1e200;
  EXPECT_THAT(message(data.problem()), HasSubstr("response is too large"));
  data.y[2] = std::nan("");
  EXPECT_THAT(message(data.problem()), HasSubstr("response of row 3"));
  data.y[2] = 3;
  Problem problem = data.problem();
  const std::vector<double> above_zero = {0.5};
  problem.lower = above_zero;
  EXPECT_THAT(message(problem), HasSubstr("lower bound of column 1 is 0.5"));
}

TEST(FitPathEdge, AnInterruptKeepsWhatIsFinished) {
  const Data data{{wave(20, 0, 1, 0), wave(20, 0, 1, 0.8)}, wave(20, 0, 1, 0.3)};
  const std::vector<double> lambdas = lambda_grid(data.problem(), {"l1"}, {}, Context(1));
  for (const SolverKind solver : {SolverKind::coordinate_descent, SolverKind::automatic}) {
    std::atomic<bool> stop = false;
    Context context(1);
    context.interrupt = &stop;
    Index reported = 0;
    context.on_progress = [&](const Progress& progress) {
      EXPECT_EQ(progress.stage, "path");
      EXPECT_EQ(progress.total, 100);
      reported = progress.done;
      if (progress.done == 7) stop = true;
    };
    PathOptions options;
    options.solver = solver;
    const Path path = fit_path(data.problem(), {"l1"}, lambdas, options, context);
    EXPECT_EQ(path.status, Status::interrupted);
    EXPECT_EQ(path.points.size(), static_cast<std::size_t>(reported));
    EXPECT_GE(reported, 7);
    EXPECT_LT(reported, 100);
  }
}

TEST(FitPathEdge, AnIterationLimitIsReported) {
  Data data;
  for (int j = 0; j < 15; ++j) data.columns.push_back(wave(20, 0, 1, 0.05 * j * j));
  data.y = wave(20, 0, 1, 0.3);
  for (std::size_t i = 0; i < 20; ++i) data.y[i] += std::cos(static_cast<double>(i * i));
  PathOptions options;
  options.tolerance = 1e-300;
  options.max_iterations = 1;
  options.solver = SolverKind::coordinate_descent;
  const std::vector<double> lambdas = {1e-3};
  const Path path = fit_path(data.problem(), {"l1"}, lambdas, options, Context(1));
  EXPECT_EQ(path.status, Status::iteration_limit);
  EXPECT_EQ(path.points[0].status, Status::iteration_limit);
  EXPECT_GT(path.points[0].certificate.relative_gap, 0.0);
}

TEST(FitPathEdge, LinearPredictorsCoverRowsOfWeightZero) {
  Data data{{wave(20, 0, 1, 0), wave(20, 0, 1, 0.8)}, wave(20, 0, 1, 0.3), std::vector<double>(20, 1.0)};
  data.weights[3] = data.weights[11] = 0.0;
  std::vector<double> offset = wave(20, 0, 1, 2.0);
  Problem problem = data.problem();
  problem.offset = offset;
  const std::vector<double> lambdas = {0.3, 0.01};
  for (const bool from_moments : {false, true}) {
    const CrossMoments moments = cross_moments(problem, moments_shift(problem, Context(1)), Context(1));
    PathOptions options;
    if (from_moments) options.moments = &moments;
    for (const PenaltySpec& penalty : kAll) {
      fit_path(
          problem, penalty, lambdas, options, Context(1), [&](Index, const PathPoint& point, const LinearPredictor& eta) {
            double squares = 0;
            for (std::size_t i = 0; i < 20; ++i) {
              double expected = point.intercept + offset[i];
              for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k) {
                expected +=
                    point.coefficients.values[k] * data.columns[static_cast<std::size_t>(point.coefficients.indices[k])][i];
              }
              EXPECT_NEAR(eta()[i], expected, 1e-12) << penalty.name << " row " << i;
              squares += data.weights[i] * (data.y[i] - expected) * (data.y[i] - expected);
            }
            const LinearModel models[] = {{{}, 0.5}, {point.coefficients, point.intercept}};
            EXPECT_NEAR(moments.sums_of_squares(models).back(), squares, 1e-12);
            return true;
          });
    }
  }
}

}  // namespace
}  // namespace riata
