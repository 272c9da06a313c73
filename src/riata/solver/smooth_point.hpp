#pragma once

#include <span>
#include <vector>

#include "riata/solver/path_solver.hpp"
#include "riata/solver/point_judge.hpp"
#include "riata/solver/row_state.hpp"

namespace riata {

/// Any smooth loss looked at from one point after the other: rows, all gradients, and the certificate on the full problem.
/// For solvers that do not keep them themselves.
class SmoothPoint {
 public:
  SmoothPoint(const FittedProblem& fitted, const Quadratic& quadratic, ElasticNet penalty, double tolerance,
              const Context& context);

  /// Moves to the state; two passes over the design.
  void evaluate(const State& state);
  const RowState& rows() const { return rows_; }
  /// p: Zᵀ pull; 0 for excluded columns.
  std::span<const double> gradient() const { return gradient_; }

  /// Certificate, loss and status (converged or iteration_limit) of the point at λ.
  Solution judge(double lambda);

  /// tr(G (G + C)⁻¹) over columns whose penalty has the curvature C, G of the loss at the point.
  double degrees_of_freedom(std::span<const Index> columns, std::span<const double> curvature) const;

 private:
  const FittedProblem& fitted_;
  const Context& context_;
  PointJudge judge_;
  RowState rows_;
  State state_;
  std::vector<double> gradient_;
};

}  // namespace riata
