#pragma once

#include <memory>
#include <span>
#include <vector>

#include "riata/solver/fitted_problem.hpp"
#include "riata/solver/path_solver.hpp"

namespace riata {

/// The squared loss ½ Σ wᵢ (yᵢ − zᵢᵀb)² of a fitted problem seen from a point b: r = y − Zb, gradient ZᵀWr, Gram blocks of
/// ZᵀWZ. Two ways to the same numbers: from the design, any shape, or from the cross moments of tall data, where a look
/// costs p² whatever the number of rows.
class Quadratic {
 public:
  virtual ~Quadratic() = default;

  /// Moves to state.b, computing all from scratch; what an intercept takes of the residuals' mean (rounding) goes to
  /// state.b0.
  virtual void evaluate(State& state) = 0;

  /// The same where image = ZᵀWZ b is known and makes a look cheaper.
  virtual void evaluate_at(State& state, std::span<const double> image);

  /// ZᵀWr (p entries; 0 for excluded columns) and Σ wᵢ rᵢ² at the last point.
  std::span<const double> gradient() const { return gradient_; }
  double residual_square() const { return residual_square_; }
  /// r of all rows at the last point, where residuals are kept; else empty.
  virtual std::span<const double> residual() const { return {}; }

  /// What rounding may hide of ½ Σ wᵢ rᵢ² where Σ |bⱼ| ‖zⱼ‖ = size.
  virtual double rounding(double size) const;

  /// out(a, b) = ZᵀWZ(left[a], right[b]).
  virtual void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const = 0;
  /// out = ZᵀWZ[:, columns] values; p entries.
  virtual void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const = 0;
  /// The same of every column of b, p × any number.
  virtual void images(ConstMatrix b, Matrix out) const;
  /// out[i] = (ZᵀWZ b)[of[i]].
  virtual void image_at(std::span<const Index> of, std::span<const double> b, std::span<double> out) const;

 protected:
  std::vector<double> gradient_;
  double residual_square_ = 0;
};

/// Whether rounding at this point is too large to tell its objective to the tolerance, or to a billionth of the null
/// deviance where the tolerance is finer: huge coefficients that cancel.
bool doubtful(const FittedProblem& fitted, const Quadratic& quadratic, std::span<const double> b, double tolerance);

/// From the design: residuals at full height, two passes an evaluation. `fitted` and `context` must outlive it.
std::shared_ptr<Quadratic> residual_quadratic(const FittedProblem& fitted, const Context& context);

/// From moments of the same rows and weights, brought into fitted coordinates (one copy of p² numbers).
std::shared_ptr<Quadratic> moment_quadratic(const FittedProblem& fitted, const CrossMoments& moments,
                                            const Context& context);

/// Columns with a non-zero coefficient, and those coefficients.
struct Support {
  std::vector<Index> columns;
  std::vector<double> values;
  explicit Support(std::span<const double> b);
  ConstMatrix as_matrix() const { return {values.data(), static_cast<Index>(values.size()), 1}; }
};

/// tr(G_AA (G_AA + C)⁻¹), C = diag(curvature) ≥ 0: the degrees of freedom of a quadratically shrunken fit on A.
double shrunken_trace(const Quadratic& quadratic, std::span<const Index> active, std::span<const double> curvature);

}  // namespace riata
