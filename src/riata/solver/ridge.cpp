#include "riata/solver/ridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/penalty/none.hpp"
#include "riata/solver/least_squares.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr Index kDirect = 3000;       // the smaller side up to which eigenvalues are affordable
constexpr Index kChunk = 16'000'000;  // coefficients formed at once
constexpr double kRefined = 1e6;      // condition from which solutions are refined
constexpr int kMostRefinements = 6;
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
  const Index n = scope.n(), k = scope.k(), side = std::min(k, fitted.rows());
  const bool fits = !context.lean || 24 * side * side <= working_memory(context, fitted.design->bytes());
  if (!fits) return std::make_unique<IterativeRidge>(fitted, scope, quadratic, tolerance, context);
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

/// A point whose gradient has been computed elsewhere.
class RidgePathSolver::GivenQuadratic final : public Quadratic {
 public:
  explicit GivenQuadratic(const Quadratic& whole) : whole_(whole) {}
  void set(std::span<const double> gradient, double residual_square) {
    gradient_.assign(gradient.begin(), gradient.end());
    residual_square_ = residual_square;
  }
  void evaluate(State&) override {}
  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const override {
    whole_.gram(left, right, out);
  }
  void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const override {
    whole_.image(columns, values, out);
  }

 private:
  const Quadratic& whole_;
};

RidgePathSolver::RidgePathSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                 const RidgeOptions& options, const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      options_(options),
      certifier_(fitted, *quadratic_),
      scope_(fitted),
      route_(choose_route(fitted, scope_, *quadratic_, options.tolerance, context)),
      wide_(dynamic_cast<const WideRidge*>(route_.get()) != nullptr),
      given_(std::make_unique<GivenQuadratic>(*quadratic_)),
      given_certifier_(fitted, *given_) {}

RidgePathSolver::~RidgePathSolver() = default;

std::string_view RidgePathSolver::name() const { return route_->name(); }
std::vector<std::string> RidgePathSolver::warnings() const { return warnings_; }

Solution RidgePathSolver::solve(double lambda, State& state) {
  last_lambda_ = lambda;
  if (options_.predictions_only && lambda > 0 && wide_) return predict_only(lambda, state);
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
  settle(solution);
  const bool unsure = doubtful(fitted_, *quadratic_, state.b, options_.tolerance);
  if (unsure && solution.status == Status::converged) solution.status = Status::iteration_limit;
  std::vector<double> eta(at(fitted_.rows()));
  const LinearPredictor predictor = [&]() -> std::span<const double> {
    linear_predictor(state, eta);
    return eta;
  };
  diagnose(lambda, predictor, solution);
  return solution;
}

void RidgePathSolver::settle(Solution& solution) const {
  if (solution.status == Status::converged && !(solution.certificate.relative_gap <= options_.tolerance)) {
    solution.status = Status::iteration_limit;
  }
}

/// Everything but coefficients, from the kernel.
Solution RidgePathSolver::predict_only(double lambda, State& state) {
  Solution solution;
  std::vector<double> zb(at(fitted_.rows()));
  route_->predict(lambda, zb);
  state.b.clear();
  state.b0 = fitted_.response_mean;
  for (const Index i : scope_.rows) {
    const double r = fitted_.response[at(i)] - zb[at(i)];
    solution.loss += 0.5 * fitted_.weights[at(i)] * r * r;
  }
  const double scale = 0.5 * fitted_.null_deviance;
  solution.certificate = {scale > 0 ? route_->gap(lambda) / scale : 0.0, std::numeric_limits<double>::quiet_NaN()};
  solution.degrees_of_freedom = route_->degrees_of_freedom(lambda);
  settle(solution);
  return solution;
}

Status RidgePathSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  if (!wide_ || options_.predictions_only) return PathSolver::solve_path(lambdas, sink);
  const Index positive = std::ranges::count_if(lambdas, [](double l) { return l > 0; });  // they decrease
  const Index lean = working_memory(context_, fitted_.design->bytes()) / 64;
  const Index entries = context_.lean ? std::min(kChunk, lean) : kChunk;
  const Index chunk = std::clamp<Index>(entries / std::max<Index>(fitted_.cols(), 1), 1, 32);
  Status worst = Status::converged;
  for (Index first = 0; first < positive; first += chunk) {
    if (context_.interrupted()) return Status::interrupted;
    const Index count = std::min(chunk, positive - first);
    if (!solve_chunk(lambdas.subspan(at(first), at(count)), first, sink, worst)) return Status::interrupted;
  }
  for (Index k = positive; k < std::ssize(lambdas); ++k) {
    if (context_.interrupted()) return Status::interrupted;
    State state = null_state(fitted_);
    const Solution solution = solve(0.0, state);
    worst = worse(worst, solution.status);
    std::vector<double> eta(at(fitted_.rows()));
    const LinearPredictor predictor = [&]() -> std::span<const double> {
      linear_predictor(state, eta);
      return eta;
    };
    if (!sink(k, state, solution, predictor)) return Status::interrupted;
  }
  return worst;
}

/// Coefficients, residuals and gradients of a few λ, in one multiplication by X each; the certificates are those of the
/// coefficients, not of the kernel.
bool RidgePathSolver::solve_chunk(std::span<const double> lambdas, Index first, const SolutionSink& sink, Status& worst) {
  const Index n = fitted_.rows(), p = fitted_.cols(), m = std::ssize(lambdas);
  std::vector<double> b(at(p * m)), eta(at(n * m), 0.0), weighted(at(n * m)), gradient(at(p * m));
  route_->solve_many(lambdas, {b.data(), p, m});
  std::vector<Index> all(at(p));
  std::iota(all.begin(), all.end(), Index{0});
  fitted_.design->multiply(all, {b.data(), p, m}, {eta.data(), n, m}, {}, context_);
  std::vector<double> squares(at(m), 0.0);
  for (Index l = 0; l < m; ++l) {
    for (Index i = 0; i < n; ++i) {
      const double r = fitted_.response[at(i)] - eta[at(i + l * n)], w = fitted_.weights[at(i)];
      weighted[at(i + l * n)] = w > 0 ? w * r : 0.0;
      squares[at(l)] += weighted[at(i + l * n)] * (w > 0 ? r : 0.0);
      eta[at(i + l * n)] += fitted_.response_mean + (fitted_.offset.empty() ? 0.0 : fitted_.offset[at(i)]);
    }
  }
  fitted_.design->transpose_multiply(0, {weighted.data(), n, m}, {gradient.data(), p, m}, {}, context_);

  for (Index l = 0; l < m; ++l) {
    const double lambda = lambdas[at(l)];
    for (const Index j : fitted_.excluded) gradient[at(j + l * p)] = 0;
    const State state{{b.begin() + l * p, b.begin() + (l + 1) * p}, fitted_.response_mean};
    given_->set({gradient.data() + l * p, at(p)}, squares[at(l)]);
    Solution solution;
    solution.loss = 0.5 * squares[at(l)];
    solution.degrees_of_freedom = route_->degrees_of_freedom(lambda);
    solution.certificate = given_certifier_.certify(L2{}, lambda, state.b);
    settle(solution);
    worst = worse(worst, solution.status);
    const LinearPredictor predictor = [&]() -> std::span<const double> { return {eta.data() + l * n, at(n)}; };
    diagnose(lambda, predictor, solution);
    if (!sink(first + l, state, solution, predictor)) return false;
  }
  return true;
}

void RidgePathSolver::diagnose(double lambda, const LinearPredictor& eta, Solution& solution) {
  if (lambda == 0 || std::isnan(solution.degrees_of_freedom)) return;
  const double rest = 1 - (solution.degrees_of_freedom + (fitted_.intercept ? 1 : 0)) / static_cast<double>(scope_.n());
  if (rest > 1e-12) solution.gcv_error = 2 * solution.loss / (rest * rest);
  if (!options_.diagnostics) return;
  const auto offset = [&](std::size_t i) { return fitted_.offset.empty() ? 0.0 : fitted_.offset[i]; };
  const std::vector<double> left_out = route_->left_out(lambda, [&] {
    const std::span<const double> prediction = eta();
    std::vector<double> residual;
    for (const Index row : scope_.rows) {
      const std::size_t i = at(row);
      residual.push_back(fitted_.response[i] - (prediction[i] - offset(i) - fitted_.response_mean));
    }
    return residual;
  });
  if (left_out.empty()) return;
  std::vector<double> predictions;
  if (options_.leave_one_out) predictions.assign(at(fitted_.rows()), std::numeric_limits<double>::quiet_NaN());
  double error = 0;
  for (Index a = 0; a < scope_.n(); ++a) {
    const std::size_t i = at(scope_.rows[at(a)]);
    error += fitted_.weights[i] * left_out[at(a)] * left_out[at(a)];
    if (options_.leave_one_out) predictions[i] = fitted_.response[i] + fitted_.response_mean + offset(i) - left_out[at(a)];
  }
  solution.leave_one_out_error = error;
  solution.leave_one_out = std::move(predictions);
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
  const int rounds = gram_.condition(lambda) > kRefined ? kMostRefinements : 1;
  const double rounding = static_cast<double>(k) * std::numeric_limits<double>::epsilon() *
                          std::sqrt(gram_.largest_eigenvalue() * fitted_.null_deviance);
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
    gram_.solve(lambda, right, step, rounding);
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

std::vector<double> TallRidge::left_out(double lambda, const Residual& residual) {
  const std::vector<double> leverage = leverages(lambda);
  if (leverage.empty()) return {};
  std::vector<double> out = residual();
  for (std::size_t a = 0; a < out.size(); ++a) {
    const double kept = 1 - leverage[a];
    if (!(kept > 1e-12)) return {};  // the row determines its own prediction
    out[a] /= kept;
  }
  return out;
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
