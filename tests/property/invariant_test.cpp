#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "random_problem.hpp"
#include "riata/design/make_design.hpp"

namespace riata {
namespace {

constexpr double kAgreement = 1e-12;
constexpr Ingredients kPlain{.awkward_columns = false, .bounds = true, .factors = true};

RandomProblem drawn(Index max_rows, Index max_cols) {
  RandomProblem random =
      random_problem(*rc::gen::noShrink(rc::gen::inRange<std::uint64_t>(0, 1000000000)), max_rows, max_cols, kPlain);
  RC_PRE(random.x.rows() >= 3);
  return random;
}

/// The first columns alone; a problem with fewer columns than rows has one solution.
RandomProblem narrow(RandomProblem random) {
  const Index n = random.weights.empty()
                      ? random.x.rows()
                      : static_cast<Index>(std::ranges::count_if(random.weights, [](double w) { return w > 0; }));
  const Index p = std::min<Index>(random.x.cols(), (n - 1) / 2);
  random.x = random.x.leftCols(std::max<Index>(p, 0)).eval();
  const auto cut = [&](std::vector<double>& values) {
    values.resize(values.empty() ? 0 : static_cast<std::size_t>(random.x.cols()));
  };
  cut(random.factor);
  cut(random.lower);
  cut(random.upper);
  return random;
}

std::vector<double> grid(const RandomProblem& random) {
  GridSpec spec;
  spec.n_lambdas = 6;
  spec.min_ratio = 0.01;
  return lambda_grid(random.problem(), random.penalty, spec, Context(1));
}

PathOptions tight(SolverKind solver = SolverKind::automatic) {
  PathOptions options;
  options.tolerance = 1e-12;
  options.solver = solver;
  return options;
}

Path fit(const RandomProblem& random, std::span<const double> lambdas, const PathOptions& options = tight(),
         const Context& context = Context(1)) {
  return fit_path(random.problem(), random.penalty, lambdas, options, context);
}

/// Coefficients and intercept agree, relative to the largest coefficient.
void same(const Path& a, const Path& b, Index p, double tolerance = kAgreement) {
  RC_ASSERT(a.points.size() == b.points.size());
  for (std::size_t k = 0; k < a.points.size(); ++k) {
    const Eigen::VectorXd left = dense(a.points[k], p), right = dense(b.points[k], p);
    const double size = 1.0 + (p > 0 ? left.lpNorm<Eigen::Infinity>() : 0.0);
    RC_LOG() << "lambda " << a.points[k].lambda << "\n  " << left.transpose() << "\n  " << right.transpose() << "\n";
    if (p > 0) RC_ASSERT((left - right).lpNorm<Eigen::Infinity>() <= tolerance * size);
    RC_ASSERT(std::abs(a.points[k].intercept - b.points[k].intercept) <= 10 * tolerance * size);
  }
}

RC_GTEST_PROP(Invariant, CoordinateDescentIsTheChosenSolver, ()) {
  const RandomProblem random = narrow(drawn(40, 10));
  const std::vector<double> lambdas = grid(random);
  same(fit(random, lambdas), fit(random, lambdas, tight(SolverKind::coordinate_descent)), random.x.cols());
}

RC_GTEST_PROP(Invariant, GramIsResidual, ()) {
  const RandomProblem random = narrow(drawn(40, 10));
  const std::vector<double> lambdas = grid(random);
  const CrossMoments moments = cross_moments(random.problem(), moments_shift(random.problem(), Context(1)), Context(1));
  PathOptions from_moments = tight();
  from_moments.moments = &moments;
  same(fit(random, lambdas), fit(random, lambdas, from_moments), random.x.cols());
}

RC_GTEST_PROP(Invariant, ColumnsMayBePermuted, ()) {
  const RandomProblem random = narrow(drawn(40, 10));
  const Index p = random.x.cols();
  RandomProblem permuted = random;
  for (Index j = 0; j < p; ++j) {
    const auto from = static_cast<std::size_t>(p - 1 - j), to = static_cast<std::size_t>(j);
    permuted.x.col(j) = random.x.col(p - 1 - j);
    if (!random.factor.empty()) permuted.factor[to] = random.factor[from];
    if (!random.lower.empty()) permuted.lower[to] = random.lower[from];
    if (!random.upper.empty()) permuted.upper[to] = random.upper[from];
  }
  const std::vector<double> lambdas = grid(random);
  const Path a = fit(random, lambdas);
  const Path b = fit(permuted, lambdas);
  for (std::size_t k = 0; k < a.points.size() && p > 0; ++k) {
    const Eigen::VectorXd left = dense(a.points[k], p), right = dense(b.points[k], p).reverse();
    RC_ASSERT((left - right).lpNorm<Eigen::Infinity>() <= kAgreement * (1.0 + left.lpNorm<Eigen::Infinity>()));
  }
}

RC_GTEST_PROP(Invariant, RowsMayBePermuted, ()) {
  const RandomProblem random = narrow(drawn(40, 10));
  RandomProblem permuted = random;
  permuted.x = random.x.colwise().reverse().eval();
  std::ranges::reverse(permuted.y);
  std::ranges::reverse(permuted.weights);
  std::ranges::reverse(permuted.offset);
  const std::vector<double> lambdas = grid(random);
  same(fit(random, lambdas), fit(permuted, lambdas), random.x.cols());
}

RC_GTEST_PROP(Invariant, UnitsDoNotMatterWhenStandardised, ()) {
  RandomProblem random = narrow(drawn(40, 10));
  random.standardize = true;
  random.lower.clear();
  random.upper.clear();
  RandomProblem scaled = random;
  const Index p = random.x.cols();
  Eigen::VectorXd units(p);
  for (Index j = 0; j < p; ++j) units[j] = std::pow(10.0, 3.0 * std::sin(static_cast<double>(j)));
  scaled.x = random.x * units.asDiagonal();
  const std::vector<double> lambdas = grid(random);
  const Path a = fit(random, lambdas), b = fit(scaled, lambdas);
  for (std::size_t k = 0; k < a.points.size() && p > 0; ++k) {
    const Eigen::VectorXd left = dense(a.points[k], p), right = units.cwiseProduct(dense(b.points[k], p));
    RC_ASSERT((left - right).lpNorm<Eigen::Infinity>() <= kAgreement * (1.0 + left.lpNorm<Eigen::Infinity>()));
  }
}

RC_GTEST_PROP(Invariant, WeightZeroIsNoRowAndWeightTwoIsTwoRows, ()) {
  RandomProblem random = drawn(40, 10);
  const Index n = random.x.rows();
  random.weights.resize(static_cast<std::size_t>(n));
  std::vector<Index> rows;
  for (Index i = 0; i < n; ++i) {
    random.weights[static_cast<std::size_t>(i)] = static_cast<double>((i + 1) % 3);  // 1, 2, 0, …
    for (Index copy = 0; copy < (i + 1) % 3; ++copy) rows.push_back(i);
  }
  random = narrow(random);
  RandomProblem repeated = random;
  repeated.weights.clear();
  repeated.x = random.x(rows, Eigen::all);
  repeated.y.clear();
  repeated.offset.clear();
  for (const Index row : rows) {
    repeated.y.push_back(random.y[static_cast<std::size_t>(row)]);
    if (!random.offset.empty()) repeated.offset.push_back(random.offset[static_cast<std::size_t>(row)]);
  }
  const std::vector<double> lambdas = grid(random);
  same(fit(random, lambdas), fit(repeated, lambdas), random.x.cols());
}

RC_GTEST_PROP(Invariant, WarmIsCold, ()) {
  const RandomProblem random = narrow(drawn(40, 10));
  const std::vector<double> lambdas = grid(random);
  for (const SolverKind solver : {SolverKind::automatic, SolverKind::coordinate_descent}) {
    Path warm = fit(random, lambdas, tight(solver));
    warm.points = {warm.points.back()};
    same(warm, fit(random, std::span(lambdas).last(1), tight(solver)), random.x.cols());
  }
}

RC_GTEST_PROP(Invariant, TwiceTheColumnsAtHalfLambdaIsTheSameFit, ()) {
  RandomProblem random = narrow(drawn(40, 8));
  random.lower.clear();
  random.upper.clear();
  random.factor.clear();
  random.penalty.name = "l1";
  RandomProblem doubled = random;
  doubled.x.resize(random.x.rows(), 2 * random.x.cols());
  doubled.x << 0.5 * random.x, 0.5 * random.x;
  doubled.standardize = random.standardize = false;
  std::vector<double> lambdas = grid(random);
  const Path once = fit(random, lambdas);
  for (double& lambda : lambdas) lambda *= 0.5;
  for (const SolverKind solver : {SolverKind::automatic, SolverKind::coordinate_descent}) {
    const Path twice = fit(doubled, lambdas, tight(solver));
    const Index p = random.x.cols();
    for (std::size_t k = 0; k < once.points.size() && p > 0; ++k) {
      const Eigen::VectorXd both = dense(twice.points[k], 2 * p);
      const Eigen::VectorXd sum = 0.5 * (both.head(p) + both.tail(p)), single = dense(once.points[k], p);
      RC_ASSERT((sum - single).lpNorm<Eigen::Infinity>() <= kAgreement * (1.0 + single.lpNorm<Eigen::Infinity>()));
    }
  }
}

RC_GTEST_PROP(Invariant, SparseIsDense, ()) {
  RandomProblem random = narrow(drawn(40, 10));
  const Index n = random.x.rows(), p = random.x.cols();
  random.x = (random.x.array().abs() > 0.8).select(random.x, 0.0);
  const Eigen::MatrixXd centred = random.x.rowwise() - random.x.colwise().mean();
  if (p > 0 && Eigen::ColPivHouseholderQR<Eigen::MatrixXd>(centred).rank() < p) RC_DISCARD("several minima");
  std::vector<std::int64_t> starts{0}, rows;
  std::vector<double> values;
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < n; ++i) {
      if (random.x(i, j) == 0.0) continue;
      rows.push_back(i);
      values.push_back(random.x(i, j));
    }
    starts.push_back(static_cast<std::int64_t>(rows.size()));
  }
  const std::vector<double> lambdas = grid(random);
  Problem sparse = random.problem();
  sparse.design = sparse_columns<double, std::int64_t>(n, p, starts.data(), rows.data(), values.data(), nullptr);
  same(fit(random, lambdas), fit_path(sparse, random.penalty, lambdas, tight(), Context(1)), p);
}

RC_GTEST_PROP(Invariant, FloatIsDoubleWhereItHoldsTheNumbers, ()) {
  RandomProblem random = narrow(drawn(40, 10));
  const Eigen::MatrixXf narrow_x = random.x.cast<float>();
  random.x = narrow_x.cast<double>();
  const std::vector<double> lambdas = grid(random);
  Problem single = random.problem();
  single.design = strided<float>(narrow_x.data(), narrow_x.rows(), narrow_x.cols(), 1, narrow_x.rows(), nullptr);
  same(fit(random, lambdas), fit_path(single, random.penalty, lambdas, tight(), Context(1)), random.x.cols());
}

RC_GTEST_PROP(Invariant, ThreadsDoNotChangeABit, ()) {
  const RandomProblem random = drawn(300, 60);
  const std::vector<double> lambdas = grid(random);
  for (const SolverKind solver : {SolverKind::automatic, SolverKind::coordinate_descent}) {
    const Path one = fit(random, lambdas, tight(solver), Context(1));
    for (const int threads : {2, 3}) {
      const Path more = fit(random, lambdas, tight(solver), Context(threads));
      RC_ASSERT(one.points.size() == more.points.size());
      for (std::size_t k = 0; k < one.points.size(); ++k) {
        RC_ASSERT(one.points[k].intercept == more.points[k].intercept);
        RC_ASSERT(one.points[k].coefficients.indices == more.points[k].coefficients.indices);
        RC_ASSERT(one.points[k].coefficients.values == more.points[k].coefficients.values);
        RC_ASSERT(one.points[k].certificate.relative_gap == more.points[k].certificate.relative_gap);
      }
    }
  }
}

}  // namespace
}  // namespace riata
