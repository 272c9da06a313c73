#pragma once

#include <memory>
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

  /// The two halves of append, for several columns that come at once: columns := L⁻¹ columns, and new last rows of L, each
  /// as long as its diagonal entry tells.
  void forward(Matrix columns) const;
  void append_rows(std::span<const std::vector<double>> rows);

  /// Factors a whole matrix of k rows afresh, O(k³) in blocks: its lower triangle is to be written to room(k), then
  /// factorise() called. False, and empty, when it is not positive definite.
  Matrix room(Index rows);
  [[nodiscard]] bool factorise();

  /// Σ weights_k (G⁻¹)_kk, O(k³) in blocks.
  double weighted_inverse_trace(std::span<const double> weights) const;

  /// Removes the rows and columns `positions` (increasing); later ones move up. `halfway`, if not empty, is L⁻¹x and becomes
  /// that of what is left of x (its last entries are then of no use).
  void remove(std::span<const Index> positions, std::span<double> halfway = {});
  void remove(Index position, std::span<double> halfway = {}) { remove({&position, 1}, halfway); }

  /// x := G⁻¹ x, in place; x has size() entries.
  void solve(std::span<double> x) const;
  /// Its halves: x := L⁻¹ x, then x := L⁻ᵀ x. The latter also for the last entries of x alone.
  void forward(std::span<double> x) const;
  void backward(std::span<double> x) const;
  void backward(Matrix columns) const;  ///< x of several sides, size() rows
  /// out += Lᵀ Σ values[k] e_{rows[k]}; rows increasing.
  void add_transposed(std::span<const Index> rows, std::span<const double> values, std::span<double> out) const;

 private:
  double& at(Index i, Index j) { return factor_[static_cast<std::size_t>(i + j * capacity_)]; }
  ConstMatrix lower(Index first = 0) const;
  ConstMatrix block(Index first, Index count) const {
    return {factor_.get() + first * (capacity_ + 1), count, count, capacity_};
  }
  template <class F>
  void for_rows_below(Index first_column, Index count, const F& f) const;
  void reserve(Index capacity);

  Index size_ = 0;
  Index capacity_ = 0;
  /// Column-major, lower triangle, capacity_ × capacity_. What lies above the diagonal is never touched, so that it takes
  /// addresses but hardly any memory.
  std::unique_ptr<double[]> factor_;
};

}  // namespace riata
