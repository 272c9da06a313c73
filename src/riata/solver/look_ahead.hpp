#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/core/status.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// One λ of a path in fitted coordinates; the spans are valid during the call.
struct SolvedPoint {
  Index k = 0;                ///< index into the given λ
  std::span<const double> b;  ///< p
  double b0 = 0;
  std::span<const double> eta;       ///< n: b₀ + Zb + offset, rows of weight zero too
  std::span<const double> pull;      ///< n: −wᵢ ∂ℓ/∂η
  std::span<const double> gradient;  ///< p: Zᵀ pull; 0 for excluded columns
  double degrees_of_freedom = 0;
  Status status = Status::converged;
};

/// Returning false stops the path.
using SolvedPointSink = std::function<bool(const SolvedPoint&)>;

/// The lasso or elastic-net path by the active-set core, for any design: λ decreasing, mean scale,
/// penalty λ Σ fⱼ(ρ|bⱼ| + (1−ρ)/2 bⱼ²), ρ > 0.
///
/// Several λ are solved ahead on a small working set and then checked against all columns in one pass over the design; the
/// working set comes from the predicted gradient at the far end (Hessian screening: Larsson & Wallin 2022, NeurIPS 35). The
/// prediction costs speed when it is wrong, never correctness. `tolerance`: the relative gap asked for, which iterative
/// steps undercut by far. `most_rounds`: of the active set per λ, 0 for its own bound. Returns interrupted when the context
/// or the sink says so.
Status look_ahead_path(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, double tolerance,
                       Index most_rounds, const Context& context, const SolvedPointSink& sink);

/// Below what a column's gradient may violate its condition: `relative` ‖zⱼ‖_W ‖y‖_W, but at least its rounding error.
std::vector<double> gradient_precision(const FittedProblem& fitted, double relative = 0.0);

}  // namespace riata
