#pragma once

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "riata/solver/krylov_space.hpp"
#include "riata/solver/ridge.hpp"
#include "riata/solver/ridge_gram.hpp"
#include "riata/solver/row_factors.hpp"
#include "riata/solver/scope.hpp"

/// The routes behind RidgePathSolver. Shifts: how many λ of which size the factorising ones will see.
namespace riata {

class RidgeRoute {
 public:
  virtual ~RidgeRoute() = default;
  virtual std::string_view name() const = 0;

  /// b (p entries, fitted coordinates; in: the warm start, which only iterations read) for λ > 0.
  virtual Status solve(double lambda, std::span<double> b) = 0;

  /// What one does once for all λ: nothing; a space from which solve_many comes near and solve() goes on; a factorisation.
  enum class Shares { nothing, space, factors };
  virtual Shares shares() const = 0;

  /// b for several decreasing λ > 0, p × lambdas.size(); only where something is shared.
  virtual void solve_many(std::span<const double>, Matrix) {}

  /// Whether predict() and gap() are to be asked.
  virtual bool predicts() const { return false; }
  /// Z b of all rows without a pass over the penalised columns; false where that is not near enough.
  virtual bool predict(double, std::span<double>) { return false; }
  /// The gap (absolute) at λ without forming b.
  virtual double gap(double) { return 0; }

  /// Whether gradients at several b are cheaper from the design, all at once, than each from the quadratic.
  virtual bool judged_together() const { return predicts(); }

  /// Trace of the hat matrix without the intercept; NaN where it is not known.
  virtual double degrees_of_freedom(double lambda) = 0;

  /// From the residuals of the rows of positive weight, a column a λ, those by the fits without these rows; NaN where a row
  /// determines its own prediction. False without a factorisation.
  virtual bool left_out(std::span<const double>, Matrix) { return false; }
};

/// What tall ridge knows of the columns whatever the response.
struct ColumnFactors {
  RidgeGram gram;
  std::vector<double> lambdas, leverages;  ///< those of the last call
};
std::shared_ptr<ColumnFactors> column_factors(const FittedProblem& fitted, const Scope& scope, const Quadratic& quadratic,
                                              const Shifts& shifts, const Context& context);

class TallRidge final : public RidgeRoute {
 public:
  TallRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, std::shared_ptr<ColumnFactors> factors,
            const Context& context);
  std::string_view name() const override {
    return factors_->gram.shifted().by_eigenvalues() ? "ridge, eigenvalues of the Gram"
                                                     : "ridge, Cholesky factors of the Gram";
  }
  Status solve(double lambda, std::span<double> b) override;
  void solve_many(std::span<const double> lambdas, Matrix b) override;
  double degrees_of_freedom(double lambda) override { return factors_->gram.degrees_of_freedom(lambda); }
  bool left_out(std::span<const double> lambdas, Matrix residuals) override;
  Shares shares() const override { return Shares::factors; }

 private:
  /// Diagonals of the hat matrices of all rows but for weight and intercept, a column a λ.
  std::vector<double> leverages(std::span<const double> lambdas);

  const FittedProblem& fitted_;
  Scope scope_;
  Quadratic& quadratic_;
  const Context& context_;
  std::shared_ptr<ColumnFactors> factors_;
  std::vector<double> c_;  ///< ZᵀWy of the columns in scope
};

class WideRidge final : public RidgeRoute {
 public:
  WideRidge(const FittedProblem& fitted, Scope scope, std::shared_ptr<RowFactors> factors, const Context& context);
  std::string_view name() const override {
    return rows_->shifted().by_eigenvalues() ? "ridge, eigenvalues of the kernel" : "ridge, Cholesky factors of the kernel";
  }
  Status solve(double lambda, std::span<double> b) override;
  Shares shares() const override { return Shares::factors; }
  void solve_many(std::span<const double> lambdas, Matrix b) override;
  bool predicts() const override { return true; }
  bool predict(double lambda, std::span<double> zb) override;
  double gap(double lambda) override;
  double degrees_of_freedom(double lambda) override;
  bool left_out(std::span<const double> lambdas, Matrix residuals) override;

 private:
  /// α of the rows in scope, a column a λ: (K̃ + λ)⁻¹ M W^½ y; or its part in the span of the columns alone: what is left of
  /// y where K̃ is zero, 1/λ times as large, adds nothing to coefficients but rounding.
  enum class Directions { all, of_the_columns };
  const std::vector<double>& duals(std::span<const double> lambdas, Directions which);
  /// Z F⁻¹ Zᵀ W^½ α at all rows.
  std::vector<double> kernel_times(std::span<const double> alpha) const;
  /// Coefficients of the unpenalised columns given α.
  std::vector<double> unpenalised(std::span<const double> alpha) const;

  const FittedProblem& fitted_;
  Scope scope_;
  const Context& context_;
  std::shared_ptr<RowFactors> rows_;
  std::vector<double> right_;  ///< M W^½ y
  struct Duals {
    std::vector<double> lambdas, values;
  };
  std::array<Duals, 2> duals_;  ///< of the last call of either kind
};

/// Conjugate gradients, λ by λ.
class IterativeRidge final : public RidgeRoute {
 public:
  IterativeRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, double tolerance, const Context& context)
      : fitted_(fitted), scope_(std::move(scope)), quadratic_(quadratic), tolerance_(tolerance), context_(context) {}
  std::string_view name() const override { return "ridge, conjugate gradients"; }
  Status solve(double lambda, std::span<double> b) override;
  Shares shares() const override { return Shares::nothing; }
  double degrees_of_freedom(double) override { return std::numeric_limits<double>::quiet_NaN(); }

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

/// Conjugate gradients for all λ in one Krylov space, of the smaller side; every column has a penalty.
///
///   by columns  (F^−½ ZᵀWZ F^−½ + λ) x = F^−½ ZᵀWy,   b = F^−½ x
///   by rows     (W^½ Z F⁻¹ Zᵀ W^½ + λ) α = W^½ y,      b = F⁻¹ Zᵀ W^½ α
class KrylovRidge final : public RidgeRoute {
 public:
  KrylovRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, const RidgeOptions& options,
              const Context& context);
  std::string_view name() const override { return alone_.name(); }
  Status solve(double lambda, std::span<double> b) override { return alone_.solve(lambda, b); }
  Shares shares() const override { return Shares::space; }
  void solve_many(std::span<const double> lambdas, Matrix b) override;
  bool predicts() const override { return by_rows_; }
  bool predict(double lambda, std::span<double> zb) override;
  double gap(double lambda) override;
  bool judged_together() const override { return !on_moments_; }
  double degrees_of_freedom(double) override { return std::numeric_limits<double>::quiet_NaN(); }

 private:
  void gram_times(std::span<const double> v, std::span<double> out) const;
  void kernel_times(std::span<const double> v, std::span<double> out);
  std::vector<double> coefficients(ConstMatrix alpha) const;
  bool reached(const KrylovSpace::Point& point, double lambda) const;
  KrylovSpace::Point reach(double lambda);

  const FittedProblem& fitted_;
  Scope scope_;
  Quadratic& quadratic_;
  const Context& context_;
  IterativeRidge alone_;  ///< goes on where the space ends
  bool by_rows_, on_moments_ = false;
  double goal_;  ///< the gap to reach
  std::vector<double> root_factor_, root_weight_;
  std::vector<double> products_;  ///< by rows: Z F⁻¹ Zᵀ W^½ V, all rows
  std::optional<KrylovSpace> space_;
};

}  // namespace riata
