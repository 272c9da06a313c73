#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "random_problem.hpp"
#include "riata/design/make_design.hpp"

namespace riata {
namespace {

/// Ordinary problems, moved to an edge of the numbers one at a time. `size` is that of the response.
struct Edge {
  std::string name;
  std::function<double(RandomProblem&, std::mt19937_64&)> move;
  Index max_rows = 30, max_cols = 12;
  bool narrow = false;  ///< columns in float32
  /// Of the gap, what rounding moves: ε B² where Σ|bⱼ|‖xⱼ‖ is B deviations of the response. Where that is beyond the
  /// tolerance an honest "not converged", better than all coefficients at zero, will do.
  double rounding = 1e-8;
};

void scale_column(RandomProblem& random, Index j, double factor) {
  random.x.col(j) *= factor;
  if (random.lower.empty()) return;
  random.lower[static_cast<std::size_t>(j)] /= factor;
  random.upper[static_cast<std::size_t>(j)] /= factor;
}

double shift(RandomProblem& random, std::mt19937_64& engine, double mean, bool intercept) {
  move_means(random, engine, mean);
  random.intercept = intercept;
  return 1;
}

double scale_response(RandomProblem& random, double size) {
  for (auto* values : {&random.y, &random.offset, &random.lower, &random.upper}) {
    for (double& value : *values) value *= size;
  }
  return size;
}

std::vector<Edge> edges() {
  const auto columns_of_any_size = [](RandomProblem& random, std::mt19937_64& engine) {
    random.standardize = true;
    for (Index j = 0; j < random.x.cols(); ++j) scale_column(random, j, std::pow(10, -140 + 280 * uniform(engine)));
    return 1.0;
  };
  const auto weights_of_any_size = [](RandomProblem& random, std::mt19937_64& engine) {
    random.weights.resize(random.y.size());
    for (double& weight : random.weights) weight = std::pow(10, -10 + 20 * uniform(engine));
    return 1.0;
  };
  const auto as_is = [](RandomProblem&, std::mt19937_64&) { return 1.0; };
  return {
      {"means of 1e4 without an intercept", [](auto& r, auto& e) { return shift(r, e, 1e4, false); }},
      {"means of 1e4, wide", [](auto& r, auto& e) { return shift(r, e, 1e4, false); }, 12, 40, false, 1e-7},
      {"means of 1e6 and an intercept", [](auto& r, auto& e) { return shift(r, e, 1e6, true); }},
      {"means of 1e6 and an intercept, wide", [](auto& r, auto& e) { return shift(r, e, 1e6, true); }, 12, 40},
      {"means of 1e6 without an intercept", [](auto& r, auto& e) { return shift(r, e, 1e6, false); }, 12, 40, false, 1e-4},
      {"columns from 1e-140 to 1e140", columns_of_any_size},
      {"columns from 1e-140 to 1e140, wide", columns_of_any_size, 12, 40},
      {"a response of 1e150", [](auto& r, auto&) { return scale_response(r, 1e150); }},
      {"a response of 1e-150", [](auto& r, auto&) { return scale_response(r, 1e-150); }},
      {"weights from 1e-10 to 1e10", weights_of_any_size},
      {"weights from 1e-10 to 1e10, wide", weights_of_any_size, 12, 40},
      {"float32", as_is, 30, 12, true},
      {"float32, means of 1e4", [](auto& r, auto& e) { return shift(r, e, 1e4, true); }, 12, 40, true},
      {"one row", as_is, 1, 12},
      {"two rows", as_is, 2, 12},
      {"one column", as_is, 30, 1},
  };
}

/// What is wrong at any of six λ, in words; empty where nothing is.
std::string complaints(const Edge& edge, std::uint64_t seed) {
  constexpr double kTolerance = 1e-6;
  RandomProblem random = random_problem(seed, edge.max_rows, edge.max_cols, {.awkward_columns = false});
  std::mt19937_64 engine(seed);
  const double size = edge.move(random, engine);
  std::vector<float> narrow;
  Problem problem = random.problem();
  if (edge.narrow) {
    random.x = random.x.cast<float>().cast<double>();
    for (const double value : random.x.reshaped()) narrow.push_back(static_cast<float>(value));
    problem.design = strided<float>(narrow.data(), random.x.rows(), random.x.cols(), 1, random.x.rows(), nullptr);
  }
  const double largest =
      lambda_grid(problem, random.penalty, {.lambdas = {}, .n_lambdas = 1, .min_ratio = {}}, Context(1)).front();
  const std::vector<double> lambdas = {2 * largest, largest, 0.5 * largest, 0.1 * largest, 1e-3 * largest, 1e-4 * largest};
  PathOptions options;
  options.tolerance = kTolerance;
  const Path path = fit_path(problem, random.penalty, lambdas, options, Context(1));
  std::string found;
  for (const PathPoint& point : path.points) {
    const Judgement truth = judge(random, point.lambda, point.intercept, dense(point, random.x.cols()));
    const double gap = point.certificate.relative_gap;
    const double rounding = 1e-12 * path.null_deviance + 1e-22 * size * size;
    const bool converged = point.status == Status::converged && gap <= kTolerance;
    const bool honest = converged || (edge.rounding > kTolerance && point.status == Status::iteration_limit && gap < 1);
    const bool gap_true = !converged || std::abs(truth.relative_gap - gap) <= edge.rounding + 0.1 * gap;
    const bool objective_true = std::abs(truth.objective - point.objective) <= 1e-9 * truth.objective + rounding;
    if (honest && gap_true && objective_true) continue;
    std::ostringstream out;
    out << "seed " << seed << " " << random.penalty.name << " at " << point.lambda / largest << " of the largest: gap "
        << gap << ", truth " << truth.relative_gap << ", objective " << point.objective << ", truth " << truth.objective
        << "\n";
    found += out.str();
  }
  return found;
}

TEST(Edges, EveryFitConvergesAndItsCertificateIsTrue) {
  for (const Edge& edge : edges()) {
    std::string found;
    for (std::uint64_t seed = 0; seed < 150; ++seed) found += complaints(edge, seed);
    EXPECT_EQ(found, "") << edge.name;
  }
}

/// Two columns that differ by 10⁻ᵈⁱᵍⁱᵗˢ, and the response by what they differ in: beyond half of float64's digits their Gram
/// takes them for one, and so would a certificate that asks it.
RandomProblem near_twins(int digits, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  RandomProblem random;
  random.x = Eigen::MatrixXd::NullaryExpr(40, 5, [&] { return normal(engine); });
  const Eigen::VectorXd own = Eigen::VectorXd::NullaryExpr(40, [&] { return normal(engine); });
  random.x.col(4) = random.x.col(0) + std::pow(10, -digits) * own;
  for (Index i = 0; i < 40; ++i) random.y.push_back(random.x(i, 1) + 0.5 * own[i] + normal(engine));
  random.standardize = seed % 2 == 0;
  random.penalty = {"l1", 1};
  return random;
}

TEST(Edges, ACertificateTellsNearTwinsApart) {
  const std::vector<double> zero = {0};
  for (int digits = 3; digits <= 13; ++digits) {
    for (const SolverKind solver : {SolverKind::automatic, SolverKind::newton, SolverKind::coordinate_descent}) {
      for (const bool from_moments : {false, true}) {
        const RandomProblem random = near_twins(digits, 3 + static_cast<std::uint64_t>(digits));
        const Problem problem = random.problem();
        const CrossMoments moments = cross_moments(problem, moments_shift(problem, Context(1)), Context(1));
        PathOptions options;
        options.solver = solver;
        options.moments = from_moments ? &moments : nullptr;
        const PathPoint point = fit_path(problem, random.penalty, zero, options, Context(1)).points.front();
        const double gap = point.certificate.relative_gap;
        const double truth = judge(random, 0, point.intercept, dense(point, 5)).relative_gap;
        EXPECT_LE(truth, 2 * gap + 1e-8) << digits << " " << static_cast<int>(solver) << from_moments;
        EXPECT_EQ(point.status == Status::converged, gap <= 1e-6);
        EXPECT_TRUE(gap <= 1e-6 || solver != SolverKind::automatic || digits > 10) << digits << from_moments;
      }
    }
  }
}

}  // namespace
}  // namespace riata
