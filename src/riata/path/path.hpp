#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/status.hpp"
#include "riata/solver/certificate.hpp"
#include "riata/solver/cross_moments.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/problem.hpp"
#include "riata/solver/trajectory.hpp"

namespace riata {

struct RowKernel;

/// Which penalty, without its strength. l1_ratio ρ: 1 is the lasso, 0 is ridge; used by "elastic-net" alone.
struct PenaltySpec {
  std::string name = "l2";  ///< none | l1 | l2 | elastic-net
  double l1_ratio = 0.5;

  /// 0 for l2 and none, 1 for l1, l1_ratio for elastic-net.
  double effective_l1_ratio() const;
};

enum class SolverKind { automatic, coordinate_descent, newton, gradient_descent };

/// Which λ. An explicit list is honoured exactly (sorted decreasingly); else a geometric grid from λ_max.
struct GridSpec {
  std::vector<double> lambdas;  ///< mean scale
  Index n_lambdas = 100;
  std::optional<double> min_ratio;  ///< default 1e-4, or 1e-2 if n < p
};

struct PathOptions {
  SolverKind solver = SolverKind::automatic;
  double tolerance = 1e-6;        ///< relative gap (KKT violation where there is no gap)
  Index max_iterations = 0;       ///< rounds per λ; 0: the solver's own bound
  bool keep_coefficients = true;  ///< false: only the visitor sees a point's coefficients (folds of a path with huge p)
  /// Coefficients that all points may keep together; once a path has more, only its last point keeps them. 0: any number.
  Index most_coefficients = 0;
  /// The visitor asks for predictions alone: iterative solvers go no farther than the tolerance asks, and where predictions
  /// need no coefficients (ridge by the kernel, on wide data) none are formed. Such points have none, intercept, objective
  /// and KKT violation are NaN; n_nonzero and the gap are there.
  bool predictions_only = false;
  bool diagnostics = true;  ///< degrees of freedom where they cost
  LeaveOneOut leave_one_out = LeaveOneOut::none;
  GradientDescentOptions gradient_descent;
  /// Moments of the problem's rows with its weights, where they are known already (a cross-validation's folds); otherwise
  /// fit_path computes them itself where they pay. Must outlive the call.
  const CrossMoments* moments = nullptr;
  /// The kernel of ridge's rows, where it is known already (row_kernel_if_it_pays). Must outlive the call.
  const RowKernel* kernel = nullptr;
};

/// One λ of a path. λ on the mean scale, coefficients and intercept on the original scale.
struct PathPoint {
  double lambda = 0;
  double intercept = 0;
  SparseCoefficients coefficients;
  Index n_nonzero = 0;  ///< non-zero coefficients, also where they are not kept
  double objective = 0;
  double deviance_ratio = 0;      ///< 1 − deviance/null deviance; the null model is intercept and offset
  double degrees_of_freedom = 0;  ///< trace of the hat matrix on the active set, without the intercept (docs/selection.md)
  std::optional<double> leave_one_out_error;  ///< ridge from one factorisation: weighted mean squared error
  std::vector<double> leave_one_out;          ///< predictions of each row by the fit without it; NaN where its weight is 0
  std::optional<double> gcv_error;            ///< the same with generalised cross-validation's mean leverage
  Certificate certificate;
  Status status = Status::converged;
};

struct Path {
  std::vector<PathPoint> points;  ///< by decreasing λ; after an interrupt only those that are finished
  std::vector<double> scale;      ///< sⱼ used in the penalty (1 where not standardised)
  std::vector<Index> excluded;    ///< features that no λ selects: constant, or left out by an infinite factor
  bool coefficients_kept = true;  ///< false: PathOptions::most_coefficients was exceeded
  double lambda_max = 0;
  double null_deviance = 0;              ///< per unit weight: Σw·2(ℓ(null) − ℓ(saturated))/Σw
  std::string solver;                    ///< what "auto" chose
  std::optional<Trajectory> trajectory;  ///< gradient descent only
  std::vector<std::string> warnings;     ///< rank deficiency, too large a step, …
  Status status = Status::converged;     ///< the worst of the points'
};

/// Called once per λ, in order, right after it is certified. Returning false stops the path.
using PathVisitor = std::function<bool(Index k, const PathPoint& point, const LinearPredictor& eta)>;

/// λ_max: the smallest λ at which every penalised coefficient is zero (divided by max(ρ, 0.001)), at the null model that
/// contains the intercept, the offset and all unpenalised features. For ρ < 0.001 and the squared loss it is that of the
/// response divided by its standard deviation, for ridge's λ does not depend on the response's unit (decision 0200).
std::vector<double> lambda_grid(const Problem& problem, const PenaltySpec& penalty, const GridSpec& grid,
                                const Context& context);

/// Solves for every λ of `lambdas` (decreasing, mean scale), warm-started, each certified on the full problem.
Path fit_path(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
              const PathOptions& options, const Context& context, const PathVisitor& visitor = {});

}  // namespace riata
