#pragma once

#include <functional>
#include <memory>

#include "riata/solver/smooth_point.hpp"

namespace riata {

/// Any smooth loss by squared ones: around a point it is Σ hᵢ (η̃ᵢ − ηᵢ)²/2 with the curvature h there, a weighted squared
/// problem that `inner` solves; the step is halved until the objective falls. With coordinate descent inside this is
/// glmnet's algorithm, and shares nothing with the active-set core: a check of it. (Friedman, Hastie & Tibshirani 2010, J.
/// Stat. Softw. 33, §3.)
class ReweightedDescent final : public PathSolver {
 public:
  /// Makes the solver of one weighted squared problem.
  using Inner = std::function<std::unique_ptr<PathSolver>(const FittedProblem&, std::shared_ptr<Quadratic>)>;

  /// `penalised` false: λ counts as zero. most_steps 0: 100 a λ.
  ReweightedDescent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, ElasticNet penalty, bool penalised,
                    double tolerance, Index most_steps, Inner inner, const Context& context);

  std::string_view name() const override { return "coordinate-descent"; }
  /// Throws ColumnError at λ = 0 where there is no minimum.
  Solution solve(double lambda, State& state) override;

 private:
  State step(double lambda, const State& from) const;
  FittedProblem squared_around(const State& from, std::vector<double>& curvature, std::vector<double>& targets) const;
  double objective(double lambda, const RowState& rows, const State& state) const;
  bool descend(double lambda, const State& target, State& state);
  double degrees_of_freedom(double lambda, const State& state) const;

  std::shared_ptr<Quadratic> quadratic_;
  ElasticNet penalty_;
  bool penalised_;
  Index most_steps_;
  Inner inner_;
  SmoothPoint point_;
};

}  // namespace riata
