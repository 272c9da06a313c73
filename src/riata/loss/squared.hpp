#pragma once

#include "riata/loss/loss.hpp"

namespace riata {

/// ℓ(y, η) = ½ (y − η)². Conjugate: ℓ*(−θ) = ½ θ² − θ y, so the Fenchel–Young term of a row is ½ (y − η − θ)².
class SquaredLoss final : public Loss {
 public:
  std::string_view name() const override { return "squared"; }
  std::string_view formula() const override { return "1/(2Σw) Σ wᵢ(yᵢ-ηᵢ)²"; }
  void check_response(std::span<const double> y) const override;
  void value(std::span<const double> y, std::span<const double> eta, std::span<double> out) const override;
  void gradient(std::span<const double> y, std::span<const double> eta, std::span<double> out) const override;
  void curvature(std::span<const double> y, std::span<const double> eta, std::span<double> out) const override;
  double largest_curvature() const override { return 1.0; }
  void inverse_link(std::span<const double> eta, std::span<double> out) const override;
  void fenchel_young(std::span<const double> y, std::span<const double> eta, std::span<const double> theta,
                     std::span<double> out) const override;
};

}  // namespace riata
