#include "riata/solver/ridge.hpp"

#include <algorithm>
#include <cmath>

#include "riata/kernels/blas.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr Index kDirect = 3000;        // the smaller side up to which eigenvalues are affordable
constexpr double kLeverageSize = 2e7;  // entries kept for leave-one-out

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::vector<double> gram_of(const FittedProblem& fitted, const std::vector<Index>& columns, const Context& context) {
  const Index k = static_cast<Index>(columns.size());
  std::vector<double> gram(at(k * k));
  fitted.design->gram(columns, columns, fitted.weights, {gram.data(), k, k}, {}, context);
  return gram;
}

std::vector<double> factors_of(const FittedProblem& fitted, const std::vector<Index>& columns) {
  std::vector<double> factor;
  factor.reserve(columns.size());
  for (const Index j : columns) factor.push_back(fitted.factor[at(j)]);
  return factor;
}

}  // namespace

RidgeDiagnostics ridge_diagnostics(const FittedProblem& fitted, const Scope& scope, double degrees_of_freedom,
                                   std::span<const double> residual, std::span<const double> leverage) {
  RidgeDiagnostics out;
  out.degrees_of_freedom = degrees_of_freedom;
  double squares = 0, left_out = 0;
  bool determined = !leverage.empty();
  for (const Index i : scope.rows) {
    const double w = fitted.weights[at(i)], r = residual[at(i)];
    squares += w * r * r;
    if (!determined) continue;
    const double rest = 1 - leverage[at(i)];
    determined = rest > 1e-12;
    if (determined) left_out += w * (r / rest) * (r / rest);
  }
  if (determined) out.leave_one_out_error = left_out;
  const double rest = 1 - (degrees_of_freedom + (fitted.intercept ? 1 : 0)) / static_cast<double>(scope.rows.size());
  if (rest > 1e-12) out.gcv_error = squares / (rest * rest);
  return out;
}

TallRidge::TallRidge(const FittedProblem& fitted, Scope scope, const Context& context)
    : fitted_(fitted),
      scope_(std::move(scope)),
      context_(context),
      gram_(gram_of(fitted, scope_.columns, context), factors_of(fitted, scope_.columns)) {
  std::vector<double> weighted(fitted.response.size());
  for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i] = fitted.weights[i] * fitted.response[i];
  c_ = right_side(weighted);
}

std::vector<double> TallRidge::right_side(std::span<const double> weighted) const {
  std::vector<double> all(at(fitted_.cols())), out;
  fitted_.design->transpose_multiply(0, {weighted.data(), fitted_.rows(), 1}, {all.data(), fitted_.cols(), 1}, {}, context_);
  for (const Index j : scope_.columns) out.push_back(all[at(j)]);
  return out;
}

/// One refinement with residuals from the data where the Gram alone would lose digits.
Status TallRidge::solve(double lambda, std::span<double> b) {
  const Index k = gram_.columns(), n = fitted_.rows();
  std::vector<double> solution(at(k)), step(at(k));
  gram_.solve(lambda, c_, solution);
  const double condition = (gram_.largest_eigenvalue() + lambda) / (gram_.smallest_eigenvalue() + lambda);
  for (int round = 0; round < 2 && condition > 1e6; ++round) {
    std::vector<double> residual(at(n), 0.0);
    fitted_.design->multiply(scope_.columns, {solution.data(), k, 1}, {residual.data(), n, 1}, {}, context_);
    for (std::size_t i = 0; i < residual.size(); ++i) {
      residual[i] = fitted_.weights[i] * (fitted_.response[i] - residual[i]);
    }
    std::vector<double> right = right_side(residual);
    for (Index a = 0; a < k; ++a) right[at(a)] -= lambda * fitted_.factor[at(scope_.columns[at(a)])] * solution[at(a)];
    gram_.solve(lambda, right, step);
    for (Index a = 0; a < k; ++a) solution[at(a)] += step[at(a)];
  }
  std::fill(b.begin(), b.end(), 0.0);
  for (Index a = 0; a < k; ++a) b[at(scope_.columns[at(a)])] = solution[at(a)];
  return Status::converged;
}

bool TallRidge::predict(double, std::span<double>) const { return false; }

RidgeDiagnostics TallRidge::diagnose(double lambda, std::span<const double> residual) const {
  const Index n = fitted_.rows(), k = gram_.columns();
  if (directions_ == 0 && k > 0 && static_cast<double>(n) * static_cast<double>(k) <= kLeverageSize) {
    const std::vector<double> m = gram_.leverage_directions();
    directions_ = static_cast<Index>(m.size()) / k;
    squares_.assign(at(n * directions_), 0.0);
    fitted_.design->multiply(scope_.columns, {m.data(), k, directions_}, {squares_.data(), n, directions_}, {}, context_);
    for (double& x : squares_) x *= x;
  }
  std::vector<double> leverage;
  if (!squares_.empty() || k == 0) {
    leverage.assign(at(n), 0.0);
    if (k > 0) {
      std::vector<double> shrink(at(directions_));
      for (Index a = 0; a < directions_; ++a) shrink[at(a)] = gram_.shrink(a, lambda);
      blas::gemv(blas::Op::none, 1.0, {squares_.data(), n, directions_}, shrink, 0.0, leverage);
    }
    for (std::size_t i = 0; i < leverage.size(); ++i) {
      leverage[i] = fitted_.weights[i] * (leverage[i] + (fitted_.intercept ? 1 : 0));
    }
  }
  return ridge_diagnostics(fitted_, scope_, gram_.degrees_of_freedom(lambda), residual, leverage);
}

std::unique_ptr<RidgeSolver> make_ridge_solver(const FittedProblem& fitted, double tolerance, const Context& context) {
  Scope scope(fitted);
  const Index n = scope.n(), k = scope.k();
  if (k <= n) {
    if (k <= kDirect) return std::make_unique<TallRidge>(fitted, std::move(scope), context);
  } else if (n <= kDirect && fitted.rows() <= 2 * kDirect) {
    // The kernel takes n²k multiply-adds, an iteration four for each stored entry; some hundreds are common.
    const double kernel = static_cast<double>(fitted.rows()) * static_cast<double>(fitted.rows()) * static_cast<double>(k);
    const double iterating = 4.0 * static_cast<double>(fitted.design->stored()) * 2000.0;
    if (kernel <= iterating) return std::make_unique<WideRidge>(fitted, std::move(scope), context);
  }
  return std::make_unique<IterativeRidge>(fitted, std::move(scope), tolerance, context);
}

}  // namespace riata
