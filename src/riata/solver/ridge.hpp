#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "riata/core/status.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// What one factorisation tells about a λ besides the coefficients.
struct RidgeDiagnostics {
  std::optional<double> degrees_of_freedom;   ///< trace of the hat matrix without the intercept
  std::optional<double> leave_one_out_error;  ///< Σ wᵢ (rᵢ/(1 − hᵢ))², Σw = 1
  std::optional<double> gcv_error;            ///< Σ wᵢ rᵢ² / (1 − (df + intercept)/n)²
};

/// Ridge for the squared loss without bounds, in fitted coordinates: minimise ½ Σ wᵢ (yᵢ − zᵢᵀb)² + λ/2 Σ fⱼ bⱼ²; factors
/// may be 0 (not penalised) and +∞ (left out). The whole path from one factorisation, by the size of the problem:
///
///   tall   eigenvalues of the Gram ZᵀWZ (ridge_gram.hpp)
///   wide   eigenvalues of the kernel W^½ Z D² Zᵀ W^½ with the unpenalised columns projected out: rows², whatever p
///   large  (the smaller side above 3000, or a sparse design for which the kernel costs more than iterating) conjugate
///          gradients with the diagonal as preconditioner, matrix-free, warm-started from λ to λ; no diagnostics
///
/// Leave-one-out: leaving row i out changes its prediction by hᵢ/(1 − hᵢ) residuals, for λ on the sum scale held fixed and
/// the columns' scales too (Golub, Heath & Wahba 1979, Technometrics 21).
class RidgeSolver {
 public:
  virtual ~RidgeSolver() = default;
  virtual std::string_view name() const = 0;

  /// b (p entries, fitted coordinates; in: the warm start, which only the iterative solver reads) for λ > 0.
  virtual Status solve(double lambda, std::span<double> b) = 0;

  /// Z b of all rows without forming b; false where that is not possible.
  virtual bool predict(double lambda, std::span<double> zb) const = 0;

  /// residual: y − Zb of all rows. Leave-one-out where rows × columns × the smaller side stays below 1e11.
  virtual RidgeDiagnostics diagnose(double lambda, std::span<const double> residual) const = 0;
};

/// tolerance: relative gap at which the iterative solver stops.
std::unique_ptr<RidgeSolver> make_ridge_solver(const FittedProblem& fitted, double tolerance, const Context& context);

}  // namespace riata
