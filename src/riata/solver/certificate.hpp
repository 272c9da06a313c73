#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/types.hpp"
#include "riata/penalty/penalty.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

class ColumnSpan;
class Quadratic;

/// How far a point is from the minimum, computed on the full problem (docs/certificates.md).
struct Certificate {
  double relative_gap = 0;   ///< duality gap / half the null deviance per unit weight; NaN for non-convex penalties
  double kkt_violation = 0;  ///< largest violation of the optimality conditions / largest |gradient| at the null model
};

/// A dual candidate θ̂ (n entries, Σ wᵢθ̂ᵢ = 0 with an intercept) as a certificate needs it.
struct DualCandidate {
  std::span<const double> gradient;          ///< p: v = ZᵀWθ̂
  std::function<double(double scale)> rows;  ///< Σ wᵢ (Fenchel–Young term of row i at scale·θ̂) ≥ 0
};

/// One column of the problem as a certificate sees it.
struct CertifiedColumn {
  double b, strength, lower, upper;
};

constexpr double kHugeCoefficient = 1e300;

/// The slopes of the penalty towards ±∞: where the conjugate's domain ends.
template <Penalty P>
Interval recession_slopes(const P& penalty, double strength) {
  return {penalty.subdifferential(-kHugeCoefficient, strength).low,
          penalty.subdifferential(kHugeCoefficient, strength).high};
}

/// How far the gradient v is from making the column optimal: distance of v to ∂(λfP)(b) + the normal cone of the bounds.
/// The one expression with which screening, stopping and certifying compare.
template <Penalty P>
double kkt_violation(const P& penalty, const CertifiedColumn& column, double v) {
  const Interval slopes = penalty.subdifferential(column.b, column.strength);
  const double up = column.b < column.upper ? v - slopes.high : 0.0;
  const double down = column.b > column.lower ? slopes.low - v : 0.0;
  return std::max({0.0, up, down});
}

/// Where a dual point is scaled to: the end of the conjugate's domain, or the kink at zero, up to which the conjugate is
/// zero (tighter where a quadratic part is too weak to matter).
enum class DualLimit { domain, kink };

/// The largest s ≤ 1 for which s·v is within that limit of the column. A bound ends the conjugate's domain, but one that is
/// far off multiplies rounding errors of v: the kink holds wherever the coefficient is not at its bound.
template <ConvexPenalty P>
double dual_scale(const P& penalty, const CertifiedColumn& column, double v, DualLimit limit) {
  const bool unbounded = v > 0.0 ? std::isinf(column.upper) : std::isinf(column.lower);
  const bool held = v > 0.0 ? column.b >= column.upper : column.b <= column.lower;
  if (v == 0.0 || held || (limit == DualLimit::domain && !unbounded)) return 1.0;
  const Interval slopes = limit == DualLimit::domain ? recession_slopes(penalty, column.strength)
                                                     : penalty.subdifferential(0.0, column.strength);
  return std::clamp((v > 0.0 ? slopes.high : slopes.low) / v, 0.0, 1.0);
}

/// λfP(b) + max over the box of (v x − λfP(x)) − v b ≥ 0: the column's share of the gap.
template <ConvexPenalty P>
double column_gap(const P& penalty, const CertifiedColumn& column, double v) {
  const bool unbounded = v > 0.0 ? std::isinf(column.upper) : std::isinf(column.lower);
  if (unbounded) {  // a dual scale that ends there may be an ulp outside
    const Interval slopes = recession_slopes(penalty, column.strength);
    v = std::clamp(v, slopes.low, slopes.high);
  }
  const double x = std::clamp(penalty.conjugate_argmax(v, column.strength), column.lower, column.upper);
  if (x == column.b) return 0.0;
  const double difference = penalty.value(column.b, column.strength) - penalty.value(x, column.strength);
  const double gap = difference + v * (x - column.b);
  return gap < 0.0 ? 0.0 : gap;  // no number stays none
}

/// Certifies points of one fitted problem. Keeps the factor that projects a residual orthogonal to unpenalised columns.
class Certifier {
 public:
  Certifier(const FittedProblem& fitted, const Quadratic& quadratic, const Context& context);

  /// Only these columns are looked at from now on (increasing; null: all). Of every other one it is known that its
  /// coefficient is zero and its gradient within the penalty's slopes there: its share of gap and violation is zero.
  void look_at(const std::vector<Index>* columns) { looked_at_ = columns; }

  /// Whether the last certificate might be better if all columns were looked at.
  bool doubtful() const { return doubtful_; }

  /// Certificate of the point at which the quadratic was evaluated last (its b).
  template <Penalty P>
  Certificate certify(const P& penalty, double lambda, std::span<const double> b);

  /// The gap (absolute) of a convex problem with any loss: P − D at scale·θ̂, a sum of terms ≥ 0, row by row and column by
  /// column; the scale is the largest for which the dual point is feasible.
  template <ConvexPenalty P>
  double gap(const P& penalty, double lambda, std::span<const double> b, const DualCandidate& dual,
             DualLimit limit = DualLimit::domain) const;

  CertifiedColumn column(double lambda, std::span<const double> b, std::size_t j) const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return {b[j], lambda * fitted_.factor[j], fitted_.lower.empty() ? -kInfinity : fitted_.lower[j],
            fitted_.upper.empty() ? kInfinity : fitted_.upper[j]};
  }

 private:
  /// f(j) for every column looked at that is not excluded.
  template <class F>
  void for_columns(const F& f) const {
    if (looked_at_ != nullptr) {
      for (const Index j : *looked_at_) f(static_cast<std::size_t>(j));
      return;
    }
    for (std::size_t j = 0; j < fitted_.norm.size(); ++j) {
      if (fitted_.norm[j] != 0.0) f(j);
    }
  }

  /// Columns that would make the dual infeasible at any scale: unbounded that way, and the penalty has no slope there.
  template <ConvexPenalty P>
  std::vector<std::size_t> obstacles(const P& penalty, double lambda, std::span<const double> b,
                                     std::span<const double> gradient) const;

  /// All columns but those that are held by their bounds.
  template <ConvexPenalty P>
  std::vector<std::size_t> free_columns(const P& penalty, double lambda, std::span<const double> b) const;

  /// The gap with θ̂ = the residual orthogonal to `columns` (and to whatever else stands in the way of feasibility).
  template <ConvexPenalty P>
  double residual_gap(const P& penalty, double lambda, std::span<const double> b, std::vector<std::size_t> columns);

  /// θ̂ = r − Z_U α with Z_UᵀWθ̂ = 0: writes ZᵀWθ̂ to `gradient` and returns αᵀZ_UᵀWr = ‖Z_U α‖²_W.
  double project(std::span<const std::size_t> columns, std::vector<double>& gradient);
  double project_on_data(std::span<const std::size_t> columns, std::vector<double>& gradient);
  void factor(std::span<const std::size_t> columns);
  bool factor_kept();
  void solve_kept(std::vector<double>& v) const;
  double relative_gap(double gap) const;
  double relative_violation(double violation) const;
  std::span<const double> primal_gradient() const;
  double residual_square() const;
  static constexpr double kAlreadyExact = 1e-13;

  const FittedProblem& fitted_;
  const Quadratic& quadratic_;
  const Context& context_;
  const std::vector<Index>* looked_at_ = nullptr;
  bool doubtful_ = false;
  std::vector<std::size_t> projected_;      ///< U of the factor
  std::vector<Index> kept_;                 ///< of U: those that span it
  bool told_apart_ = false;                 ///< by their Gram
  std::vector<double> factor_;              ///< of their scaled Gram: eigenvectors, or Cholesky's
  std::vector<double> inverse_;             ///< 1/eigenvalue; empty: Cholesky's
  std::shared_ptr<const ColumnSpan> span_;  ///< of U, where its Gram does not tell its columns apart
};

template <ConvexPenalty P>
double Certifier::gap(const P& penalty, double lambda, std::span<const double> b, const DualCandidate& dual,
                      DualLimit limit) const {
  double scale = 1.0;
  for_columns(
      [&](std::size_t j) { scale = std::min(scale, dual_scale(penalty, column(lambda, b, j), dual.gradient[j], limit)); });
  double sum = dual.rows(scale);
  for_columns([&](std::size_t j) { sum += column_gap(penalty, column(lambda, b, j), scale * dual.gradient[j]); });
  return sum;
}

template <ConvexPenalty P>
std::vector<std::size_t> Certifier::obstacles(const P& penalty, double lambda, std::span<const double> b,
                                              std::span<const double> gradient) const {
  std::vector<std::size_t> found;
  for_columns([&](std::size_t j) {
    const CertifiedColumn c = column(lambda, b, j);
    const Interval slopes = recession_slopes(penalty, c.strength);
    if (slopes.low != 0.0 || slopes.high != 0.0) return;
    const bool free = std::isinf(c.lower) && std::isinf(c.upper);
    const bool infeasible = gradient[j] > 0.0 ? std::isinf(c.upper) : gradient[j] < 0.0 && std::isinf(c.lower);
    const bool inside = c.b > c.lower && c.b < c.upper;  // far-off bounds would multiply the gradient's rounding errors
    if (free || infeasible || inside) found.push_back(j);
  });
  return found;
}

template <ConvexPenalty P>
std::vector<std::size_t> Certifier::free_columns(const P& penalty, double lambda, std::span<const double> b) const {
  std::vector<std::size_t> found;
  for_columns([&](std::size_t j) {
    const CertifiedColumn c = column(lambda, b, j);
    const double v = primal_gradient()[j];
    const bool at_its_bound = (c.b >= c.upper && v > 0.0) || (c.b <= c.lower && v < 0.0);
    if (!at_its_bound || kkt_violation(penalty, c, v) > 0.0) found.push_back(j);
  });
  return found;
}

template <ConvexPenalty P>
double Certifier::residual_gap(const P& penalty, double lambda, std::span<const double> b,
                               std::vector<std::size_t> columns) {
  const std::span<const double> v = primal_gradient();
  std::vector<double> projected;
  double explained = 0.0;
  for (bool more = !columns.empty(); more;) {
    projected.assign(v.begin(), v.end());
    explained = project(columns, projected);
    more = false;
    for (const std::size_t j : obstacles(penalty, lambda, b, projected)) {
      if (projected[j] == 0.0) continue;
      columns.push_back(j);
      more = true;
    }
  }
  // ‖r − s(r − Z_U α)‖² = (1 − s)² ‖r‖² + s(2 − s) ‖Z_U α‖² in the weighted norm.
  const DualCandidate dual{projected.empty() ? v : projected, [this, explained](double s) {
                             return 0.5 * ((1.0 - s) * (1.0 - s) * residual_square() + s * (2.0 - s) * explained);
                           }};
  const double found = gap(penalty, lambda, b, dual);
  return relative_gap(found) <= kAlreadyExact ? found : std::min(found, gap(penalty, lambda, b, dual, DualLimit::kink));
}

template <Penalty P>
Certificate Certifier::certify(const P& penalty, double lambda, std::span<const double> b) {
  const std::span<const double> v = primal_gradient();
  Certificate certificate{std::numeric_limits<double>::quiet_NaN(), 0.0};
  for_columns([&](std::size_t j) {
    certificate.kkt_violation = std::max(certificate.kkt_violation, kkt_violation(penalty, column(lambda, b, j), v[j]));
  });
  certificate.kkt_violation = relative_violation(certificate.kkt_violation);
  if constexpr (ConvexPenalty<P>) {
    double best = residual_gap(penalty, lambda, b, obstacles(penalty, lambda, b, v));
    double penalty_value = 0.0;
    for_columns([&](std::size_t j) { penalty_value += penalty.value(b[j], lambda * fitted_.factor[j]); });
    // A penalty so weak that the gradient's rounding errors exceed its slopes: as if there were none.
    const bool too_weak = penalty_value < best && relative_gap(best) > kAlreadyExact;
    doubtful_ = too_weak && looked_at_ != nullptr;
    if (too_weak && !doubtful_) {
      best = std::min(best, residual_gap(penalty, lambda, b, free_columns(penalty, lambda, b)));
    }
    certificate.relative_gap = relative_gap(best);
  }
  return certificate;
}

}  // namespace riata
