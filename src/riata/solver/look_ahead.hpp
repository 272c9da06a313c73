#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "riata/core/status.hpp"
#include "riata/solver/fitted_problem.hpp"
#include "riata/solver/span_bound.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {

/// One λ of a path in fitted coordinates; the spans are valid during the call.
struct SolvedPoint {
  Index k = 0;                     ///< index into the given λ
  std::span<const Index> columns;  ///< of the non-zero coefficients, increasing
  std::span<const double> values;  ///< their coefficients
  double b0 = 0;
  std::span<const double> eta;      ///< n: b₀ + Zb + offset, rows of weight zero too
  std::span<const double> pull;     ///< n: −wᵢ ∂ℓ/∂η
  std::span<const Index> relevant;  ///< increasing: all columns but those that are proved to be zero, |zⱼᵀ pull| < λρfⱼ
  std::span<const double> gradient;  ///< Zᵀ pull of the relevant columns
  double degrees_of_freedom = 0;
  Status status = Status::converged;
};

/// Returning false stops the path.
using SolvedPointSink = std::function<bool(const SolvedPoint&)>;

struct LookAheadOptions {
  double tolerance = 1e-6;         ///< the relative gap asked for, which iterative steps undercut by far
  Index most_rounds = 0;           ///< of the active set per λ; 0: its own bound
  bool degrees_of_freedom = true;  ///< false: NaN where an l2 part makes them cost as much as a solve
  bool predictions_only = false;   ///< true: iterative steps go no farther than the tolerance asks
};

/// The lasso or elastic-net path by the active-set core, for any design: λ decreasing, mean scale,
/// penalty λ Σ fⱼ(ρ|bⱼ| + (1−ρ)/2 bⱼ²), ρ > 0.
///
/// Several λ are solved ahead on a small working set and then checked against all columns in one pass over the design, with
/// two right-hand sides: the last pull, and how it changes with λ. From these the gradients in between follow up to an error
/// that is bounded (span_bound.hpp); columns which may come near their threshold are looked at exactly. The working set
/// comes from the predicted gradient at the far end (Hessian screening: Larsson & Wallin 2022, NeurIPS 35). The prediction
/// costs speed when it is wrong, never correctness.
///
/// The pass is the caller's, so that one can serve several problems on the same matrix (the folds of a cross-validation):
///
///   for (look.start(); !look.done(); look.accept(sink)) { look.choose(); look.solve(); }
///
/// where solve() may also be taken in parts, as WorkingProblem's: begin(), and answers to what next() asks for; and before
/// each accept, and once after start, every block of columns' products with sides() is handed to take().
class LookAhead {
 public:
  /// `working`: by default that of the fitted problem's loss.
  LookAhead(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, const LookAheadOptions& options,
            const Context& context, std::unique_ptr<WorkingProblem> working = nullptr);

  bool done() const { return next_ >= static_cast<Index>(lambdas_.size()) || stopped_; }
  /// All products taken after the first ones will be rough.
  void expect_rough_products() { rough_ = true; }
  /// The null model: unpenalised columns fitted. Its sides() are to be taken before the first choose().
  void start();
  /// Chooses the working set for the λ that come next.
  void choose();
  void solve();
  void begin();
  RowPass* next();
  std::span<const Index> working() const { return working_; }  ///< increasing; since the last choose()
  void move_rows(Index first, std::span<double> rows) { problem_->move_rows(first, rows); }
  std::span<const double> pull() const { return problem_->pull(); }
  /// n × 1 or 2.
  ConstMatrix sides() const;
  /// products(a, c) = z_{first + a}ᵀ sides(:, c). Every column once, in any order, by several threads at once.
  /// units: how rough they are (SpanBound), each time the same; empty: not at all.
  void take(Index first, ConstMatrix products, std::span<const double> units = {});
  /// Hands over the solved λ up to the first at which a column outside the working set wants in.
  void accept(const SolvedPointSink& sink);
  /// interrupted when the context or the sink said so.
  Status status() const { return stopped_ ? Status::interrupted : Status::converged; }
  /// The largest |gradient| of a column that is not excluded, at the last sides taken.
  double largest_gradient() const;

 private:
  struct Kept {
    std::vector<Index> columns;
    std::vector<double> values;
    double b0 = 0;
    double degrees_of_freedom = 0;
    Status status = Status::converged;
    std::vector<double> gradient = {};  ///< on working_, where the solve has taken it
  };

  ElasticBox box(double lambda) const;
  double enough(double lambda) const;
  Index solve_ahead();
  void begin_at(double relative);
  void finish();
  void keep(Index i, Status status);
  bool forced(Index j) const;
  void find_relevant();
  void take_relevant();
  bool find_missed(const ElasticBox& penalty, std::span<const double> gradient);
  void adapt(Index good);

  const FittedProblem& fitted_;
  const Context& context_;
  double l1_ratio_;
  std::span<const double> lambdas_;
  LookAheadOptions options_;
  std::unique_ptr<WorkingProblem> problem_;
  std::vector<double> precision_;        ///< p: below what a violation does not count
  double goal_ = 0;                      ///< the relative gap aimed at
  double widest_ = 0;                    ///< largest ‖zⱼ‖/fⱼ where the gap tells precision_, else 0
  std::vector<double> gradient_;         ///< p, at the last sides taken (previous_)
  std::vector<double> slope_;            ///< p, so that gradient(l1 − δ) ≈ gradient − δ·slope
  std::vector<char> excluded_;           ///< p
  std::vector<char> near_;               ///< p: not proved to stay below the threshold
  std::vector<Index> working_, likely_;  ///< increasing; likely_: those that will probably be active at the last λ
  std::vector<Index> forced_;            ///< increasing: columns the last check missed
  std::vector<Index> relevant_;          ///< increasing
  std::vector<double> etas_, pulls_, gradients_;
  std::vector<double> anchor_;  ///< n × 2: the sides whose products gradient_ and slope_ are
  SpanBound bound_;
  std::vector<double> thresholds_;  ///< λρ of those just solved
  std::vector<Kept> kept_;
  double previous_ = 0;
  Index next_ = 0, solved_ = 0;
  Index solving_ = 0;    ///< which of them
  double relative_ = 0;  ///< precision_ it is solved with, where the gap tells it
  bool missed_at_once_ = false, stopped_ = false, starting_ = true, rough_ = false;
  bool together_ = false;  ///< several λ cost little more than one: where columns were missed they are tried again at once
  double margin_;
  Index ahead_ = 2;
  Index most_ahead_;
  bool bounded_;  ///< near_ is told by bounds; else it is all columns
};

/// The path of one problem, with passes of its own.
Status look_ahead_path(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas,
                       const LookAheadOptions& options, const Context& context, const SolvedPointSink& sink);

/// Below what a column's gradient may violate its condition: `relative` ‖zⱼ‖_W ‖y‖_W, but at least its rounding error.
std::vector<double> gradient_precision(const FittedProblem& fitted, double relative = 0.0);

}  // namespace riata
