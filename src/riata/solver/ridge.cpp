#include "riata/solver/ridge.hpp"

#include <algorithm>
#include <cmath>

#include "riata/kernels/blas.hpp"
#include "riata/penalty/none.hpp"
#include "riata/solver/least_squares.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr Index kDirect = 3000;        // the smaller side up to which eigenvalues are affordable
constexpr double kLeverageSize = 1e7;  // rows × columns up to which the tall route gives leverages

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

std::unique_ptr<RidgeRoute> choose_route(const FittedProblem& fitted, const Scope& scope, Quadratic& quadratic,
                                         double tolerance, const Context& context) {
  const Index n = scope.n(), k = scope.k();
  if (k <= n) {
    if (k <= kDirect) return std::make_unique<TallRidge>(fitted, scope, quadratic, context);
  } else if (n <= kDirect && fitted.rows() <= 2 * kDirect) {
    // The kernel takes rows²·k multiply-adds, an iteration four for each stored entry; some hundreds are common.
    const auto rows = static_cast<double>(fitted.rows());
    const double iterating = 4.0 * static_cast<double>(fitted.design->stored()) * 2000.0;
    if (rows * rows * static_cast<double>(k) <= iterating) {
      return std::make_unique<WideRidge>(fitted, scope, context);
    }
  }
  return std::make_unique<IterativeRidge>(fitted, scope, quadratic, tolerance, context);
}

}  // namespace

RidgePathSolver::RidgePathSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                 const RidgeOptions& options, const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      options_(options),
      certifier_(fitted, *quadratic_),
      scope_(fitted),
      route_(choose_route(fitted, scope_, *quadratic_, options.tolerance, context)) {}

RidgePathSolver::~RidgePathSolver() = default;

std::string_view RidgePathSolver::name() const { return route_->name(); }
std::vector<std::string> RidgePathSolver::warnings() const { return warnings_; }

Solution RidgePathSolver::solve(double lambda, State& state) {
  last_lambda_ = lambda;
  Solution solution;
  if (lambda > 0) {
    solution.status = route_->solve(lambda, state.b);
    if (solution.status == Status::interrupted) return solution;
    solution.degrees_of_freedom = route_->degrees_of_freedom(lambda);
  } else {
    const LeastSquares limit = least_squares(fitted_, options_.tolerance, context_);
    state.b = limit.coefficients;
    solution.status = limit.status;
    solution.degrees_of_freedom = static_cast<double>(limit.rank);
    if (const std::string warning = rank_warning(limit); !warning.empty()) warnings_.push_back(warning);
  }
  quadratic_->evaluate(state);
  solution.loss = 0.5 * quadratic_->residual_square();
  solution.certificate = certifier_.certify(L2{}, lambda, state.b);
  if (solution.status == Status::converged && solution.certificate.relative_gap > options_.tolerance) {
    solution.status = Status::iteration_limit;
  }
  if (lambda > 0) diagnose(lambda, state, solution);
  return solution;
}

void RidgePathSolver::diagnose(double lambda, const State& state, Solution& solution) {
  if (std::isnan(solution.degrees_of_freedom)) return;
  const double rest = 1 - (solution.degrees_of_freedom + (fitted_.intercept ? 1 : 0)) / static_cast<double>(scope_.n());
  if (rest > 1e-12) solution.gcv_error = quadratic_->residual_square() / (rest * rest);
  if (!options_.diagnostics) return;
  const std::vector<double> leverage = route_->leverages(lambda);
  if (leverage.empty()) return;
  std::vector<double> eta(at(fitted_.rows()));
  linear_predictor(state, eta);
  double error = 0;
  for (Index a = 0; a < scope_.n(); ++a) {
    const std::size_t i = at(scope_.rows[at(a)]);
    const double kept = 1 - leverage[at(a)];
    if (!(kept > 1e-12)) return;  // the row determines its own prediction
    const double fit = eta[i] - (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]) - fitted_.response_mean;
    const double left_out = (fitted_.response[i] - fit) / kept;
    error += fitted_.weights[i] * left_out * left_out;
  }
  solution.leave_one_out_error = error;
}

void RidgePathSolver::linear_predictor(const State& state, std::span<double> eta) {
  if (last_lambda_ == 0 || !route_->predict(last_lambda_, eta)) return PathSolver::linear_predictor(state, eta);
  for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += state.b0 + (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]);
}

TallRidge::TallRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, const Context& context)
    : fitted_(fitted),
      scope_(std::move(scope)),
      quadratic_(quadratic),
      context_(context),
      gram_(gram_of(quadratic, scope_.columns), factors_of(fitted, scope_.columns)) {
  State start = null_state(fitted);
  quadratic.evaluate(start);
  for (const Index j : scope_.columns) c_.push_back(quadratic.gradient()[at(j)]);
}

/// Refined with fresh gradients where the eigenvalues alone would lose digits.
Status TallRidge::solve(double lambda, std::span<double> b) {
  const Index k = scope_.k();
  std::vector<double> right = c_, step(at(k));
  const double condition = (gram_.largest_eigenvalue() + lambda) / (gram_.smallest_eigenvalue() + lambda);
  State state = null_state(fitted_);
  for (int round = 0; round < (condition > 1e6 ? 3 : 1); ++round) {
    if (round > 0) {
      quadratic_.evaluate(state);
      for (Index a = 0; a < k; ++a) {
        const std::size_t j = at(scope_.columns[at(a)]);
        right[at(a)] = quadratic_.gradient()[j] - lambda * fitted_.factor[j] * state.b[j];
      }
    }
    gram_.solve(lambda, right, step);
    for (Index a = 0; a < k; ++a) state.b[at(scope_.columns[at(a)])] += step[at(a)];
  }
  std::ranges::copy(state.b, b.begin());
  return Status::converged;
}

std::vector<double> TallRidge::leverages(double lambda) {
  const Index n = fitted_.rows(), k = scope_.k();
  if (static_cast<double>(n) * static_cast<double>(k) > kLeverageSize) return {};
  if (squares_.empty() && k > 0) {
    const std::vector<double> m = gram_.leverage_directions();
    directions_ = static_cast<Index>(m.size()) / k;
    squares_.assign(at(n * directions_), 0.0);
    fitted_.design->multiply(scope_.columns, {m.data(), k, directions_}, {squares_.data(), n, directions_}, {}, context_);
    for (double& x : squares_) x *= x;
  }
  std::vector<double> all(at(n), 0.0), out;
  if (directions_ > 0) {
    std::vector<double> shrink(at(directions_));
    for (Index a = 0; a < directions_; ++a) shrink[at(a)] = gram_.shrink(a, lambda);
    blas::gemv(blas::Op::none, 1.0, {squares_.data(), n, directions_}, shrink, 0.0, all);
  }
  for (const Index i : scope_.rows) out.push_back(fitted_.weights[at(i)] * (all[at(i)] + (fitted_.intercept ? 1 : 0)));
  return out;
}

}  // namespace riata
