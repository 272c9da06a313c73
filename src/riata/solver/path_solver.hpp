#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/status.hpp"
#include "riata/solver/certificate.hpp"
#include "riata/solver/fitted_problem.hpp"
#include "riata/solver/trajectory.hpp"

namespace riata {

/// A point in fitted coordinates: what a solve starts from and what it leaves, so that warm starts are explicit.
struct State {
  std::vector<double> b;  ///< p; zero for excluded columns
  double b0 = 0;          ///< η = b₀ + Z b + offset; squared loss with an intercept: the response mean, but for rounding
};

/// The point from which every path starts: b = 0 and the null model's intercept.
State null_state(const FittedProblem& fitted);

/// What a ridge path tells of the fits without one row, where a factorisation gives it: nothing; errors, where it is made
/// anyway; errors or also predictions, which are worth one of a larger problem, too.
enum class LeaveOneOut { none, if_cheap, errors, predictions };

/// What a solve at one λ tells besides the state.
struct Solution {
  Status status = Status::converged;
  Certificate certificate;
  double loss = 0;                            ///< Σ wᵢ ℓ(yᵢ, ηᵢ), weights of sum one
  double degrees_of_freedom = 0;              ///< trace of the hat matrix on the active set, without the intercept
  std::optional<double> leave_one_out_error;  ///< where it is wanted and a factorisation gives it
  std::vector<double> leave_one_out;          ///< predictions of all rows, where they are wanted
  std::optional<double> gcv_error;
};

/// Computes on the first call, then returns, b₀ + Z b + offset of all n rows, those of weight zero too. Valid during the
/// visit. On tall data it costs a pass over X: CrossMoments::sum_of_squares is far cheaper.
using LinearPredictor = std::function<std::span<const double>()>;

/// Takes the solution at λ number k; returning false stops the path.
using SolutionSink = std::function<bool(Index k, const State& state, const Solution& solution, const LinearPredictor& eta)>;

/// Solves one problem with one penalty at one λ after the other. Made once a path by make_path_solver (path/), which is the
/// only place that knows all kinds; it holds what the λ have in common: factors, Gram matrices, screening.
class PathSolver {
 public:
  virtual ~PathSolver() = default;

  /// What `Path::solver` says: "coordinate-descent", "ridge", "least-squares", "gradient-descent", …
  virtual std::string_view name() const = 0;

  /// Minimises at λ ≥ 0, starting from `state`: the solution at the λ before, or null_state. Looks at context.interrupted()
  /// at safe points and then returns Status::interrupted. The certificate is that of the full problem.
  virtual Solution solve(double lambda, State& state) = 0;

  /// Solves for each λ in turn from null_state on, warm-started, and hands each solution over as soon as it is certified; an
  /// interrupted one is not handed over. A solver that works on several λ at once overrides it.
  virtual Status solve_path(std::span<const double> lambdas, const SolutionSink& sink);

  /// eta = b₀ + Z b + offset of all rows at `state`. By default one multiplication.
  virtual void linear_predictor(const State& state, std::span<double> eta);

  /// What the user should know about the path: rank deficiency, too large a step, …
  virtual std::vector<std::string> warnings() const { return {}; }

  /// The steps that were taken; gradient descent only.
  virtual std::optional<Trajectory> trajectory() const { return std::nullopt; }

 protected:
  PathSolver(const FittedProblem& fitted, const Context& context) : fitted_(fitted), context_(context) {}
  const FittedProblem& fitted_;
  const Context& context_;
};

}  // namespace riata
