#pragma once

#include <span>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// The lower Cholesky factor L of a symmetric positive definite matrix G = L Lᵀ that gains and loses rows and columns, as an
/// active set does. Appending costs O(k²), removing O(k²), solving O(k²), for k = size().
/// (Golub & Van Loan, Matrix Computations, 4th ed., §6.5.4: rank-one changes by Givens rotations.)
class GrowingCholesky {
 public:
  Index size() const { return size_; }
  void clear() { size_ = 0; }

  /// Appends a row and column: `column` holds G(0..k−1, k), `diagonal` G(k, k). Refuses (false, nothing changed) when the
  /// new pivot is at most `threshold`·diagonal: the new column depends on the others as far as this precision can tell; then
  /// G⁻¹·column tells how.
  [[nodiscard]] bool append(std::span<const double> column, double diagonal, double threshold);

  /// The two halves of append, for several columns that come at once: columns := L⁻¹ columns, and a new last row of L with
  /// its pivot (the square of the diagonal entry).
  void forward(Matrix columns) const;
  void append_row(std::span<const double> row, double pivot);

  /// Factors a whole matrix (its lower triangle) afresh, O(k³) in blocks. False, and empty, when it is not positive
  /// definite.
  [[nodiscard]] bool factorise(ConstMatrix gram);

  /// Σ weights_k (G⁻¹)_kk.
  double weighted_inverse_trace(std::span<const double> weights) const;

  /// Removes row and column `position`; later ones move up by one.
  void remove(Index position);

  /// x := G⁻¹ x, in place; x has size() entries.
  void solve(std::span<double> x) const;

 private:
  double& at(Index i, Index j) { return factor_[static_cast<std::size_t>(i + j * capacity_)]; }
  double at(Index i, Index j) const { return factor_[static_cast<std::size_t>(i + j * capacity_)]; }
  void reserve(Index capacity);
  void forward(double* x) const;

  Index size_ = 0;
  Index capacity_ = 0;
  std::vector<double> factor_;  ///< column-major, lower triangle, capacity_ × capacity_
};

}  // namespace riata
