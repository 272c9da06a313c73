#pragma once

#include <memory>
#include <span>

#include "riata/design/design.hpp"
#include "riata/loss/loss.hpp"

namespace riata {

/// What is to be minimised, on the user's scale, without the penalty's kind and strength:
///
///   (1/Σwᵢ) Σ wᵢ ℓ(yᵢ, ηᵢ) + Σⱼ λ vⱼ P(sⱼ βⱼ),   η = β₀ + Xβ + offset,   lowerⱼ ≤ βⱼ ≤ upperⱼ
///
/// Immutable; the spans are the caller's (a Dataset's) and must outlive the solve. Empty spans mean the default.
/// A cross-validation fold is the same problem with other weights: rows left out have weight zero.
struct Problem {
  DesignPtr design;
  std::shared_ptr<const Loss> loss;
  std::span<const double> response;        ///< n (× K)
  std::span<const double> weights;         ///< n, ≥ 0; default 1
  std::span<const double> offset;          ///< n (× K); default 0
  std::span<const double> penalty_factor;  ///< p, ≥ 0; default 1; 0: not penalised; +∞: left out
  std::span<const double> lower;           ///< p, ≤ 0, on the original scale; default −∞
  std::span<const double> upper;           ///< p, ≥ 0, on the original scale; default +∞
  bool intercept = true;
  bool standardize = true;  ///< sⱼ = weighted 1/n standard deviation of column j, else 1

  /// Throws Error(argument or input) naming what does not fit: lengths, negative weights, NaN, bounds that exclude zero.
  void check() const;
};

}  // namespace riata
