#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
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
        if (!sweep(k > 0)) break;
        moved = true;
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
  static constexpr int kPatience = 30;
  static constexpr std::size_t kLargestFactor = 3000;
  static constexpr double kDependent = 1e-14;  // pivots below this share of the diagonal are rounding

  static constexpr double kRounding = 1e-15;
  static constexpr double kFlat = 1e-9;  // a slope below this share of its terms is rounding

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

  double slope(std::size_t k) const { return penalty_.subdifferential(columns_[k].b, columns_[k].strength).high; }
  /// What the objective falls by, per unit, when coefficient k grows.
  double descent(std::size_t k) { return model_.gradient(k) - slope(k); }

  bool set(std::size_t k, double next) {
    if (next == columns_[k].b) return false;
    model_.move(k, next - columns_[k].b);
    columns_[k].b = next;
    return true;
  }

  void remove(std::size_t position) {
    factor_.remove(static_cast<Index>(position));
    support_.erase(support_.begin() + static_cast<std::ptrdiff_t>(position));
  }

  /// H(k, support).
  std::vector<double> row(std::size_t k) const {
    std::vector<double> values;
    values.reserve(support_.size());
    for (const std::size_t l : support_) values.push_back(model_.gram(k, l));
    return values;
  }

  /// The place where coefficient k has to stop when it moves that way, in units of `direction`: zero or a bound.
  double room(std::size_t k, double direction, double& end) const {
    const CertifiedColumn& c = columns_[k];
    end = direction > 0.0 ? c.upper : c.lower;
    if (kinked(c) && c.b * direction < 0.0) end = 0.0;
    return direction == 0.0 ? std::numeric_limits<double>::infinity() : (end - c.b) / direction;
  }

  /// The largest step ≤ longest along `direction` on the support that keeps every sign and bound; `blocking` is the
  /// position that ends at `end`, or the support's size.
  double longest_step(const std::vector<double>& direction, double longest, std::size_t& blocking, double& end) const {
    blocking = support_.size();
    for (std::size_t a = 0; a < support_.size(); ++a) {
      double stop = 0.0;
      const double step = room(support_[a], direction[a], stop);
      if (step >= longest) continue;
      longest = step;
      blocking = a;
      end = stop;
    }
    return longest;
  }

  /// The minimiser along a Newton direction: 1, but where the factor is ruined by rounding.
  double best_step(const std::vector<double>& direction, const std::vector<double>& downhill) const {
    constexpr double kGoodEnough = 0.9;
    double fall = 0.0, curvature = 0.0;
    for (std::size_t a = 0; a < support_.size(); ++a) {
      const CertifiedColumn& c = columns_[support_[a]];
      double product = penalty_.curvature(c.b, c.strength) * direction[a];
      for (std::size_t b = 0; b < support_.size(); ++b) product += model_.gram(support_[a], support_[b]) * direction[b];
      curvature += direction[a] * product;
      fall += direction[a] * downhill[a];
    }
    if (!(fall > 0.0)) return 0.0;
    return fall > kGoodEnough * curvature ? 1.0 : fall / curvature;
  }

  /// Sets the support's coefficients and, at the end, that of `other` (if any). Taken back, and false, when the objective
  /// does not fall: the factor of a nearly singular matrix can point anywhere.
  bool move_downhill(const std::vector<double>& next, std::size_t other, double other_next) {
    std::vector<std::pair<std::size_t, double>> moves;
    for (std::size_t a = 0; a < support_.size(); ++a) moves.emplace_back(support_[a], next[a]);
    if (other < columns_.size()) moves.emplace_back(other, other_next);
    std::vector<double> before, slopes;
    for (const auto& [k, value] : moves) {
      before.push_back(columns_[k].b);
      slopes.push_back(model_.gradient(k));
    }
    model_.remember();
    double change = 0.0;
    bool moved = false;
    for (const auto& [k, value] : moves) {
      change += penalty_.value(value, columns_[k].strength) - penalty_.value(columns_[k].b, columns_[k].strength);
      moved |= set(k, value);
    }
    // Exact for a quadratic: the mean of the slopes at both ends.
    for (std::size_t i = 0; i < moves.size(); ++i) {
      change -= 0.5 * (moves[i].second - before[i]) * (slopes[i] + model_.gradient(moves[i].first));
    }
    double size = 0.0;
    for (std::size_t i = 0; i < moves.size(); ++i) {
      size += std::abs(moves[i].second - before[i]) * std::sqrt(model_.curvature(moves[i].first));
    }
    if (change < -kRounding * size * size) return moved;
    for (std::size_t i = 0; i < moves.size(); ++i) columns_[moves[i].first].b = before[i];
    model_.recall();
    return false;
  }

  std::vector<double> after_step(const std::vector<double>& direction, double step, std::size_t blocking, double end) const {
    std::vector<double> next;
    for (std::size_t a = 0; a < support_.size(); ++a) {
      next.push_back(a == blocking ? end : columns_[support_[a]].b + step * direction[a]);
    }
    return next;
  }

  /// Column k depends on the support: along the null direction the fit stays, so the penalty alone decides; follow it down
  /// until a coefficient is zero or at its bound. True when that was one of the support (which it left).
  bool trade(std::size_t k, bool& moved) {
    std::vector<double> direction = row(k);
    factor_.solve(direction);
    double fall = -slope(k), size = std::abs(fall);
    for (std::size_t a = 0; a < support_.size(); ++a) {
      direction[a] = -direction[a];
      fall -= direction[a] * slope(support_[a]);
      size += std::abs(direction[a] * slope(support_[a]));
    }
    if (std::abs(fall) <= kFlat * size) return false;
    const double way = fall > 0.0 ? 1.0 : -1.0;
    for (double& d : direction) d *= way;
    double own_end = 0.0, end = 0.0;
    const double own = room(k, way, own_end);
    std::size_t blocking = 0;
    const double step = longest_step(direction, own, blocking, end);
    if (std::isinf(step)) return false;
    const double own_next = blocking == support_.size() ? own_end : columns_[k].b + step * way;
    const bool taken = move_downhill(after_step(direction, step, blocking, end), k, own_next);
    moved |= taken;
    if (!taken || blocking == support_.size()) return false;
    remove(blocking);
    return true;
  }

  bool free_to_move(std::size_t k) const {
    const CertifiedColumn& c = columns_[k];
    return model_.curvature(k) > 0.0 && c.b > c.lower && c.b < c.upper && !(c.b == 0.0 && kinked(c));
  }

  bool append(std::size_t k) {
    const CertifiedColumn& c = columns_[k];
    if (!factor_.append(row(k), model_.curvature(k) + penalty_.curvature(c.b, c.strength), kDependent)) return false;
    support_.push_back(k);
    return true;
  }

  /// Factors the Hessian of the coefficients that are free to move both ways. Columns that depend on others, as far as
  /// rounding can tell, are traded against them and stay outside.
  bool factor_support() {
    bool moved = false;
    support_.clear();
    dependent_.clear();
    factor_.clear();
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      bool inside = false;
      while (free_to_move(k)) {
        inside = append(k);
        if (inside || !trade(k, moved)) break;
      }
      if (!inside && free_to_move(k)) dependent_.push_back(k);
    }
    return moved;
  }

  /// The coefficient that blocks a step leaves; a twin of it, outside until now, may take its place.
  void replace(std::size_t blocking) {
    remove(blocking);
    std::erase_if(dependent_, [this](std::size_t k) { return append(k); });
  }

  bool exact_steps() {
    if (!model_.has_gram()) return false;
    std::size_t free = 0;
    for (std::size_t k = 0; k < columns_.size(); ++k) free += free_to_move(k);
    if (free > kLargestFactor) return false;
    bool moved = factor_support();
    const std::size_t most = support_.size() + dependent_.size() + 2;  // each step but two takes one coefficient out
    bool whole = false;
    for (std::size_t step = 0; step < most && !support_.empty(); ++step) {
      std::vector<double> downhill;
      downhill.reserve(support_.size());
      for (const std::size_t k : support_) downhill.push_back(descent(k));
      std::vector<double> direction(downhill);
      factor_.solve(direction);
      const double best = best_step(direction, downhill);
      if (!(best > 0.0)) break;
      std::size_t blocking = 0;
      double end = 0;
      const double length = longest_step(direction, best, blocking, end);
      if (!move_downhill(after_step(direction, length, blocking, end), columns_.size(), 0.0)) break;
      moved = true;
      if (blocking == support_.size()) {
        if (std::exchange(whole, true)) break;  // the second whole step is the refinement
      } else {
        replace(blocking);
      }
    }
    return moved;
  }

  const P& penalty_;
  WorkingModel& model_;
  std::vector<CertifiedColumn>& columns_;
  GrowingCholesky factor_;
  std::vector<std::size_t> support_;    ///< positions in the factor's order
  std::vector<std::size_t> dependent_;  ///< free to move, but dependent on the support
};

}  // namespace riata
