#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/solver/certificate.hpp"
#include "riata/solver/growing_cholesky.hpp"
#include "riata/solver/working_model.hpp"

namespace riata {

/// Minimises ½ r'Wr + Σ λfₖP(bₖ) over a box and a working set by cyclic coordinate descent, with exact steps between sweeps:
/// on the present support and sign pattern the minimum is one linear solve, taken whole or up to the first coefficient that
/// would change its sign or meet its bound. Both lower the objective, sweeps are bounded: it always ends.
template <Penalty P>
class WorkingDescent {
 public:
  struct Result {
    double violation = 0;  ///< largest KKT violation within the working set
    Index sweeps = 0;
    bool reached = false;
  };

  /// columns: one entry a position of the model; their b is read and written.
  WorkingDescent(const P& penalty, WorkingModel& model, std::vector<CertifiedColumn>& columns)
      : penalty_(penalty), model_(model), columns_(columns) {}

  /// Until the violation is at most `target`, no coefficient moves any more, or `most_sweeps` are done.
  Result run(double target, Index most_sweeps, const Context& context) {
    Result result;
    double best = std::numeric_limits<double>::infinity();
    int stale = 0;
    while (true) {
      bool moved = false;
      for (Index k = 0; k < kSweepsPerStep && result.sweeps < most_sweeps; ++k, ++result.sweeps) {
        moved = sweep(k > 0);
        if (!moved && k == 0) break;
      }
      if constexpr (kExactSteps) moved |= exact_steps();
      result.violation = violation();
      if (result.violation <= target || !moved) break;
      // Rounding: gradients can be no better than this, so neither can the violation.
      stale = result.violation < 0.9 * best ? 0 : stale + 1;
      best = std::min(best, result.violation);
      if (stale > kPatience || result.sweeps >= most_sweeps || context.interrupted()) break;
    }
    result.reached = result.violation <= target;
    return result;
  }

  double violation() {
    double worst = 0;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      worst = std::max(worst, kkt_violation(penalty_, columns_[k], model_.gradient(k)));
    }
    return worst;
  }

 private:
  static constexpr bool kExactSteps = requires(const P p, double x) { p.curvature(x, x); };
  static constexpr Index kSweepsPerStep = 5;
  static constexpr int kPatience = 20;
  static constexpr int kStepsInARow = 8;
  static constexpr std::size_t kLargestFactor = 3000;
  static constexpr double kDependent = 1e-11;  // pivots below this share of the diagonal are rounding

  bool sweep(bool support_only) {
    bool moved = false;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      CertifiedColumn& c = columns_[k];
      const double h = model_.curvature(k);
      if ((support_only && c.b == 0.0) || !(h > 0.0)) continue;
      const double g = model_.gradient(k);
      const double next = std::clamp(penalty_.prox(c.b + g / h, 1.0 / h, c.strength), c.lower, c.upper);
      if (next == c.b) continue;
      const double before = kkt_violation(penalty_, c, g);
      if (before == 0.0) continue;
      model_.move(k, next - c.b);
      c.b = next;
      moved = true;
    }
    return moved;
  }

  /// Whether the penalty has a kink at zero, which a step must not jump over.
  bool kinked(const CertifiedColumn& c) const {
    const Interval slopes = penalty_.subdifferential(0.0, c.strength);
    return slopes.low < slopes.high;
  }

  /// Coefficients that are free to move both ways, less those that depend on others as far as rounding can tell.
  std::vector<std::size_t> factor_support() {
    std::vector<std::size_t> support;
    factor_.clear();
    for (std::size_t k = 0; k < columns_.size() && support.size() <= kLargestFactor; ++k) {
      const CertifiedColumn& c = columns_[k];
      if ((c.b == 0.0 && kinked(c)) || c.b <= c.lower || c.b >= c.upper || !(model_.curvature(k) > 0.0)) continue;
      row_.clear();
      for (const std::size_t l : support) row_.push_back(model_.gram(k, l));
      if (factor_.append(row_, model_.curvature(k) + penalty_.curvature(c.b, c.strength), kDependent)) support.push_back(k);
    }
    return support;
  }

  /// The share of the direction that keeps every sign and bound; `blocking` is the position that limits it.
  double longest_step(const std::vector<std::size_t>& support, const std::vector<double>& direction, std::size_t& blocking,
                      double& target) const {
    double longest = 1.0;
    blocking = support.size();
    for (std::size_t a = 0; a < support.size(); ++a) {
      const CertifiedColumn& c = columns_[support[a]];
      const double d = direction[a];
      if (d == 0.0) continue;
      double end = d > 0.0 ? c.upper : c.lower;
      if (kinked(c) && c.b * d < 0.0) end = 0.0;
      const double room = (end - c.b) / d;
      if (room < longest) {
        longest = room;
        blocking = a;
        target = end;
      }
    }
    return longest;
  }

  bool exact_steps() {
    if (!model_.has_gram()) return false;
    std::vector<std::size_t> support = factor_support();
    if (support.size() > kLargestFactor) return false;
    bool moved = false;
    for (int step = 0; step < kStepsInARow && !support.empty(); ++step) {
      std::vector<double> direction(support.size());
      for (std::size_t a = 0; a < support.size(); ++a) {
        const CertifiedColumn& c = columns_[support[a]];
        direction[a] = model_.gradient(support[a]) - penalty_.subdifferential(c.b, c.strength).high;
      }
      factor_.solve(direction);
      std::size_t blocking = 0;
      double target = 0;
      const double t = longest_step(support, direction, blocking, target);
      for (std::size_t a = 0; a < support.size(); ++a) {
        CertifiedColumn& c = columns_[support[a]];
        const double next = a == blocking ? target : c.b + t * direction[a];
        if (next == c.b) continue;
        model_.move(support[a], next - c.b);
        c.b = next;
        moved = true;
      }
      if (blocking == support.size()) {
        if (step > 0) break;  // the second whole step is the refinement
        continue;
      }
      factor_.remove(static_cast<Index>(blocking));
      support.erase(support.begin() + static_cast<std::ptrdiff_t>(blocking));
    }
    return moved;
  }

  const P& penalty_;
  WorkingModel& model_;
  std::vector<CertifiedColumn>& columns_;
  GrowingCholesky factor_;
  std::vector<double> row_;
};

}  // namespace riata
