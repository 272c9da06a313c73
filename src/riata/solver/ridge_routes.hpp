#pragma once

#include <limits>
#include <utility>

#include "riata/solver/ridge.hpp"
#include "riata/solver/ridge_gram.hpp"
#include "riata/solver/scope.hpp"

/// The routes behind RidgePathSolver.
namespace riata {

class RidgeRoute {
 public:
  virtual ~RidgeRoute() = default;
  virtual std::string_view name() const = 0;

  /// b (p entries, fitted coordinates; in: the warm start, which only the iterative route reads) for λ > 0.
  virtual Status solve(double lambda, std::span<double> b) = 0;

  /// Z b of all rows without a pass over the penalised columns; false where that is not possible.
  virtual bool predict(double, std::span<double>) const { return false; }

  /// b for several λ > 0, p × lambdas.size(); only with a factorisation.
  virtual void solve_many(std::span<const double>, Matrix) {}

  /// The gap (absolute) at λ without forming b; only where predict() can.
  virtual double gap(double) const { return 0; }

  /// Trace of the hat matrix without the intercept; NaN where it is not known.
  virtual double degrees_of_freedom(double lambda) const = 0;

  /// From the residuals of the rows of positive weight, a column a λ, those by the fits without these rows; NaN where a row
  /// determines its own prediction. False without a factorisation.
  virtual bool left_out(std::span<const double>, Matrix) { return false; }
};

class TallRidge final : public RidgeRoute {
 public:
  TallRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, const Context& context);
  std::string_view name() const override { return "ridge, eigenvalues of the Gram"; }
  Status solve(double lambda, std::span<double> b) override;
  void solve_many(std::span<const double> lambdas, Matrix b) override;
  double degrees_of_freedom(double lambda) const override { return gram_.degrees_of_freedom(lambda); }
  bool left_out(std::span<const double> lambdas, Matrix residuals) override;

 private:
  /// Diagonals of the hat matrices of all rows but for weight and intercept, a column a λ.
  std::vector<double> leverages(std::span<const double> lambdas) const;

  const FittedProblem& fitted_;
  Scope scope_;
  Quadratic& quadratic_;
  const Context& context_;
  RidgeGram gram_;
  std::vector<double> c_;  ///< ZᵀWy of the columns in scope
};

class WideRidge final : public RidgeRoute {
 public:
  WideRidge(const FittedProblem& fitted, Scope scope, const Context& context);
  std::string_view name() const override { return "ridge, eigenvalues of the kernel"; }
  Status solve(double lambda, std::span<double> b) override;
  bool predict(double lambda, std::span<double> zb) const override;
  void solve_many(std::span<const double> lambdas, Matrix b) override;
  double gap(double lambda) const override;
  double degrees_of_freedom(double lambda) const override;
  bool left_out(std::span<const double> lambdas, Matrix residuals) override;

 private:
  void unpenalised_basis();
  /// M v: v without what the intercept and the unpenalised columns explain.
  void project(std::span<double> v) const;
  /// α of the rows in scope, a column a λ: (K̃ + λ)⁻¹ M W^½ y.
  std::vector<double> duals(std::span<const double> lambdas) const;
  /// Z F⁻¹ Zᵀ W^½ α at all rows.
  std::vector<double> kernel_times(std::span<const double> alpha) const;
  /// Coefficients of the unpenalised columns given α.
  std::vector<double> unpenalised(std::span<const double> alpha) const;

  const FittedProblem& fitted_;
  Scope scope_;
  const Context& context_;
  std::vector<Index> penalised_, unpenalised_;
  std::vector<double> kernel_;                      ///< Z F⁻¹ Zᵀ, all rows
  std::vector<double> root_;                        ///< √w of the rows in scope
  std::vector<double> basis_, basis_s_, basis_vt_;  ///< thin SVD of W^½ Z_U
  Index rank_ = 0;                                  ///< of its singular values, those that are not zero
  std::vector<double> vectors_, eigenvalues_;       ///< of the projected kernel
  std::vector<double> rotated_;                     ///< vectorsᵀ M W^½ y
};

class IterativeRidge final : public RidgeRoute {
 public:
  IterativeRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, double tolerance, const Context& context)
      : fitted_(fitted), scope_(std::move(scope)), quadratic_(quadratic), tolerance_(tolerance), context_(context) {}
  std::string_view name() const override { return "ridge, conjugate gradients"; }
  Status solve(double lambda, std::span<double> b) override;
  double degrees_of_freedom(double) const override { return std::numeric_limits<double>::quiet_NaN(); }

 private:
  /// ZᵀW(y − Zb) − λ f b, zero for excluded columns.
  std::vector<double> gradient(double lambda, std::span<const double> b) const;
  bool good_enough(double lambda, std::span<const double> gradient) const;

  const FittedProblem& fitted_;
  Scope scope_;
  Quadratic& quadratic_;
  double tolerance_;
  const Context& context_;
};

}  // namespace riata
