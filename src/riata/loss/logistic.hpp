#pragma once

#include "riata/loss/loss.hpp"

namespace riata {

/// ℓ(y, η) = log(1 + e^η) − yη for y ∈ {0, 1}, p = 1/(1 + e^−η). Its conjugate is the negative entropy: with q = y − θ in
/// [0, 1] the Fenchel–Young term of a row is the Kullback–Leibler divergence KL(q ‖ p).
class LogisticLoss final : public Loss {
 public:
  std::string_view name() const override { return "logistic"; }
  std::string_view formula() const override { return "1/Σw Σ wᵢ(log(1+exp ηᵢ)-yᵢηᵢ)"; }
  void check_response(std::span<const double> y) const override;
  void value(std::span<const double> y, std::span<const double> eta, std::span<double> out) const override;
  void gradient(std::span<const double> y, std::span<const double> eta, std::span<double> out) const override;
  void curvature(std::span<const double> y, std::span<const double> eta, std::span<double> out) const override;
  double largest_curvature() const override { return 0.25; }
  void evaluate(std::span<const double> y, std::span<const double> eta, std::span<double> values,
                std::span<double> gradients, std::span<double> curvatures) const override;
  void inverse_link(std::span<const double> eta, std::span<double> out) const override;
  void fenchel_young(std::span<const double> y, std::span<const double> eta, std::span<const double> theta,
                     std::span<double> out) const override;
};

}  // namespace riata
