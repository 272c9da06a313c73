#pragma once

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/kernels/blas.hpp"

namespace riata {

/// At which λ a matrix is shifted.
struct Shifts {
  double least = 0;      ///< the smallest λ, where these are few; 0: any number of any size
  bool inverses = true;  ///< whether traces and diagonals of inverses are asked for
};

/// A + λI for a positive semidefinite A of m rows, inverted at several λ > 0: from the eigenvalues of A, once for all λ; or
/// with a Cholesky factor a λ, m³/3 multiply-adds where eigenvalues take the time of 5 m³ to 8 m³. Factors are taken where
/// λ are few and A + least·I, its diagonal scaled to one, has a condition number of no more than a million: beyond, only
/// eigenvalues tell what is zero.
class ShiftedMatrix {
 public:
  ShiftedMatrix() = default;
  /// a: symmetric, used up. stop: asked now and then; once it says so nothing here is of use.
  ShiftedMatrix(std::vector<double> a, Index order, const Shifts& shifts, blas::Stop stop = {});

  Index order() const { return order_; }
  bool by_eigenvalues() const { return by_eigenvalues_; }
  double largest_eigenvalue() const { return eigenvalues_.empty() ? 0.0 : eigenvalues_.back(); }  ///< 0 with factors
  /// Whether eigenvalues are known, and some are zero but for rounding.
  bool singular() const { return !eigenvalues_.empty() && eigenvalues_.front() <= zero(); }
  /// Of A + λI, or a bound that no λ asked for exceeds.
  double condition(double lambda) const;

  /// x = (A + λ)⁻¹ c, a column a λ. With eigenvalues λ may be 0: the x of minimum norm. rounding: the error of vᵀc for a
  /// unit vector v. Where the eigenvalue is zero and vᵀc no more than that, so is the direction's share of x: λ alone would
  /// blow rounding up.
  void solve(std::span<const double> lambdas, std::span<const double> c, Matrix x, double rounding = 0);

  /// Trace of A (A + λ)⁻¹, eigenvalues that are zero but for rounding left out: beside a λ as small they would count as
  /// whole ones. NaN where Shifts did not ask and it costs.
  double trace(double lambda);
  /// Diagonals of (A + λ)⁻¹, a column a λ.
  void inverse_diagonals(std::span<const double> lambdas, Matrix out);
  /// V (m × m) and s with (A + λ)⁻¹ = V diag(s) Vᵀ; from eigenvalues V is the same at every λ.
  std::vector<double> directions(double lambda);
  double shrink(Index a, double lambda) const;

 private:
  struct Inverse {
    double lambda;
    std::vector<double> diagonal;
  };
  void eigen();
  bool factor(double lambda);
  void invert(const std::function<void(Index first, ConstMatrix columns)>& take) const;
  const Inverse& inverse(double lambda);
  double norm_of_shifted(double lambda) const;
  double zero() const;  ///< an eigenvalue up to this is rounding: order · ε · the largest

  Index order_ = 0;
  Shifts shifts_;
  blas::Stop stop_;
  bool by_eigenvalues_ = true;
  std::vector<double> a_;            ///< eigenvectors; or A above the diagonal and the factor of S (A + λ) S in the rest
  std::vector<double> eigenvalues_;  ///< increasing, clipped at 0
  std::vector<double> diagonal_;     ///< of A
  std::vector<double> root_;         ///< S: 1/√ of the diagonal of A + λ
  double factored_ = std::numeric_limits<double>::quiet_NaN();  ///< the λ of the factor
  double condition_ = 1;
  std::vector<Inverse> inverses_;
};

}  // namespace riata
