#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// One space for every λ: an orthonormal basis V of span{s, Hs, H²s, …} for a symmetric H ≥ 0 (Lanczos 1950, J. Res. Nat.
/// Bur. Stand. 45). In it (H + λ)x = s is the tridiagonal system (VᵀHV + λ) y = ‖s‖ e₁, x = Vy: the point that as many steps
/// of conjugate gradients reach at that λ. Every vector is made orthogonal to all before it, so rounding costs no steps.
class KrylovSpace {
 public:
  /// out = Hv, both with as many entries as the start.
  using Operator = std::function<void(std::span<const double> v, std::span<double> out)>;

  /// most: products with H at most.
  KrylovSpace(std::vector<double> start, Operator h, Index most);

  /// One more product with H; false where the space is complete or as large as it may be.
  bool grow();

  /// x at λ > 0 in the coordinates of the basis; the rest u = s − (H + λ)x is there.
  struct Point {
    std::vector<double> y;
    double square = 0;     ///< ‖u‖²
    double curvature = 0;  ///< uᵀHu
  };
  Point solve(double lambda) const;

  Index products() const { return static_cast<Index>(diagonal_.size()); }
  /// A column for each product.
  ConstMatrix basis() const { return {basis_.data(), length_, products()}; }
  /// uᵀHu for u = basis() t.
  double curvature(std::span<const double> t) const;

 private:
  Index length_, most_;
  Operator h_;
  double size_ = 0;                     ///< ‖s‖
  bool complete_ = false;               ///< the last product lies in the space
  std::vector<double> basis_;           ///< the vector whose product comes next is there, too
  std::vector<double> diagonal_, off_;  ///< of VᵀHV
};

}  // namespace riata
