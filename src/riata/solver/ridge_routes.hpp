#pragma once

#include "riata/solver/ridge.hpp"
#include "riata/solver/ridge_gram.hpp"
#include "riata/solver/scope.hpp"

/// The three routes behind make_ridge_solver.
namespace riata {

/// residual, leverage (all rows; empty: no leave-one-out) → diagnostics.
RidgeDiagnostics ridge_diagnostics(const FittedProblem& fitted, const Scope& scope, double degrees_of_freedom,
                                   std::span<const double> residual, std::span<const double> leverage);

class TallRidge final : public RidgeSolver {
 public:
  TallRidge(const FittedProblem& fitted, Scope scope, const Context& context);
  std::string_view name() const override { return "ridge, eigenvalues of the Gram"; }
  Status solve(double lambda, std::span<double> b) override;
  bool predict(double lambda, std::span<double> zb) const override;
  RidgeDiagnostics diagnose(double lambda, std::span<const double> residual) const override;

 private:
  std::vector<double> right_side(std::span<const double> weighted) const;

  const FittedProblem& fitted_;
  Scope scope_;
  Context context_;
  RidgeGram gram_;
  std::vector<double> c_;                ///< ZᵀWy
  mutable std::vector<double> squares_;  ///< (zᵢᵀMₐ)², n × m; empty until asked for, or too large
  mutable Index directions_ = 0;
};

class WideRidge final : public RidgeSolver {
 public:
  WideRidge(const FittedProblem& fitted, Scope scope, const Context& context);
  std::string_view name() const override { return "ridge, eigenvalues of the kernel"; }
  Status solve(double lambda, std::span<double> b) override;
  bool predict(double lambda, std::span<double> zb) const override;
  RidgeDiagnostics diagnose(double lambda, std::span<const double> residual) const override;

 private:
  void unpenalised_basis();
  void project(std::span<double> v) const;
  /// α of the rows in scope: (K̃ + λ)⁻¹ M W^½ y.
  std::vector<double> dual(double lambda) const;
  /// Coefficients of the unpenalised columns given α.
  std::vector<double> unpenalised(std::span<const double> alpha) const;

  const FittedProblem& fitted_;
  Scope scope_;
  Context context_;
  std::vector<Index> penalised_, unpenalised_;
  std::vector<double> kernel_;                      ///< Z D² Zᵀ, all rows
  std::vector<double> root_;                        ///< √w of the rows in scope
  std::vector<double> basis_, basis_s_, basis_vt_;  ///< thin SVD of W^½ Z_U, zero singular values dropped
  Index rank_ = 0;
  std::vector<double> vectors_, eigenvalues_;  ///< of the projected kernel
  std::vector<double> rotated_;                ///< vectorsᵀ M W^½ y
};

class IterativeRidge final : public RidgeSolver {
 public:
  IterativeRidge(const FittedProblem& fitted, Scope scope, double tolerance, const Context& context);
  std::string_view name() const override { return "ridge, conjugate gradients"; }
  Status solve(double lambda, std::span<double> b) override;
  bool predict(double lambda, std::span<double> zb) const override;
  RidgeDiagnostics diagnose(double lambda, std::span<const double> residual) const override;

 private:
  /// ZᵀW(y − Zb) − λ f b, zero for excluded columns.
  std::vector<double> gradient(double lambda, std::span<const double> b) const;
  bool good_enough(double lambda, std::span<const double> gradient) const;

  const FittedProblem& fitted_;
  Scope scope_;
  double tolerance_;
  Context context_;
  std::vector<double> diagonal_;  ///< Σ w z², per column in scope
};

}  // namespace riata
