#include "riata/solver/path_solver.hpp"

#include <algorithm>

namespace riata {

State null_state(const FittedProblem& fitted) {
  return {std::vector<double>(static_cast<std::size_t>(fitted.cols()), 0.0), fitted.response_mean};
}

Status PathSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  State state = null_state(fitted_);
  Status worst = Status::converged;
  std::vector<double> eta(static_cast<std::size_t>(fitted_.rows()));
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    if (context_.interrupted()) return Status::interrupted;
    const Solution solution = solve(lambdas[k], state);
    if (solution.status == Status::interrupted) return Status::interrupted;
    worst = std::max(worst, solution.status);
    bool known = false;
    const LinearPredictor predictor = [&]() -> std::span<const double> {
      if (!known) linear_predictor(state, eta);
      known = true;
      return eta;
    };
    if (!sink(static_cast<Index>(k), state, solution, predictor)) return Status::interrupted;
  }
  return worst;
}

void PathSolver::linear_predictor(const State& state, std::span<double> eta) {
  std::vector<Index> columns;
  std::vector<double> values;
  for (std::size_t j = 0; j < state.b.size(); ++j) {
    if (state.b[j] == 0.0) continue;
    columns.push_back(static_cast<Index>(j));
    values.push_back(state.b[j]);
  }
  for (std::size_t i = 0; i < eta.size(); ++i) eta[i] = state.b0 + (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]);
  if (columns.empty()) return;
  fitted_.design->multiply(columns, {values.data(), static_cast<Index>(values.size()), 1},
                           {eta.data(), static_cast<Index>(eta.size()), 1}, {}, context_);
}

}  // namespace riata
