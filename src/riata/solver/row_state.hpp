#pragma once

#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// What the rows know at a linear predictor: losses wᵢ ℓ(yᵢ, ηᵢ), pull −wᵢ ∂ℓ/∂ηᵢ and curvature wᵢ ∂²ℓ/∂ηᵢ².
struct RowState {
  explicit RowState(const FittedProblem& fitted);

  /// η = b₀ + Z b + offset, and all that follows from it.
  void set(double b0, std::span<const double> b, const Context& context);
  /// What follows from the present η of those rows. Safe for disjoint rows at once.
  void look(Index first, Index count);
  void look() { look(0, fitted->rows()); }

  double loss() const;
  double pull_sum() const;

  const FittedProblem* fitted;
  std::vector<double> eta, losses, pull, curvature;  ///< n each
};

/// fⱼ (l1 |bⱼ| + ½ l2 bⱼ²).
double penalty_value(const ElasticBox& penalty, Index j, double b);

/// Its sum over those columns; b: p entries.
double penalty_value(const ElasticBox& penalty, std::span<const Index> columns, std::span<const double> b);

}  // namespace riata
