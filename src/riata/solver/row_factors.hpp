#pragma once

#include <span>
#include <vector>

#include "riata/solver/kernel_matrix.hpp"
#include "riata/solver/scope.hpp"
#include "riata/solver/shifted_matrix.hpp"

namespace riata {

/// What wide ridge knows of the rows whatever their response: with W^½ Z_U = U S Vᵀ, the unpenalised columns, and M the
/// projection that takes the intercept and U away, the kernel K = Z F⁻¹ Zᵀ of the penalised columns and K̃ = M W^½ K W^½ M,
/// ready to be inverted at several λ.
class RowFactors {
 public:
  /// shared: K about any point, or null.
  RowFactors(const FittedProblem& fitted, const Scope& scope, const Shifts& shifts, const RowKernel* shared,
             const Context& context);

  std::span<const Index> penalised() const { return penalised_; }
  std::span<const Index> unpenalised() const { return unpenalised_; }
  ConstMatrix kernel() const { return {kernel_.data(), n_all_, n_all_}; }  ///< K, all rows
  std::span<const double> root() const { return root_; }                   ///< √w of the rows in scope
  std::span<const double> own() const { return own_; }                     ///< diagonal of I − M
  Index rank() const { return rank_; }                                     ///< of U
  double filler() const { return filler_; }
  ShiftedMatrix& shifted() { return shifted_; }
  const ShiftedMatrix& shifted() const { return shifted_; }

  /// M v: v without what the intercept and the unpenalised columns explain.
  void project(std::span<double> v) const;
  /// V S⁻¹ Uᵀ v: the unpenalised columns' coefficients that explain v.
  std::vector<double> explain(std::span<const double> v) const;

 private:
  void unpenalised_basis(const FittedProblem& fitted, const Scope& scope);
  std::vector<double> projected_kernel(const Scope& scope);

  Index n_all_;
  bool intercept_;
  std::vector<Index> penalised_, unpenalised_;
  std::vector<double> kernel_;
  std::vector<double> root_;
  std::vector<double> basis_, basis_s_, basis_vt_;  ///< U, S, Vᵀ
  Index rank_ = 0;                                  ///< of the singular values, those that are not zero
  std::vector<double> own_;
  double filler_ = 1;  ///< eigenvalue of K̃ where M is zero: of the others' size, or factors of it would look ill conditioned
  ShiftedMatrix shifted_;  ///< K̃
};

}  // namespace riata
