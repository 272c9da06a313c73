#pragma once

#include <memory>

#include "riata/solver/path_solver.hpp"

namespace riata {

/// One solver for λ > 0, another for the λ = 0 that may end a path: without a penalty the problem is least squares, whose
/// rank decides what method it takes.
class ZeroLambdaSolver final : public PathSolver {
 public:
  ZeroLambdaSolver(const FittedProblem& fitted, std::unique_ptr<PathSolver> positive, std::unique_ptr<PathSolver> zero,
                   const Context& context);

  std::string_view name() const override { return positive_->name(); }
  Solution solve(double lambda, State& state) override;
  Status solve_path(std::span<const double> lambdas, const SolutionSink& sink) override;
  std::vector<std::string> warnings() const override;

 private:
  std::unique_ptr<PathSolver> positive_;
  std::unique_ptr<PathSolver> zero_;
};

}  // namespace riata
