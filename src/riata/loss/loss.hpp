#pragma once

#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "riata/core/types.hpp"

namespace riata {

/// A data loss ℓ(y, η), convex in the linear predictor η. All spans have one entry a row (n × K entries for K outputs).
/// Adding a loss: one header, one .cpp, a line in loss_by_name.
class Loss {
 public:
  virtual ~Loss() = default;

  virtual std::string_view name() const = 0;
  /// The data term of the stated objective, e.g. "1/(2Σw) Σ wᵢ(yᵢ-ηᵢ)²".
  virtual std::string_view formula() const = 0;
  virtual Index n_outputs() const { return 1; }

  /// Throws Error(input) naming the first row whose response the loss cannot take.
  virtual void check_response(std::span<const double> y) const = 0;

  /// out[i] = ℓ(yᵢ, ηᵢ).
  virtual void value(std::span<const double> y, std::span<const double> eta, std::span<double> out) const = 0;
  /// out[i] = ∂ℓ/∂η.
  virtual void gradient(std::span<const double> y, std::span<const double> eta, std::span<double> out) const = 0;
  /// out[i] = ∂²ℓ/∂η².
  virtual void curvature(std::span<const double> y, std::span<const double> eta, std::span<double> out) const = 0;
  /// The largest ∂²ℓ/∂η² anywhere; +∞ where there is no bound.
  virtual double largest_curvature() const { return std::numeric_limits<double>::infinity(); }
  /// The three at once, where one exponential serves them all.
  virtual void evaluate(std::span<const double> y, std::span<const double> eta, std::span<double> values,
                        std::span<double> gradients, std::span<double> curvatures) const {
    value(y, eta, values);
    gradient(y, eta, gradients);
    curvature(y, eta, curvatures);
  }
  /// out[i] = E[y | η].
  virtual void inverse_link(std::span<const double> eta, std::span<double> out) const = 0;

  /// out[i] = ℓ(yᵢ, ηᵢ) + ℓ*(yᵢ, −θᵢ) + θᵢηᵢ ≥ 0, the Fenchel–Young term of row i: the row's share of the duality gap.
  /// Computed without cancellation; +∞ where −θᵢ is outside the conjugate's domain.
  virtual void fenchel_young(std::span<const double> y, std::span<const double> eta, std::span<const double> theta,
                             std::span<double> out) const = 0;
};

/// The loss of that contracted name ("squared", …); throws Error(argument) listing the names, or Error(not_supported).
std::shared_ptr<const Loss> loss_by_name(std::string_view name);

}  // namespace riata
