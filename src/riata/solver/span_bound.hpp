#pragma once

#include <array>
#include <span>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// Bounds products that are not computed by products that are. With vectors q₁ … q₄ whose products zᵀqₖ are known, and
/// v = Σ cₖqₖ + e (least squares in the norm ‖q‖² = Σ qᵢ²/wᵢ of pulls),
///
///   |zᵀv| ≤ |Σ cₖ zᵀqₖ| + ‖z‖_W ‖e‖,   ‖z‖²_W = Σ wᵢzᵢ²,
///
/// by Cauchy and Schwarz; rounding errors of the known products and of e are part of the bound.
class SpanBound {
 public:
  static constexpr std::size_t kMost = 4;

  /// `known`: the qₖ, at most kMost; `targets`: the v; n rows each. Rows of weight zero must be zero.
  void set(std::span<const double> weights, std::span<const std::span<const double>> known, ConstMatrix targets);

  /// Marks the columns for which |zᵀvᵢ| may reach thresholds[i] · factor for any target i. products[k][a] = z_aᵀqₖ; norms
  /// and factors one a column. What is marked stays marked. `units`: zᵀqₖ is off by no more than unit ‖qₖ‖₁; empty: by
  /// rounding alone.
  void mark(std::span<const double* const> products, std::span<const double> norms, std::span<const double> factors,
            std::span<const double> units, std::span<const double> thresholds, std::span<char> marks) const;

  /// The bound for one column and target.
  double operator()(std::span<const double> products, double norm, std::size_t target) const;

 private:
  struct Target {
    std::array<double, kMost> coefficients{};
    double error = 0;  ///< a unit of ‖z‖_W
    double size = 0;   ///< Σ |cₖ| ‖qₖ‖₁
  };
  std::size_t known_ = 0;
  std::vector<Target> targets_;
  Target largest_;  ///< absolute values, over all targets
  std::vector<double> scaled_, basis_;
};

}  // namespace riata
