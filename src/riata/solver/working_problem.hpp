#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// What a solve asks of the rows before it goes on: η moves by what these columns' `delta` makes of it, where it moves, and
/// then the columns' gradients are taken.
struct RowPass {
  bool moves = false;
  std::vector<Index> columns = {};     ///< increasing
  std::vector<double> delta = {};      ///< of their coefficients
  std::vector<double> gradients = {};  ///< the answer
};

/// A fitted problem solved on a working set of columns: what a path with look-ahead asks for. Holds the point; columns
/// outside the working set are zero.
class WorkingProblem {
 public:
  virtual ~WorkingProblem() = default;

  /// Columns that the next solves will probably let in: what these need is best computed for all at once.
  virtual void expect(std::span<const Index>) {}

  /// Minimises over `working` from the present point. `precision` (p entries): violations below it do not count.
  /// `most_rounds` 0: a bound of its own.
  virtual Status solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                       Index most_rounds) = 0;

  using Precision = std::function<std::span<const double>()>;
  /// Solves the first of several λ at once, as far as that is quick, and calls `solved` with the point at each of them,
  /// which refuses it and stops the rest by false; returns how many. `precision` may be asked for once more at a point near
  /// the last of them.
  virtual Index solve_ahead(std::span<const ElasticBox>, std::span<const Index>, const Precision&, const Outlook&,
                            const std::function<bool(Index)>&) {
    return 0;
  }

  /// The same in parts, so that one pass over the design can serve several problems: after begin, every pass that next asks
  /// for is answered before the next call; it asks for no more when the solve has ended. By default begin does all.
  virtual void begin(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                     Index most_rounds) {
    ended_ = solve(penalty, working, precision, most_rounds);
  }
  virtual RowPass* next() { return nullptr; }
  virtual void serve(RowPass&) {}  ///< answers it by a pass of its own
  /// Part of another's answer: by how much a pass's columns move η of rows first, first + 1, …; replaced by their pull. Safe
  /// for disjoint rows at once.
  virtual void move_rows(Index, std::span<double>) {}
  Status ended() const { return ended_; }

  /// Computes the rows from the coefficients afresh, so that rounding does not add up along a path.
  virtual void recompute() = 0;

  virtual std::span<const double> coefficients() const = 0;  ///< p
  virtual double b0() const = 0;
  virtual void eta(std::span<double> out) const = 0;  ///< n: b₀ + Zb + offset, rows of weight zero too
  /// n: −wᵢ ∂ℓ/∂η, so that column j's gradient is zⱼᵀ pull; with an intercept they sum to zero but for rounding.
  virtual std::span<const double> pull() const = 0;
  /// zⱼᵀ pull of those columns (increasing) where the last solve has taken it with the present pull; the spans are valid
  /// until the next call.
  struct Gradients {
    std::span<const Index> columns;
    std::span<const double> of_column;  ///< p, those of other columns meaningless
  };
  virtual Gradients known_gradients() const { return {}; }
  /// n: gradients at l1 − δ are about gradient − δ Zᵀ rate.
  virtual void rate(std::span<double> out) = 0;
  /// Of the last solve's point, with the curvature there.
  virtual double degrees_of_freedom() = 0;

 protected:
  Status ended_ = Status::converged;
};

/// For the squared loss: one exact active-set solve a λ.
std::unique_ptr<WorkingProblem> squared_working_problem(const FittedProblem& fitted, const Context& context);

/// For any smooth convex loss: proximal Newton on the active-set core. The curvature is kept from step to step, and from λ
/// to λ, as long as steps shrink the violation fast enough (Lee, Sun & Saunders 2014, SIAM J. Optim. 24; stale factor as in
/// Larsson & Wallin 2022).
std::unique_ptr<WorkingProblem> smooth_working_problem(const FittedProblem& fitted, const Context& context);

/// For any smooth convex loss, where products with the design cost far less than a factor of the active columns' Gram:
/// sparse designs with thousands of active columns. Degrees of freedom with an l2 part are not computed (NaN).
std::unique_ptr<WorkingProblem> product_working_problem(const FittedProblem& fitted, const Context& context);

}  // namespace riata
