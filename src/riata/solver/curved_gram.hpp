#pragma once

#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// G = ZᵀHZ with the curvature hᵢ = wᵢ ∂²ℓ/∂ηᵢ² of some point; with an intercept, b₀ minimised out: G − s sᵀ/Σh, s = Zᵀh.
class CurvedGram final : public GramSource {
 public:
  CurvedGram(const FittedProblem& fitted, const Context& context);

  /// Starts with new weights; what was known of the columns is forgotten.
  void set_curvature(std::span<const double> curvature);

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) override;

  /// By how much b₀ moves when the other coefficients move by `delta`: (pull − Σⱼ sⱼ Δⱼ)/Σh, with pull = −∂loss/∂b₀.
  double intercept_step(double pull, std::span<const Index> columns, std::span<const double> delta);

  /// Gradients at a point become those after b₀ has moved.
  void move_intercept(double intercept_step, std::span<const Index> columns, std::span<double> gradients);

  /// How the curvature along a step of η (n entries) compares with the model's: Σ nowᵢ dᵢ² / Σ hᵢ dᵢ².
  double ratio(std::span<const double> now, std::span<const double> direction) const;

 private:
  void look_at(std::span<const Index> columns);

  const FittedProblem& fitted_;
  const Context& context_;
  std::vector<double> curvature_;   ///< n: h
  std::vector<double> column_sum_;  ///< p: s where known
  std::vector<char> known_;
  double total_ = 0;  ///< Σh
};

}  // namespace riata
