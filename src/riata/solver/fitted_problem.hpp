#pragma once

#include <memory>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/design/standardized.hpp"
#include "riata/solver/cross_moments.hpp"
#include "riata/solver/problem.hpp"

namespace riata {

/// A Problem in fitted coordinates, where every solver works:
///
///   minimise  Σ wᵢ ℓ(yᵢ, ηᵢ) + Σⱼ λ fⱼ P(bⱼ),   η = b₀ + Z b + offset,   Z = (X − 1 centreᵀ) diag(1/s),  bⱼ = sⱼ βⱼ
///
/// Weights sum to one. Columns are centred (weighted mean) when an intercept is fitted; for the squared loss b₀ is then the
/// weighted mean of y − offset, so solvers see a centred response and no intercept. Columns that must be zero (constant
/// while an intercept is fitted or columns are standardised, or factor +∞) are in `excluded` and never looked at again.
struct FittedProblem {
  std::shared_ptr<const StandardizedDesign> design;
  std::shared_ptr<const Loss> loss;
  std::span<const double> original_response;
  std::span<const double> offset;    ///< may be empty
  std::vector<double> weights;       ///< n, sum 1; zero: row left out
  std::vector<double> response;      ///< squared loss: y − offset − b₀ (b₀ = 0 without an intercept), for all rows
  std::vector<double> norm;          ///< p: sqrt(zⱼᵀWzⱼ); 1 for standardised, centred columns; 0 for excluded ones
  std::vector<double> factor;        ///< p; +∞ for excluded columns
  std::vector<double> lower, upper;  ///< p in fitted coordinates, or empty: no bounds
  std::vector<Index> unpenalised;    ///< fⱼ = 0, not excluded
  std::vector<Index> excluded;
  bool intercept = true;
  bool standardized = true;  ///< the problem's `standardize`: columns scaled to unit variance
  double total_weight = 0;   ///< Σw as given (m of the "sum" scale)
  double response_mean = 0;  ///< b₀ of the squared null model
  double null_deviance = 0;  ///< per unit weight, null model: intercept and offset
  double response_norm = 0;  ///< ‖response‖_W
  double null_gradient = 0;  ///< max over columns of |zⱼᵀ W (y − null)|: the scale of the KKT violation; 0: all are rounding

  /// A gradient below this is the rounding of one that is zero: a column that is orthogonal to the response.
  double gradient_noise(std::size_t j) const { return 1e-14 * norm[j] * response_norm; }

  Index rows() const { return design->rows(); }
  Index cols() const { return design->cols(); }
};

/// Two-pass moments, standardisation, exclusion of constant columns: variance ≤ n·ε·variance + (n·mean·ε)². The problem must
/// have passed check(). With `moments` (of the same rows and weights) X is not read at all.
/// Throws Error(input) naming a column that holds NaN, an infinity or values whose squares overflow.
FittedProblem to_fitted(const Problem& problem, const Context& context, const CrossMoments* moments = nullptr);

/// The same from known moments of the columns (the problem's weights and rows); null_gradient is left to the caller.
FittedProblem to_fitted(const Problem& problem, const ColumnMoments& moments);

/// b and b₀ (fitted coordinates) → β and β₀ (original scale): βⱼ = bⱼ/sⱼ, β₀ = b₀ − Σ centreⱼ βⱼ. Returns β₀.
double to_original(const FittedProblem& fitted, double b0, std::vector<double>& b);

}  // namespace riata
