#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/kernels/blas.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr double kRefined = 1e6;  // condition from which solutions are refined
constexpr int kMostRefinements = 6;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::vector<double> gram_of(const Quadratic& quadratic, const std::vector<Index>& columns) {
  const Index k = static_cast<Index>(columns.size());
  std::vector<double> gram(at(k * k));
  quadratic.gram(columns, columns, {gram.data(), k, k});
  return gram;
}

std::vector<double> factors_of(const FittedProblem& fitted, const std::vector<Index>& columns) {
  std::vector<double> factor;
  factor.reserve(columns.size());
  for (const Index j : columns) factor.push_back(fitted.factor[at(j)]);
  return factor;
}

}  // namespace

std::shared_ptr<ColumnFactors> column_factors(const FittedProblem& fitted, const Scope& scope, const Quadratic& quadratic,
                                              const Shifts& shifts, const Context& context) {
  RidgeGram gram(gram_of(quadratic, scope.columns), factors_of(fitted, scope.columns), shifts,
                 [&context] { return context.interrupted(); });
  return std::make_shared<ColumnFactors>(ColumnFactors{std::move(gram), {}, {}});
}

TallRidge::TallRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, std::shared_ptr<ColumnFactors> factors,
                     const Context& context)
    : fitted_(fitted), scope_(std::move(scope)), quadratic_(quadratic), context_(context), factors_(std::move(factors)) {
  if (context.interrupted()) return;  // nobody solves with it: a path looks first
  State start = null_state(fitted);
  quadratic.evaluate(start);
  for (const Index j : scope_.columns) c_.push_back(quadratic.gradient()[at(j)]);
}

/// Refined with fresh gradients where the eigenvalues alone would lose digits.
Status TallRidge::solve(double lambda, std::span<double> b) {
  const Index k = scope_.k();
  std::vector<double> right = c_, step(at(k));
  const int rounds = factors_->gram.condition(lambda) > kRefined ? kMostRefinements : 1;
  const double rounding = static_cast<double>(k) * std::numeric_limits<double>::epsilon() *
                          std::sqrt(factors_->gram.shifted().largest_eigenvalue() * fitted_.null_deviance);
  double last = std::numeric_limits<double>::infinity();
  State state = null_state(fitted_);
  for (int round = 0; round < rounds; ++round) {
    if (round > 0) {
      quadratic_.evaluate(state);
      for (Index a = 0; a < k; ++a) {
        const std::size_t j = at(scope_.columns[at(a)]);
        right[at(a)] = quadratic_.gradient()[j] - lambda * fitted_.factor[j] * state.b[j];
      }
    }
    factors_->gram.solve(lambda, right, step, rounding);
    double size = 0;
    for (Index a = 0; a < k; ++a) size = std::max(size, std::abs(step[at(a)]) * fitted_.norm[at(scope_.columns[at(a)])]);
    // The first refinement may be as large as the solution: in directions that nothing but λ holds, rounding decided that.
    if (!(size < (round == 1 ? 2 : 0.5) * last)) break;  // rounding is what is left
    last = size;
    for (Index a = 0; a < k; ++a) state.b[at(scope_.columns[at(a)])] += step[at(a)];
  }
  std::ranges::copy(state.b, b.begin());
  return Status::converged;
}

void TallRidge::solve_many(std::span<const double> lambdas, Matrix b) {
  for (Index l = 0; l < b.cols; ++l) (void)solve(lambdas[at(l)], b.column(l));
}

bool TallRidge::left_out(std::span<const double> lambdas, Matrix residuals) {
  if (residuals.cols > 1 && !factors_->gram.shifted().by_eigenvalues()) {  // directions of their own
    for (Index l = 0; l < residuals.cols; ++l) left_out(lambdas.subspan(at(l), 1), {&residuals(0, l), residuals.rows, 1});
    return true;
  }
  if (!std::ranges::equal(lambdas, factors_->lambdas)) {
    factors_->leverages = leverages(lambdas);
    factors_->lambdas.assign(lambdas.begin(), lambdas.end());
  }
  const std::vector<double>& leverage = factors_->leverages;
  for (Index l = 0; l < residuals.cols; ++l) {
    for (Index a = 0; a < residuals.rows; ++a) {
      const Index i = scope_.rows[at(a)];
      const double h = leverage[at(i + l * fitted_.rows())] + (fitted_.intercept ? 1 : 0);
      const double kept = 1 - fitted_.weights[at(i)] * h;
      residuals(a, l) = kept > 1e-12 ? residuals(a, l) / kept : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return true;
}

/// The squared coordinates of every row in the directions M of the hat matrix, a few directions at a time, times how much
/// each λ leaves of them.
std::vector<double> TallRidge::leverages(std::span<const double> lambdas) {
  constexpr Index kRows = 1024, kMostDirections = 128, kSmall = 2'000'000;  // entries: a small part of large data
  const Index n = fitted_.rows(), k = scope_.k(), m = std::ssize(lambdas);
  std::vector<double> out(at(n * m), 0.0);
  const std::vector<double> directions = factors_->gram.leverage_directions(lambdas.front());
  const Index total = k > 0 ? static_cast<Index>(directions.size()) / k : 0;
  const Index some = std::clamp<Index>(std::max(kSmall / std::max<Index>(n, 1), total / 8), 8, kMostDirections);
  std::vector<double> coordinates(at(n * std::min(some, total)));
  for (Index first = 0; first < total; first += some) {
    const Index count = std::min(some, total - first);
    std::vector<double> shrink(at(count * m));
    for (Index l = 0; l < m; ++l) {
      for (Index a = 0; a < count; ++a) shrink[at(a + l * count)] = factors_->gram.shrink(first + a, lambdas[at(l)]);
    }
    const Matrix part(coordinates.data(), n, count);
    std::ranges::fill(coordinates, 0.0);
    fitted_.design->multiply(scope_.columns, {directions.data() + first * k, k, count}, part, {}, context_);
    context_.for_blocks((n + kRows - 1) / kRows, [&](Index block) {
      const Index row = block * kRows, rows = std::min(kRows, n - row);
      for (Index a = 0; a < count; ++a) {
        for (double& x : part.column(a).subspan(at(row), at(rows))) x *= x;
      }
      blas::gemm(blas::Op::none, blas::Op::none, 1.0, {&part(row, 0), rows, count, n}, {shrink.data(), count, m}, 1.0,
                 {out.data() + row, rows, m, n});
    });
  }
  return out;
}

}  // namespace riata
