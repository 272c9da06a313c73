#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "riata/core/status.hpp"
#include "riata/core/types.hpp"
#include "riata/solver/growing_cholesky.hpp"

namespace riata {

/// The entries of G = ZᵀWZ that an active-set method asks for.
class GramSource {
 public:
  virtual ~GramSource() = default;
  /// out(a, b) = G(left[a], right[b]).
  virtual void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) = 0;
};

/// The quadratic ½ bᵀGb − cᵀb, c = ZᵀWy, with its point b and a gradient that is computed afresh, so that rounding does not
/// add up.
class ActiveQuadratic : public GramSource {
 public:
  /// b[columns] = values, which is delta more than before.
  virtual void move(std::span<const Index> columns, std::span<const double> values, std::span<const double> delta) = 0;
  /// out[i] = (c − Gb)[columns[i]] at the present b.
  virtual void gradient(std::span<const Index> columns, std::span<double> out) = 0;
};

/// A quadratic that can be looked at in several points together.
class AheadQuadratic : public ActiveQuadratic {
 public:
  virtual Index rows() const = 0;
  virtual Index most_active() const = 0;  ///< more columns than these depend on each other
  /// rows(:, k): the residuals of the point that is `delta`(:, k) away in `columns`.
  virtual void rows_after(std::span<const Index> columns, ConstMatrix delta, Matrix rows) = 0;
  /// out(i, k) = (c − Gb)[columns[i]] where the residuals are rows(:, k).
  virtual void gradients(std::span<const Index> columns, ConstMatrix rows, Matrix out) = 0;
  /// As move, where the residuals are known.
  virtual void adopt(std::span<const Index> columns, std::span<const double> values, std::span<const double> delta,
                     std::span<const double> rows) = 0;
};

/// Gradients of the working columns at the present point, where the penalty is l1, and how they go on: at l1 − δ about
/// gradient − δ·slope.
struct Outlook {
  double l1 = 0;
  std::vector<double> gradient = {};
  std::vector<double> slope = {};
  bool rough = false;  ///< the gradients are near
};

/// The λ-dependent part: l1 Σ fⱼ|bⱼ| + ½ l2 Σ fⱼ bⱼ² in the box lower ≤ b ≤ upper (empty: no bounds).
struct ElasticBox {
  double l1 = 0;
  double l2 = 0;
  std::span<const double> factor;
  std::span<const double> lower;
  std::span<const double> upper;
};

/// By how much column j at b, outside the support, with gradient g, violates its optimality condition, and which way it
/// wants to go (±1, may be null); 0 when that is no more than `precision` plus 1e-13 of its threshold.
double violation(const ElasticBox& penalty, Index j, double b, double g, double precision, double* direction = nullptr);

/// Exact minimisation of the quadratic plus ElasticBox by an active-set Newton method: on a fixed support and sign pattern
/// the minimum is one linear solve with a maintained Cholesky factor; a coefficient that would cross zero or a bound stops
/// there and leaves the support, one that violates its optimality condition enters. The objective falls with every step and
/// supports are finite, so it ends at the exact minimum; rounds are bounded all the same.
/// (Osborne, Presnell & Turlach 2000, IMA J. Numer. Anal. 20; Lee, Battle, Raina & Ng 2006, NIPS 19, "feature-sign search".)
class ActiveSet {
 public:
  ActiveSet(GramSource& source, Index n_features);

  /// Minimises over the columns of `working`; all others must be zero. `quadratic` has the G of the constructor's source.
  /// Starts at the present point, so that after a change of λ the first step is the homotopy step. `precision` (p entries):
  /// size of each column's gradient's rounding error; violations below it, or below 1e-13 of the threshold, do not count.
  /// `most_rounds` 0: a bound of its own.
  Status solve(ActiveQuadratic& quadratic, const ElasticBox& penalty, std::span<const Index> working,
               std::span<const double> precision, Index most_rounds = 0);

  /// The same where `gradients` (one a working column) are those at the present point: all later ones follow from the Gram,
  /// without refinement. For a model that is good for one step.
  Status solve(std::span<const double> gradients, const ElasticBox& penalty, std::span<const Index> working,
               std::span<const double> precision);

  /// The first of several λ at once, as far as that is quick (active_ahead.hpp); returns how many. `solved` is called with
  /// the set and the quadratic at each one's point, and stops it soon by false. After those the set goes on from the last,
  /// or from where it was.
  Index solve_ahead(AheadQuadratic& quadratic, std::span<const ElasticBox> penalties, std::span<const Index> working,
                    std::span<const double> precision, Outlook outlook, const std::function<bool(Index)>& solved);

  /// What the last solve from gradients changed: b[columns] is `delta` more than before.
  struct Step {
    std::vector<Index> columns;
    std::vector<double> delta;
  };
  const Step& last_step() const { return step_; }

  /// Asks for the Gram of those columns that are not stored yet, in one block; those that enter unannounced are asked for
  /// then.
  void store(std::span<const Index> columns);

  /// The source's G is another now (new weights): forgets the stored Gram and factor; the point stays.
  void forget_gram();

  /// The quadratic's gradients are not those of the last solve's end any more: the next one asks for them.
  void forget_gradients() { refreshed_ = halfway_known_ = false, trusted_ = 0; }

  /// Moves to b (p entries) without telling a quadratic, whose point is b already or is set by the caller.
  void set_point(std::span<const double> b);
  /// The same where all but these columns (increasing) are zero, and no bound holds one elsewhere.
  void set_point(std::span<const Index> columns, std::span<const double> values);

  /// −db/dl1 on the support at the present point, where l2 keeps its ratio to l1: (G_AA + l2 F)⁻¹ F (s + l2/l1 b). Both are
  /// resized to the support.
  void homotopy_rate(std::vector<Index>& columns, std::vector<double>& rate) const;

  /// tr(G_AA (G_AA + l2 F)⁻¹) over the support: its size when l2 = 0 (Zou, Hastie & Tibshirani 2007, Ann. Stat. 35).
  double degrees_of_freedom() const;
  /// The same with an l2 that may be another than the last solve's.
  double degrees_of_freedom(double l2);

  std::span<const double> coefficients() const { return b_; }
  /// (c − Gb) of the columns of the last `working`.
  std::span<const double> gradients() const { return gradients_; }
  Index rounds() const { return rounds_; }

 private:
  friend class AheadSolver;
  struct Violator {
    Index column;
    double direction;  ///< +1 or −1: where it wants to go
    double amount;
  };
  struct Move {
    Index column;
    double known;
  };
  /// Where a solve ended: gradients on its working set.
  struct Settled {
    double l1 = 0;
    std::vector<Index> working;
    std::vector<double> gradients;
  };

  Status run(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
             Index most_rounds);
  void refactor(double l2);
  bool factorise(std::span<const Index> columns, double l2, GrowingCholesky& factor) const;
  double trace(const GrowingCholesky& factor, std::span<const Index> columns) const;
  void forget_idle();
  void set_support(std::vector<Index> support);
  bool enter(const Violator& violator, double threshold);
  bool enter(std::span<const Violator> violators);
  bool enter_dependent(const Violator& violator);
  void take_in(const Violator& violator);
  double gradient_noise(Index j);
  void leave(std::span<const Index> positions);
  void know_halfway();
  void newton_direction();
  bool advance();
  bool advance_at_once();
  bool minimise_on_support();
  void refresh(std::span<const Index> working, std::span<const double> precision);
  void look_outside(std::span<const Index> working);
  void take_slopes();
  void touch(Index j);
  std::vector<Move> take_moves();
  void tell();
  void follow(std::span<const Index> working);
  bool stationary(std::span<const double> precision, double& worst) const;
  std::vector<Violator> violators(std::span<const Index> working, std::span<const double> gradients,
                                  std::span<const double> precision);
  void enter_predicted(std::span<const Index> working, std::span<const double> precision);
  void mark_active(bool on);
  double target(Index j, double direction) const;
  double wanted_slope(Index j) const;
  void dependence(Index j, std::span<double> out);
  Index slot(Index j);
  double gram(Index a, Index b) const;
  double factor(Index j) const { return box_.factor.empty() ? 1.0 : box_.factor[static_cast<std::size_t>(j)]; }

  GramSource& source_;
  ActiveQuadratic* quadratic_ = nullptr;  ///< of the present solve; null: gradients follow from base_gradients_ and the Gram
  std::span<const double> base_gradients_;  ///< on working, at the point that is known
  ElasticBox box_;
  std::vector<double> b_;          ///< p
  std::vector<signed char> sign_;  ///< p: sign pattern of active columns
  std::vector<Index> active_;      ///< free columns in the factor's order
  Index fresh_ = 0;                ///< so many last ones have not moved since they entered
  std::vector<double> slope_;      ///< (c − Gb) on active_; between two steps on a support only halfway_ knows
  std::vector<double> direction_;  ///< Newton direction on active_
  std::vector<double> halfway_;  ///< L⁻¹ of what the direction is solved for; kept through steps and as columns come and go
  bool halfway_known_ = false;
  std::vector<char> moved_;        ///< p: is in moves_
  std::vector<Move> moves_;        ///< coefficients that may differ from those the quadratic (or base_gradients_) knows
  std::vector<char> active_mark_;  ///< p: scratch
  Step step_;
  bool refreshed_ = false;             ///< full_gradient_ is of the present point on active_
  std::vector<char> banned_;           ///< p: dependent and unbounded below precision; ignored until the next solve
  std::vector<double> gradients_;      ///< on working
  std::vector<double> full_gradient_;  ///< p: scatter of gradients_
  Index trusted_ = 0;                  ///< looks for which the slopes need no look of their own
  std::vector<Index> outside_;         ///< scratch: working columns that are not active
  std::vector<double> outside_gradients_;
  GrowingCholesky factor_;
  double factored_l2_ = 0;
  std::vector<Index> slot_;  ///< p: position in entered_, −1 before the first entry
  std::vector<Index> entered_;
  std::vector<std::vector<double>> gram_;  ///< gram_[a][b], b ≤ a, in order of entry
  Settled settled_, earlier_;              ///< the last two solves with a quadratic
  Index rounds_ = 0;
  std::optional<std::vector<Index>> support_;  ///< of the point, where it is not active_
};

}  // namespace riata
