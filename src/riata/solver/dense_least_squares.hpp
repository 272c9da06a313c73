#pragma once

#include <optional>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/kernels/blas.hpp"

namespace riata {

/// The minimum-norm minimiser of ‖Ax − y‖₂ and what was seen of A on the way. Rank and condition are those of A with its
/// columns scaled to unit norm, so that units do not matter.
struct DenseLeastSquares {
  std::vector<long double> x;
  Index rank = 0;
  double condition = 1;  ///< σ₁ / σ_min(rows, cols); +∞ where the last singular value is zero
};

/// Column-pivoted Householder reflections in long double, completed to an orthogonal factorisation where the rank is not
/// full. A is column-major, rows × cols. A pivot at or below `threshold` times the largest counts as zero.
DenseLeastSquares minimum_norm_long_double(const std::vector<long double>& a, Index rows, Index cols,
                                           const std::vector<long double>& y, double threshold);

/// The same in double through column-pivoted QR and the singular values of R (LAPACK). Destroys a and y. Nothing once
/// stopped.
std::optional<DenseLeastSquares> minimum_norm_qr(Matrix a, std::vector<double>& y, double threshold,
                                                 const blas::Stop& stop = {});

}  // namespace riata
