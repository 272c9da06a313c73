#include "riata/solver/newton.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "riata/solver/active_set.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/point_judge.hpp"
#include "riata/solver/separation.hpp"

namespace riata {
namespace {

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
  const std::vector<double> zeros(options_.penalised ? 0 : lambdas.size(), 0.0);
  if (!options_.penalised) lambdas = zeros;
  return quadratic_->residual().empty() ? solve_by_moments(lambdas, sink) : solve_by_residual(lambdas, sink);
}

Solution NewtonSolver::judge_moments(Certifier& certifier, double lambda, std::span<const double> b, Status status) const {
  Solution solution;
  solution.certificate = certifier.certify(penalty_, lambda, b);
  solution.status = graded(solution.certificate, status, options_.tolerance);
  const bool unsure = doubtful(fitted_, *quadratic_, b, options_.tolerance);
  if (unsure && solution.status == Status::converged) solution.status = Status::iteration_limit;
  solution.loss = 0.5 * quadratic_->residual_square();
  return solution;
}

Status NewtonSolver::solve_by_residual(std::span<const double> lambdas, const SolutionSink& sink) {
  PointJudge judge(fitted_, *quadratic_, penalty_, options_.tolerance, context_);
  std::vector<Index> all(static_cast<std::size_t>(fitted_.cols()));
  std::iota(all.begin(), all.end(), Index{0});
  if (!lambdas.empty() && lambdas.back() == 0) refuse_separating_columns(fitted_, all);
  Status worst = Status::converged;
  const Status ended = look_ahead_path(fitted_, penalty_.l1_ratio, lambdas,
                                       {options_.tolerance, options_.max_rounds, options_.degrees_of_freedom}, context_,
                                       [&](const SolvedPoint& solved) {
                                         const double lambda = lambdas[static_cast<std::size_t>(solved.k)];
                                         const Solution solution = judge(solved, lambda);
                                         if (lambda == 0) refuse_separation(fitted_, all, judge.state().b, judge.state().b0);
                                         worst = worse(worst, solution.status);
                                         return sink(solved.k, judge.state(), solution, [&] { return solved.eta; });
                                       });
  return worse(worst, ended);
}

Status NewtonSolver::solve_by_moments(std::span<const double> lambdas, const SolutionSink& sink) {
  State state = null_state(fitted_);
  Evaluated evaluated(*quadratic_, state);
  Certifier certifier(fitted_, *quadratic_, context_);
  ActiveSet active(evaluated, fitted_.cols());
  constexpr double kMomentRounding = 1e-13;  // twin columns must not trade places for what subtracting moments leaves
  const std::vector<double> precision = gradient_precision(fitted_, kMomentRounding);
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
    Solution solution = judge_moments(certifier, lambdas[k], state.b, status);
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
    const bool count = options_.degrees_of_freedom || penalty_.l1_ratio == 1;
    solution.degrees_of_freedom = count ? active.degrees_of_freedom() : std::nan("");
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
