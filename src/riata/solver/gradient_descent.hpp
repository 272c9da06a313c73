#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "riata/penalty/elastic_net.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/quadratic.hpp"
#include "riata/solver/smooth_point.hpp"
#include "riata/solver/trajectory.hpp"

namespace riata {

/// Gradient descent as it is written on blackboards, for one λ: from zero, w and the intercept stepped at the same time,
///
///   w := w (1 − α l2) − α ∂J/∂w, then the L1 part;   b := b − α ∂J/∂b,
///   l1 = λρf, l2 = λ(1−ρ)f,   J = (1/Σw) Σ wᵢ ℓ(yᵢ, ηᵢ)
///
///   proximal     w := S(w, α l1), the soft threshold: exact zeros, and the minimum of the stated objective
///   subgradient  w := w − α l1 sign(w before the step), sign(0) = 0: hovers about zero, ends where it ends
///   clip         as subgradient, but a weight whose sign would change is zero
///
/// and then into its bounds. λ is on the mean scale: the textbook's λ/m. The weights are those of the standardised columns;
/// without standardisation those of the columns as they are, not centred either, so that the numbers are the textbook's.
///
/// α is 1/L by default, L the largest eigenvalue of the smooth part's second derivative. With α ≤ 1/L a proximal step
/// cannot raise the objective: the smooth part lies below f(w) + gᵀd + ‖d‖²/2α, which the step minimises together with the
/// rest. L comes from power iterations, which stay below it, so dᵀ(g⁺ − g) ≤ ‖d‖²/α, the inequality that the argument needs,
/// is checked at every step, and α is lowered and the step taken again where it fails (the default α only).
/// (Beck & Teboulle 2009, SIAM J. Imaging Sci. 2; docs/selection.md.)
class GradientDescent final : public PathSolver {
 public:
  /// l1_ratio: 0 for l2, 1 for l1; none: no penalty, whatever λ.
  GradientDescent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, std::optional<double> l1_ratio,
                  const GradientDescentOptions& options, double tolerance, const Context& context);

  std::string_view name() const override { return "gradient-descent"; }

  /// Starts at zero, whatever the state. converged: the certificate is below the tolerance; diverged: a number was no longer
  /// finite, or the objective 1e8 times the first; the state is then the last finite one.
  Solution solve(double lambda, State& state) override;

  std::vector<std::string> warnings() const override { return warnings_; }
  std::optional<Trajectory> trajectory() const override { return trajectory_; }

 private:
  /// Weights and intercept in the coordinates stepped in, with what the objective says there.
  struct Point {
    std::vector<double> w;
    double b = 0;
    std::vector<double> gradient;  ///< of the smooth part, l2 included
    double gradient_b = 0;
    double loss = 0;
    double objective = 0;
  };

  double centre(Index j) const { return standardized_ ? 0.0 : fitted_.design->centre(j); }
  double factor(std::size_t j) const { return fitted_.norm[j] > 0 ? fitted_.factor[j] : 0.0; }
  State fitted_state(const Point& point) const;
  void evaluate(Point& point);
  double look(State& state, Point& point);
  Point step(const Point& from) const;
  double stepped(const Point& from, std::size_t j) const;
  double largest_curvature() const;
  bool step_was_short_enough(const Point& from, const Point& to) const;
  Certificate certify(const Point& point);
  void choose_learning_rate();
  void record(Index iteration, const Point& point);
  void record_last(Index iteration, const Point& point);
  TrajectoryRow row(Index iteration, const Point& point) const;
  Point iterate(Solution& solution);

  std::shared_ptr<Quadratic> quadratic_;
  ElasticNet penalty_;
  bool penalised_;
  GradientDescentOptions options_;
  double tolerance_;
  bool standardized_;
  Certifier certifier_;
  std::optional<SmoothPoint> smooth_;  ///< for losses other than the squared
  double lambda_ = 0;
  double rate_ = 0;
  Trajectory trajectory_;
  Index stride_ = 1;
  std::vector<std::string> warnings_;
};

}  // namespace riata
