#include "riata/solver/newton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "riata/solver/active_set.hpp"
#include "riata/solver/look_ahead.hpp"

namespace riata {
namespace {

/// A point whose gradient and residual square are known already, with the Gram blocks of another quadratic.
class KnownPoint final : public Quadratic {
 public:
  explicit KnownPoint(const Quadratic& base) : base_(base) {}

  void set(std::span<const double> gradient, double residual_square) {
    gradient_.assign(gradient.begin(), gradient.end());
    residual_square_ = residual_square;
  }
  void evaluate(State&) override {}
  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const override {
    base_.gram(left, right, out);
  }
  void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const override {
    base_.image(columns, values, out);
  }

 private:
  const Quadratic& base_;
};

/// The active set's view of a quadratic that can be evaluated anywhere at little cost.
class Evaluated final : public ActiveQuadratic {
 public:
  Evaluated(Quadratic& base, State& state) : base_(base), state_(state) { base_.evaluate(state_); }

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) override { base_.gram(left, right, out); }
  void move(std::span<const Index> columns, std::span<const double> values, std::span<const double>) override {
    for (std::size_t k = 0; k < columns.size(); ++k) state_.b[static_cast<std::size_t>(columns[k])] = values[k];
    base_.evaluate(state_);
  }
  void gradient(std::span<const Index> columns, std::span<double> out) override {
    for (std::size_t k = 0; k < columns.size(); ++k) out[k] = base_.gradient()[static_cast<std::size_t>(columns[k])];
  }

 private:
  Quadratic& base_;
  State& state_;
};

/// Σ wᵢ rᵢ² from wᵢ rᵢ.
double weighted_square(std::span<const double> w, std::span<const double> weighted_residual) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) sum += weighted_residual[i] * weighted_residual[i] / w[i];
  }
  return sum;
}

}  // namespace

NewtonSolver::NewtonSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, ElasticNet penalty,
                           NewtonOptions options, const Context& context)
    : PathSolver(fitted, context), quadratic_(std::move(quadratic)), penalty_(penalty), options_(options) {}

Solution NewtonSolver::solve(double lambda, State& state) {
  Solution solution;
  solution.status = Status::interrupted;
  const double lambdas[] = {lambda};
  (void)solve_path(lambdas, [&](Index, const State& found, const Solution& at_lambda, const LinearPredictor&) {
    state = found;
    solution = at_lambda;
    return true;
  });
  return solution;
}

Status NewtonSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  return quadratic_->residual().empty() ? solve_by_moments(lambdas, sink) : solve_by_residual(lambdas, sink);
}

Status NewtonSolver::grade(const Certificate& certificate, Status status) const {
  if (status == Status::interrupted) return status;
  return certificate.relative_gap <= options_.tolerance ? Status::converged : Status::iteration_limit;
}

Solution NewtonSolver::judge_squared(const Quadratic& at_point, Certifier& certifier, double lambda,
                                     std::span<const double> b, Status status) const {
  Solution solution;
  solution.certificate = certifier.certify(penalty_, lambda, b);
  solution.status = grade(solution.certificate, status);
  solution.loss = 0.5 * at_point.residual_square();
  return solution;
}

/// θᵢ = pullᵢ/wᵢ, its positive or negative part shrunk until Σ wᵢθᵢ = 0 (which keeps it in the conjugate's domain). A
/// gradient of an unpenalised column that is zero but for rounding counts as zero.
Solution NewtonSolver::judge_smooth(const SolvedPoint& solved, const Certifier& certifier, double lambda) const {
  constexpr double kRounding = 1e-11;  // of the largest gradient at the null model
  const std::size_t n = fitted_.weights.size(), p = solved.b.size();
  double up = 0, down = 0;
  for (const double value : solved.pull) (value > 0 ? up : down) += std::abs(value);
  const bool balance = fitted_.intercept && up > 0 && down > 0;
  const double shrink_up = balance ? std::min(1.0, down / up) : 1.0, shrink_down = balance ? std::min(1.0, up / down) : 1.0;
  std::vector<double> theta(n), scaled(n), terms(n), gradient(solved.gradient.begin(), solved.gradient.end());
  for (std::size_t i = 0; i < n; ++i) {
    if (fitted_.weights[i] > 0) {
      theta[i] = solved.pull[i] / fitted_.weights[i] * (solved.pull[i] > 0 ? shrink_up : shrink_down);
    }
  }
  Solution solution;
  double violation = fitted_.intercept ? std::abs(up - down) : 0.0;
  for (std::size_t j = 0; j < p; ++j) {
    if (fitted_.norm[j] == 0.0) continue;
    const CertifiedColumn column = certifier.column(lambda, solved.b, j);
    violation = std::max(violation, kkt_violation(penalty_, column, gradient[j]));
    if (column.strength == 0.0 && std::abs(gradient[j]) <= kRounding * fitted_.null_gradient) gradient[j] = 0.0;
  }
  const auto sum_of_terms = [&](double scale) {
    for (std::size_t i = 0; i < n; ++i) scaled[i] = scale * theta[i];
    fitted_.loss->fenchel_young(fitted_.original_response, solved.eta, scaled, terms);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (fitted_.weights[i] > 0) sum += fitted_.weights[i] * terms[i];
    }
    return sum;
  };
  const double gap = certifier.gap(penalty_, lambda, solved.b, {gradient, sum_of_terms});
  if (fitted_.null_deviance > 0) solution.certificate.relative_gap = gap / (0.5 * fitted_.null_deviance);
  if (fitted_.null_gradient > 0) solution.certificate.kkt_violation = violation / fitted_.null_gradient;
  solution.status = grade(solution.certificate, solved.status);
  fitted_.loss->value(fitted_.original_response, solved.eta, terms);
  for (std::size_t i = 0; i < n; ++i) {
    if (fitted_.weights[i] > 0) solution.loss += fitted_.weights[i] * terms[i];
  }
  return solution;
}

Status NewtonSolver::solve_by_residual(std::span<const double> lambdas, const SolutionSink& sink) {
  const bool squared = fitted_.loss->name() == "squared";
  KnownPoint point(*quadratic_);
  Certifier certifier(fitted_, point);
  State state = null_state(fitted_);
  Status worst = Status::converged;
  const Status ended = look_ahead_path(fitted_, penalty_.l1_ratio, lambdas, options_.tolerance, options_.max_rounds,
                                       context_, [&](const SolvedPoint& solved) {
                                         state.b.assign(solved.b.begin(), solved.b.end());
                                         state.b0 = solved.b0;
                                         const double lambda = lambdas[static_cast<std::size_t>(solved.k)];
                                         Solution solution;
                                         if (squared) {
                                           point.set(solved.gradient, weighted_square(fitted_.weights, solved.pull));
                                           solution = judge_squared(point, certifier, lambda, state.b, solved.status);
                                         } else {
                                           solution = judge_smooth(solved, certifier, lambda);
                                         }
                                         solution.degrees_of_freedom = solved.degrees_of_freedom;
                                         worst = worse(worst, solution.status);
                                         return sink(solved.k, state, solution, [&] { return solved.eta; });
                                       });
  return worse(worst, ended);
}

Status NewtonSolver::solve_by_moments(std::span<const double> lambdas, const SolutionSink& sink) {
  State state = null_state(fitted_);
  Evaluated evaluated(*quadratic_, state);
  Certifier certifier(fitted_, *quadratic_);
  ActiveSet active(evaluated, fitted_.cols());
  const std::vector<double> precision = gradient_precision(fitted_);
  std::vector<Index> working;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    if (fitted_.norm[static_cast<std::size_t>(j)] > 0.0) working.push_back(j);
  }
  std::vector<double> eta(static_cast<std::size_t>(fitted_.rows()));
  Status worst = Status::converged;
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    if (context_.interrupted()) return Status::interrupted;
    const double l1 = lambdas[k] * penalty_.l1_ratio;
    const ElasticBox box{l1, lambdas[k] - l1, fitted_.factor, fitted_.lower, fitted_.upper};
    const Status status = active.solve(evaluated, box, working, precision, options_.max_rounds);
    Solution solution = judge_squared(*quadratic_, certifier, lambdas[k], state.b, status);
    if (solution.status == Status::iteration_limit && options_.max_rounds == 0) {
      // Nearly dependent columns with huge coefficients: gradients from moments are not precise enough, residuals are.
      const Status ended = solve_by_residual(
          lambdas.subspan(k, 1), [&](Index, const State& better, const Solution& sharper, const LinearPredictor& eta_there) {
            return sink(static_cast<Index>(k), better, sharper, eta_there);
          });
      if (ended == Status::interrupted) return ended;
      worst = worse(worst, ended);
      continue;
    }
    solution.degrees_of_freedom = active.degrees_of_freedom();
    worst = worse(worst, solution.status);
    bool known = false;
    const LinearPredictor predictor = [&]() -> std::span<const double> {
      if (!std::exchange(known, true)) linear_predictor(state, eta);
      return eta;
    };
    if (!sink(static_cast<Index>(k), state, solution, predictor)) return Status::interrupted;
  }
  return worst;
}

}  // namespace riata
