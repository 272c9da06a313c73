#pragma once

#include <functional>
#include <memory>

#include "riata/solver/path_solver.hpp"

namespace riata {

/// A fast solver and a patient one: where the first ends short of the tolerance (collinear beyond what its arithmetic
/// resolves), the second goes on from there (or from zero, where that is better), and the point with the smaller gap counts.
/// After three rescues in a row that neither reached the tolerance nor made the gap ten times smaller, no more are tried.
class RescuedSolver final : public PathSolver {
 public:
  /// `second` is made when it is first needed.
  RescuedSolver(const FittedProblem& fitted, std::unique_ptr<PathSolver> first,
                std::function<std::unique_ptr<PathSolver>()> second, const Context& context);

  std::string_view name() const override { return first_->name(); }
  Solution solve(double lambda, State& state) override;
  Status solve_path(std::span<const double> lambdas, const SolutionSink& sink) override;
  void linear_predictor(const State& state, std::span<double> eta) override { first_->linear_predictor(state, eta); }
  std::vector<std::string> warnings() const override { return first_->warnings(); }

 private:
  /// Betters `solution` and `state` if it can; true when the state has changed.
  bool rescue(double lambda, State& state, Solution& solution);

  std::unique_ptr<PathSolver> first_;
  std::function<std::unique_ptr<PathSolver>()> make_second_;
  std::unique_ptr<PathSolver> second_;
  int failures_ = 0;
};

}  // namespace riata
