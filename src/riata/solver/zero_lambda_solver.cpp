#include "riata/solver/zero_lambda_solver.hpp"

#include <algorithm>
#include <utility>

namespace riata {

ZeroLambdaSolver::ZeroLambdaSolver(const FittedProblem& fitted, std::unique_ptr<PathSolver> positive,
                                   std::unique_ptr<PathSolver> zero, const Context& context)
    : PathSolver(fitted, context), positive_(std::move(positive)), zero_(std::move(zero)) {}

Solution ZeroLambdaSolver::solve(double lambda, State& state) {
  return (lambda > 0.0 ? positive_ : zero_)->solve(lambda, state);
}

Status ZeroLambdaSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  const auto first_zero = static_cast<std::size_t>(std::ranges::count_if(lambdas, [](double l) { return l > 0.0; }));
  bool stopped = false;
  const SolutionSink watched = [&](Index k, const State& state, const Solution& solution, const LinearPredictor& eta) {
    stopped = !sink(k, state, solution, eta);
    return !stopped;
  };
  const Status status = positive_->solve_path(lambdas.first(first_zero), watched);
  if (stopped || status == Status::interrupted || status == Status::diverged) return status;
  const Status rest = zero_->solve_path(
      lambdas.subspan(first_zero), [&](Index k, const State& state, const Solution& solution, const LinearPredictor& eta) {
        return sink(k + static_cast<Index>(first_zero), state, solution, eta);
      });
  return std::max(status, rest);
}

std::vector<std::string> ZeroLambdaSolver::warnings() const {
  std::vector<std::string> all = positive_->warnings();
  for (std::string& warning : zero_->warnings()) all.push_back(std::move(warning));
  return all;
}

}  // namespace riata
