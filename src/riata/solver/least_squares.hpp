#pragma once

#include <memory>
#include <string>
#include <vector>

#include "riata/solver/path_solver.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {

/// A minimiser of Σ wᵢ (yᵢ − ηᵢ)², in fitted coordinates: of all minimisers the one of least norm ‖b‖₂.
struct LeastSquares {
  std::vector<double> coefficients;  ///< p, fitted coordinates; excluded columns are zero
  double intercept = 0;              ///< b₀ in fitted coordinates
  Index rank = 0;                    ///< numerical rank of W^½ Z without its excluded columns
  Index columns = 0;                 ///< how many columns could vary
  double condition = 1;              ///< σ₁ / σ_min(n, columns), columns scaled to unit norm; NaN: not measured
  std::string method;                ///< which of the routes below was taken
  Status status = Status::converged;
};

/// Least squares for the squared loss without penalty and without bounds. By the size of the problem:
///
///   small           column-pivoted Householder QR of W^½ Z in 64-bit-mantissa arithmetic, centred anew there: what rounding
///                   is left is that of the data
///   tall            Cholesky of the Gram matrix, refined with residuals from the data, if the Gram's measured condition
///                   number is at most 1e10; X is not copied
///   ill-conditioned column-pivoted QR, then the singular values of R (one copy of the columns in float64)
///   wide            eigenvalues of the kernel Z Zᵀ, refined with residuals
///   large           conjugate gradients on the normal equations from zero (min(n, columns) > 3000, or no memory for a copy)
///
/// Singular values at or below max(n, columns)·ε·σ₁ count as zero (in the wide route, where they are seen squared,
/// √(max(n, columns)·ε)·σ₁).
/// (Golub & Van Loan 2013, Matrix Computations, ch. 5; Björck 1996, Numerical Methods for Least Squares Problems, 2.9
/// and 7.4.)
LeastSquares least_squares(const FittedProblem& fitted, double tolerance, const Context& context);

/// What to tell the user: empty when the columns have full rank.
std::string rank_warning(const LeastSquares& solution);

/// The path without a penalty: the same answer at every λ.
class LeastSquaresPathSolver final : public PathSolver {
 public:
  LeastSquaresPathSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, double tolerance,
                         const Context& context);
  std::string_view name() const override { return name_; }
  Solution solve(double lambda, State& state) override;
  std::vector<std::string> warnings() const override { return warnings_; }

 private:
  std::shared_ptr<Quadratic> quadratic_;
  double tolerance_;
  Certifier certifier_;
  std::optional<LeastSquares> solution_;
  std::string name_ = "least-squares";
  std::vector<std::string> warnings_;
};

}  // namespace riata
