#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "riata/penalty/l2.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/quadratic.hpp"
#include "riata/solver/scope.hpp"

namespace riata {

class RidgeRoute;
struct RowKernel;

constexpr Index kMostFactorised = 3000;  ///< rows or columns, whichever are fewer

struct RidgeOptions {
  double tolerance = 1e-6;        ///< relative gap at which the iterative route stops
  bool predictions_only = false;  ///< the wide route then leaves State::b empty; the KKT violation is NaN
  LeaveOneOut leave_one_out = LeaveOneOut::none;
  Index most_products = 500;          ///< of the Krylov space; what is left then goes on λ by λ
  Index lambdas = 0;                  ///< how many λ > 0 will be asked for; 0: any number of any size
  double least_lambda = 0;            ///< the smallest of them
  bool diagnostics = true;            ///< degrees of freedom where they cost
  const RowKernel* kernel = nullptr;  ///< kernel_matrix.hpp; of unscaled columns
};

/// Ridge for the squared loss without bounds, in fitted coordinates: minimise ½ Σ wᵢ (yᵢ − zᵢᵀb)² + λ/2 Σ fⱼ bⱼ²; factors
/// may be 0 (not penalised) and +∞ (left out). By the size of the problem:
///
///   tall   the Gram ZᵀWZ (ridge_gram.hpp)
///   wide   the kernel W^½ Z F⁻¹ Zᵀ W^½ with the unpenalised columns projected out: rows², whatever p
///          both by eigenvalues, once for the whole path, or with a Cholesky factor for each of a few λ (shifted_matrix.hpp)
///   large  (the smaller side above 3000, or 10,000 where rows are left out; or a sparse design for which the kernel costs
///   more than iterating) conjugate
///          gradients, matrix-free, for all λ in one Krylov space; where columns have no penalty, or the space ends, with
///          the diagonal as preconditioner, warm-started from λ to λ; no degrees of freedom
///
/// With a factorisation every λ comes with the trace of the hat matrix, the GCV error Σ wᵢrᵢ² / (1 − (df + intercept)/n)²
/// and, where it is wanted, the leave-one-out error Σ wᵢ (rᵢ/(1 − hᵢ))², both with Σw = 1: what refitting without the row
/// gives with λ on the sum scale and the columns' scales held fixed (Golub, Heath & Wahba 1979, Technometrics 21). λ = 0 is
/// least squares.
class RidgePathSolver final : public PathSolver {
 public:
  RidgePathSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, const RidgeOptions& options,
                  const Context& context);
  ~RidgePathSolver() override;

  std::string_view name() const override;
  Solution solve(double lambda, State& state) override;
  /// With a factorisation several λ at once: a pass over X serves them all.
  Status solve_path(std::span<const double> lambdas, const SolutionSink& sink) override;
  void linear_predictor(const State& state, std::span<double> eta) override;
  std::vector<std::string> warnings() const override;

 private:
  class GivenQuadratic;

  struct Point {
    State state;
    Solution solution;
  };

  Solution zero(State& state);
  void judge(double lambda, State& state, Solution& solution);
  void settle(Solution& solution) const;
  void count(double lambda, Solution& solution);
  std::optional<Solution> predict_only(double lambda, State& state);
  std::vector<double> multiply(ConstMatrix b) const;
  void judge_by_rows(std::span<const double> lambdas, ConstMatrix zb, std::span<Point> points);
  Certificate certify_rows(double lambda, std::span<const double> b, std::span<const double> gradient);
  void leave_one_out(std::span<const double> lambdas, ConstMatrix zb, std::span<Point> points);
  bool go_on(double lambda, Point& point);
  bool solve_chunk(std::span<const double> lambdas, Index first, const SolutionSink& sink, Status& worst);

  std::shared_ptr<Quadratic> quadratic_;
  RidgeOptions options_;
  Certifier certifier_;
  Scope scope_;
  std::unique_ptr<RidgeRoute> route_;
  bool exact_;  ///< from a factorisation
  std::unique_ptr<GivenQuadratic> given_;
  Certifier given_certifier_;
  double last_lambda_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace riata
