#include "riata/solver/rescued_solver.hpp"

#include <algorithm>
#include <utility>

namespace riata {

RescuedSolver::RescuedSolver(const FittedProblem& fitted, std::unique_ptr<PathSolver> first,
                             std::function<std::unique_ptr<PathSolver>()> second, const Context& context)
    : PathSolver(fitted, context), first_(std::move(first)), make_second_(std::move(second)) {}

bool RescuedSolver::rescue(double lambda, State& state, Solution& solution) {
  constexpr int kMostFailures = 3;
  if (solution.status != Status::iteration_limit || failures_ >= kMostFailures) return false;
  if (!second_) second_ = make_second_();
  const bool worse_than_none = !(solution.certificate.relative_gap < 1.0);  // than all coefficients at zero
  State other = worse_than_none ? null_state(fitted_) : state;
  const Solution attempt = second_->solve(lambda, other);
  const double gap = attempt.certificate.relative_gap, before = solution.certificate.relative_gap;
  const bool reached = attempt.status == Status::converged;
  failures_ = reached || gap < 0.1 * before ? 0 : failures_ + 1;
  if (!reached && !(gap < before)) return false;
  state = std::move(other);
  solution = attempt;
  return true;
}

Solution RescuedSolver::solve(double lambda, State& state) {
  Solution solution = first_->solve(lambda, state);
  rescue(lambda, state, solution);
  return solution;
}

Status RescuedSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  Status worst = Status::converged;
  std::vector<double> eta;
  const Status first =
      first_->solve_path(lambdas, [&](Index k, const State& state, const Solution& solution, const LinearPredictor& fast) {
        Solution better = solution;
        if (solution.status != Status::iteration_limit) {
          worst = std::max(worst, solution.status);
          return sink(k, state, solution, fast);
        }
        State point = state;
        const bool rescued = rescue(lambdas[static_cast<std::size_t>(k)], point, better);
        worst = std::max(worst, better.status);
        if (!rescued) return sink(k, state, solution, fast);
        bool known = false;
        return sink(k, point, better, [&]() -> std::span<const double> {
          eta.resize(static_cast<std::size_t>(fitted_.rows()));
          if (!std::exchange(known, true)) PathSolver::linear_predictor(point, eta);
          return eta;
        });
      });
  return first == Status::interrupted || first == Status::diverged ? first : worst;
}

}  // namespace riata
