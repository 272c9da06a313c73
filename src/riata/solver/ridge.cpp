#include "riata/solver/ridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/penalty/none.hpp"
#include "riata/solver/kernel_matrix.hpp"
#include "riata/solver/least_squares.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr Index kLeftOut = 10'000;    // where it spares a fit a row
constexpr Index kChunk = 16'000'000;  // coefficients formed at once

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::unique_ptr<RidgeRoute> iterations(const FittedProblem& fitted, const Scope& scope, Quadratic& quadratic,
                                       const RidgeOptions& options, const Context& context) {
  if (fitted.unpenalised.empty()) return std::make_unique<KrylovRidge>(fitted, scope, quadratic, options, context);
  return std::make_unique<IterativeRidge>(fitted, scope, quadratic, options.tolerance, context);
}

/// A Cholesky factor for each λ, where that takes less time than eigenvalues for all of them.
Shifts shifts(const Scope& scope, const RidgeOptions& options) {
  constexpr double kEigenvalues = 5;  // times side³: they take the time of so many multiply-adds at least
  const bool leverages = options.leave_one_out != LeaveOneOut::none, tall = scope.k() <= scope.n();
  const bool inverses = options.diagnostics || leverages;
  const auto n = static_cast<double>(scope.n()), side = static_cast<double>(std::min(scope.k(), scope.n()));
  const double cube = side * side * side, rows = leverages && tall ? n * side * side : 0.0;
  const double each = cube / 3 * (inverses ? 2 : 1) + rows;
  // With several λ every response in turn takes every factor anew.
  const Index turns = options.kernel != nullptr && options.lambdas > 1 ? options.kernel->n_responses : 1;
  const auto factors = static_cast<double>(options.lambdas * turns);
  const bool few = options.lambdas > 0 && factors * each < kEigenvalues * cube + rows;
  return {few ? options.least_lambda : 0.0, inverses};
}

/// Those that the response before has left, if any.
std::shared_ptr<ColumnFactors> factors_of_columns(const FittedProblem& fitted, const Scope& scope,
                                                  const Quadratic& quadratic, const RidgeOptions& options,
                                                  const Context& context) {
  const RowKernel* shared = options.kernel;
  if (shared != nullptr && shared->columns) return shared->columns;
  auto made = column_factors(fitted, scope, quadratic, shifts(scope, options), context);
  if (shared != nullptr && shared->n_responses > 1) shared->columns = made;
  return made;
}

std::shared_ptr<RowFactors> factors_of_rows(const FittedProblem& fitted, const Scope& scope, const RidgeOptions& options,
                                            const Context& context) {
  const RowKernel* shared = options.kernel;
  if (shared != nullptr && shared->factors) return shared->factors;
  auto made = std::make_shared<RowFactors>(fitted, scope, shifts(scope, options), shared, context);
  if (shared != nullptr && shared->n_responses > 1) shared->factors = made;
  return made;
}

std::unique_ptr<RidgeRoute> choose_route(const FittedProblem& fitted, const Scope& scope, Quadratic& quadratic,
                                         const RidgeOptions& options, const Context& context) {
  const Index n = scope.n(), k = scope.k(), side = std::min(k, fitted.rows());
  const bool fits = !context.lean || 24 * side * side <= working_memory(context, fitted.design->bytes());
  if (!fits) return iterations(fitted, scope, quadratic, options, context);
  const bool leaves_out = options.leave_one_out == LeaveOneOut::errors || options.leave_one_out == LeaveOneOut::predictions;
  const Index most = leaves_out ? kLeftOut : kMostFactorised;
  if (k <= n) {
    if (k <= most) {
      return std::make_unique<TallRidge>(fitted, scope, quadratic,
                                         factors_of_columns(fitted, scope, quadratic, options, context), context);
    }
  } else if (n <= most && fitted.rows() <= 2 * most) {
    if (leaves_out || kernel_pays(*fitted.design, k)) {
      return std::make_unique<WideRidge>(fitted, scope, factors_of_rows(fitted, scope, options, context), context);
    }
  }
  return iterations(fitted, scope, quadratic, options, context);
}

}  // namespace

/// A point whose gradient and residual have been computed elsewhere.
class RidgePathSolver::GivenQuadratic final : public Quadratic {
 public:
  explicit GivenQuadratic(const Quadratic& whole) : whole_(whole) {}
  void set(std::span<const double> gradient, std::vector<double> residual, double residual_square) {
    gradient_.assign(gradient.begin(), gradient.end());
    residual_ = std::move(residual);
    residual_square_ = residual_square;
  }
  void evaluate(State&) override {}
  std::span<const double> residual() const override { return residual_; }
  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const override {
    whole_.gram(left, right, out);
  }
  void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const override {
    whole_.image(columns, values, out);
  }

 private:
  const Quadratic& whole_;
  std::vector<double> residual_;
};

RidgePathSolver::RidgePathSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                 const RidgeOptions& options, const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      options_(options),
      certifier_(fitted, *quadratic_, context),
      scope_(fitted),
      route_(choose_route(fitted, scope_, *quadratic_, options, context)),
      exact_(route_->shares() == RidgeRoute::Shares::factors),
      given_(std::make_unique<GivenQuadratic>(*quadratic_)),
      given_certifier_(fitted, *given_, context) {}

RidgePathSolver::~RidgePathSolver() = default;

std::string_view RidgePathSolver::name() const { return route_->name(); }
std::vector<std::string> RidgePathSolver::warnings() const { return warnings_; }

Solution RidgePathSolver::zero(State& state) {
  const LeastSquares limit = least_squares(fitted_, options_.tolerance, context_);
  state.b = limit.coefficients;
  Solution solution;
  solution.status = limit.status;
  solution.degrees_of_freedom = static_cast<double>(limit.rank);
  if (const std::string warning = rank_warning(limit); !warning.empty()) warnings_.push_back(warning);
  return solution;
}

Solution RidgePathSolver::solve(double lambda, State& state) {
  last_lambda_ = lambda;
  if (options_.predictions_only && lambda > 0 && route_->predicts()) {
    if (const std::optional<Solution> told = predict_only(lambda, state)) return *told;
  }
  Point point{state, {}};
  if (lambda > 0) {
    if (point.state.b.empty()) {  // the last λ was predicted
      point.state.b.resize(at(fitted_.cols()));
      route_->solve_many({&lambda, 1}, {point.state.b.data(), fitted_.cols(), 1});
    }
    point.solution.status = route_->solve(lambda, point.state.b);
  } else {
    point.solution = zero(point.state);
  }
  if (point.solution.status != Status::interrupted) {
    judge(lambda, point.state, point.solution);
    if (options_.leave_one_out != LeaveOneOut::none && exact_ && lambda > 0) {
      const std::vector<double> zb = multiply({point.state.b.data(), fitted_.cols(), 1});
      leave_one_out({&lambda, 1}, {zb.data(), fitted_.rows(), 1}, {&point, 1});
    }
    if (exact_ && context_.interrupted()) point.solution.status = Status::interrupted;  // perhaps within a factorisation
  }
  state = std::move(point.state);
  return point.solution;
}

/// All but leave-one-out errors, from the quadratic.
void RidgePathSolver::judge(double lambda, State& state, Solution& solution) {
  quadratic_->evaluate(state);
  solution.loss = 0.5 * quadratic_->residual_square();
  solution.certificate = certifier_.certify(L2{}, lambda, state.b);
  settle(solution);
  const bool unsure = doubtful(fitted_, *quadratic_, state.b, options_.tolerance);
  if (unsure && solution.status == Status::converged) solution.status = Status::iteration_limit;
  if (lambda > 0) count(lambda, solution);
}

/// Degrees of freedom, and the error that follows from them.
void RidgePathSolver::count(double lambda, Solution& solution) {
  solution.degrees_of_freedom = route_->degrees_of_freedom(lambda);
  const double rest = 1 - (solution.degrees_of_freedom + (fitted_.intercept ? 1 : 0)) / static_cast<double>(scope_.n());
  if (rest > 1e-12) solution.gcv_error = 2 * solution.loss / (rest * rest);
}

void RidgePathSolver::settle(Solution& solution) const {
  if (solution.status == Status::converged && !(solution.certificate.relative_gap <= options_.tolerance)) {
    solution.status = Status::iteration_limit;
  }
}

/// Everything but coefficients, from the kernel; nothing where iterations have to go on.
std::optional<Solution> RidgePathSolver::predict_only(double lambda, State& state) {
  Solution solution;
  std::vector<double> zb(at(fitted_.rows()));
  const bool near = route_->predict(lambda, zb);
  if (context_.interrupted()) return Solution{Status::interrupted, {}, 0, 0, {}, {}, {}};
  if (!near) return std::nullopt;
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
  if (!exact_ && solution.status != Status::converged) return std::nullopt;
  return solution;
}

Status RidgePathSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  const bool alone = route_->shares() == RidgeRoute::Shares::nothing;
  if (alone || (route_->predicts() && options_.predictions_only)) return PathSolver::solve_path(lambdas, sink);
  const Index positive = std::ranges::count_if(lambdas, [](double l) { return l > 0; });  // they decrease
  const Index lean = working_memory(context_, fitted_.design->bytes()) / 64;
  const Index entries = context_.lean ? std::min(kChunk, lean) : kChunk;
  const Index chunk = std::clamp<Index>(entries / std::max<Index>({fitted_.rows(), fitted_.cols(), 1}), 1, 32);
  Status worst = Status::converged;
  for (Index first = 0; first < positive; first += chunk) {
    if (context_.interrupted()) return Status::interrupted;
    const Index count = std::min(chunk, positive - first);
    if (!solve_chunk(lambdas.subspan(at(first), at(count)), first, sink, worst)) return Status::interrupted;
  }
  if (positive == std::ssize(lambdas)) return worst;
  const Status rest = PathSolver::solve_path(
      lambdas.subspan(at(positive)), [&](Index k, const State& state, const Solution& solution, const LinearPredictor& eta) {
        return sink(positive + k, state, solution, eta);
      });
  return rest == Status::interrupted ? rest : worse(worst, rest);
}

/// A few λ: what needs the rows takes one multiplication by X for all of them.
bool RidgePathSolver::solve_chunk(std::span<const double> lambdas, Index first, const SolutionSink& sink, Status& worst) {
  const Index n = fitted_.rows(), p = fitted_.cols(), m = std::ssize(lambdas);
  std::vector<double> b(at(p * m)), rows;
  route_->solve_many(lambdas, {b.data(), p, m});
  if (context_.interrupted()) return false;
  const auto zb = [&]() -> ConstMatrix {
    if (rows.empty()) rows = multiply({b.data(), p, m});
    return {rows.data(), n, m};
  };
  std::vector<Point> points(at(m));
  for (Index l = 0; l < m; ++l) {
    points[at(l)].state = {{b.begin() + l * p, b.begin() + (l + 1) * p}, fitted_.response_mean};
    if (!route_->judged_together()) judge(lambdas[at(l)], points[at(l)].state, points[at(l)].solution);
  }
  if (route_->judged_together()) judge_by_rows(lambdas, zb(), points);
  for (Index l = 0; l < m && !exact_; ++l) {
    auto& [state, solution] = points[at(l)];
    if (solution.status == Status::converged) continue;
    if (!go_on(lambdas[at(l)], points[at(l)])) return false;
    if (!rows.empty()) std::ranges::copy(multiply({state.b.data(), p, 1}), rows.begin() + l * n);
  }
  if (options_.leave_one_out != LeaveOneOut::none) leave_one_out(lambdas, zb(), points);
  if (exact_ && context_.interrupted()) return false;  // perhaps within a factorisation
  std::vector<double> eta(at(n));
  for (Index l = 0; l < m; ++l) {
    const auto& [state, solution] = points[at(l)];
    worst = worse(worst, solution.status);
    const LinearPredictor predictor = [&, l]() -> std::span<const double> {
      for (std::size_t i = 0; i < eta.size(); ++i) {
        eta[i] = zb()(static_cast<Index>(i), l) + fitted_.response_mean + (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]);
      }
      return eta;
    };
    if (!sink(first + l, state, solution, predictor)) return false;
  }
  return true;
}

/// Alone from where the λ came together; false once interrupted.
bool RidgePathSolver::go_on(double lambda, Point& point) {
  point.solution = {};
  point.solution.status = route_->solve(lambda, point.state.b);
  if (point.solution.status == Status::interrupted) return false;
  judge(lambda, point.state, point.solution);
  return true;
}

/// Z B of all rows.
std::vector<double> RidgePathSolver::multiply(ConstMatrix b) const {
  std::vector<double> zb(at(fitted_.rows() * b.cols), 0.0);
  std::vector<Index> all(at(fitted_.cols()));
  std::iota(all.begin(), all.end(), Index{0});
  fitted_.design->multiply(all, b, {zb.data(), fitted_.rows(), b.cols}, {}, context_);
  return zb;
}

/// Gradients in one multiplication by X; the certificates are those of the coefficients, not of the kernel.
void RidgePathSolver::judge_by_rows(std::span<const double> lambdas, ConstMatrix zb, std::span<Point> points) {
  const Index n = fitted_.rows(), p = fitted_.cols(), m = zb.cols;
  std::vector<double> weighted(at(n * m)), gradient(at(p * m)), squares(at(m), 0.0);
  for (Index l = 0; l < m; ++l) {
    for (Index i = 0; i < n; ++i) {
      const double w = fitted_.weights[at(i)], r = fitted_.response[at(i)] - zb(i, l);
      weighted[at(i + l * n)] = w > 0 ? w * r : 0.0;
      squares[at(l)] += weighted[at(i + l * n)] * (w > 0 ? r : 0.0);
    }
  }
  fitted_.design->transpose_multiply(0, {weighted.data(), n, m}, {gradient.data(), p, m}, {}, context_);
  for (Index l = 0; l < m; ++l) {
    auto& [state, solution] = points[at(l)];
    for (const Index j : fitted_.excluded) gradient[at(j + l * p)] = 0;
    std::vector<double> residual(fitted_.response);
    for (Index i = 0; i < n; ++i) residual[at(i)] -= zb(i, l);
    given_->set({gradient.data() + l * p, at(p)}, std::move(residual), squares[at(l)]);
    solution.loss = 0.5 * squares[at(l)];
    solution.certificate = certify_rows(lambdas[at(l)], state.b, {gradient.data() + l * p, at(p)});
    settle(solution);
    if (!exact_ && doubtful(fitted_, *given_, state.b, options_.tolerance)) solution.status = Status::iteration_limit;
    count(lambdas[at(l)], solution);
  }
}

/// Where every column has a penalty the gap is Σ (vⱼ − λfⱼbⱼ)² / 2λfⱼ: at once what the certifier adds up term by term.
Certificate RidgePathSolver::certify_rows(double lambda, std::span<const double> b, std::span<const double> gradient) {
  constexpr double kRounding = 1e-13;  // above it the certifier may know better
  double gap = 0, violation = 0;
  for (std::size_t j = 0; j < b.size(); ++j) {
    const double slope = lambda * fitted_.factor[j], off = gradient[j] - slope * b[j];
    const bool counts = fitted_.norm[j] > 0;
    gap += counts ? off * (off / (2 * slope)) : 0.0;  // infinite or no number without a penalty; a square might vanish
    violation = std::max(violation, counts ? std::abs(off) : 0.0);
  }
  gap /= 0.5 * fitted_.null_deviance;
  if (!(gap <= kRounding)) return given_certifier_.certify(L2{}, lambda, b);
  return {gap, violation / (fitted_.null_gradient > 0 ? fitted_.null_gradient : 1.0)};
}

void RidgePathSolver::leave_one_out(std::span<const double> lambdas, ConstMatrix zb, std::span<Point> points) {
  const Index n = scope_.n(), m = zb.cols;
  std::vector<double> residuals(at(n * m));
  for (Index l = 0; l < m; ++l) {
    for (Index a = 0; a < n; ++a) {
      const Index i = scope_.rows[at(a)];
      residuals[at(a + l * n)] = fitted_.response[at(i)] - zb(i, l);
    }
  }
  if (!route_->left_out(lambdas, {residuals.data(), n, m})) return;
  for (Index l = 0; l < m; ++l) {
    const auto left_out = std::span<const double>(residuals).subspan(at(l * n), at(n));
    double error = 0;
    for (Index a = 0; a < n; ++a) error += fitted_.weights[at(scope_.rows[at(a)])] * left_out[at(a)] * left_out[at(a)];
    if (std::isnan(error)) continue;
    Solution& solution = points[at(l)].solution;
    solution.leave_one_out_error = error;
    if (options_.leave_one_out != LeaveOneOut::predictions) continue;
    solution.leave_one_out.assign(at(fitted_.rows()), std::numeric_limits<double>::quiet_NaN());
    for (Index a = 0; a < n; ++a) {
      const std::size_t i = at(scope_.rows[at(a)]);
      solution.leave_one_out[i] = fitted_.original_response[i] - left_out[at(a)];
    }
  }
}

void RidgePathSolver::linear_predictor(const State& state, std::span<double> eta) {
  const bool told = last_lambda_ > 0 && (exact_ || state.b.empty()) && route_->predict(last_lambda_, eta);
  if (!told) return PathSolver::linear_predictor(state, eta);
  for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += state.b0 + (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]);
}

}  // namespace riata
