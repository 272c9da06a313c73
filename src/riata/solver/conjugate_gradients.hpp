#pragma once

#include <array>
#include <functional>
#include <span>

#include "riata/core/context.hpp"
#include "riata/solver/sides.hpp"

namespace riata {

/// image = A v for a Newton system A = ZᵀHZ + …; rows = Z v, centred; returns what v adds to the intercept.
using SystemProduct = std::function<double(std::span<const double> v, std::span<double> rows, std::span<double> image)>;

/// step ≈ A⁻¹ slope from the given start, preconditioned by A's diagonal, until the residual is `reduction` of the slope;
/// adds Z step to `rows`, which are zero before. Returns the intercept's step. Ends where a direction has no curvature, and
/// soon when the context is interrupted. (Hestenes & Stiefel 1952, J. Res. Nat. Bur. Stand. 49.)
double conjugate_gradients(const SystemProduct& product, std::span<const double> slope, std::span<const double> diagonal,
                           double reduction, std::span<double> step, std::span<double> rows, const Context& context);

/// image = Aₖ vₖ of every side k.
using SidesProduct = std::function<void(const SideVectors<float>& v, SideVectors<float>& image)>;

struct SideSteps {
  SideVectors<float> values;
  std::array<bool, kMostSides> solved{};  ///< false: so many products are better spent on one system
};

/// The same for several systems in single precision, from zero, until the last one is solved as precisely as asked for. An
/// entry whose diagonal is zero is not in that side's system.
SideSteps conjugate_gradients(const SidesProduct& product, const SideVectors<float>& slope,
                              const SideVectors<float>& diagonal, const Sides& reduction, const Context& context);

}  // namespace riata
