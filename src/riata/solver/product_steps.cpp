// The projected Newton steps of a problem solved by products.
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/solver/column_products.hpp"
#include "riata/solver/conjugate_gradients.hpp"
#include "riata/solver/product_working.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

constexpr int kMostHalvings = 40;
constexpr double kShort = 1e-6;  // of a step
constexpr double kObjectiveNoise = 64 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

/// Σᵢ hᵢ z̃ᵢⱼ², z̃ centred with weights h where an intercept is fitted: the diagonal of the Newton system. That of a curvature
/// not far away preconditions as well.
void ProductWorking::take_diagonal() {
  constexpr double kNear = 0.1;  // of the curvature
  double size = 0, moved = 0;
  for (std::size_t i = 0; i < diagonal_curvature_.size(); ++i) {
    size += diagonal_curvature_[i];
    moved += std::abs(rows_.curvature[i] - diagonal_curvature_[i]);
  }
  if (!diagonal_curvature_.empty() && moved <= kNear * size) return;
  diagonal_curvature_ = rows_.curvature;
  const ColumnMoments moments = fitted_.design->moments(rows_.curvature, context_);
  const double total = std::accumulate(rows_.curvature.begin(), rows_.curvature.end(), 0.0);
  for (std::size_t j = 0; j < diagonal_.size(); ++j) {
    const double mean = fitted_.intercept ? 0.0 : moments.mean[j];
    diagonal_[j] = total * (moments.variance[j] + mean * mean);
  }
}

/// Where a column may be free: |Δ gradient| ≤ ‖z‖ · what the pull has moved since, which leaves most of them as they were.
void ProductWorking::take_gradients(const ElasticBox& penalty, std::span<const Index> working) {
  std::vector<Index> unknown;
  for (const Index column : working) {
    const auto j = at(column);
    const double moved = fitted_.norm[j] * (travelled_ - seen_[j]);
    if (moved == 0 || (b_[j] == 0 && std::abs(gradient_[j]) + moved < penalty.l1 * penalty.factor[j])) continue;
    unknown.push_back(column);
  }
  std::vector<double> values(unknown.size());
  dot_columns(*fitted_.design, unknown, rows_.pull, values, context_);
  set_gradients(unknown, values);
}

void ProductWorking::set_gradients(std::span<const Index> columns, std::span<const double> values) {
  for (std::size_t k = 0; k < columns.size(); ++k) {
    gradient_[at(columns[k])] = values[k];
    seen_[at(columns[k])] = travelled_;
  }
}

ProductWorking::Free ProductWorking::free_columns(const ElasticBox& penalty, std::span<const Index> working,
                                                  std::span<const double> precision, double ahead) const {
  Free free;
  for (const Index j : working) {
    double direction = 0;
    const double b = b_[at(j)], gradient = gradient_[at(j)], expected = gradient + ahead * gradient_trend_[at(j)];
    if (b == 0 && std::abs(expected) <= penalty.l1 * penalty.factor[at(j)]) continue;
    const double amount = violation(penalty, j, b, b == 0 ? expected : gradient, precision[at(j)], &direction);
    const bool at_bound =
        (!penalty.upper.empty() && b == penalty.upper[at(j)]) || (!penalty.lower.empty() && b == penalty.lower[at(j)]);
    if ((b == 0 || at_bound) && !(amount > 0)) continue;
    const double f = penalty.factor[at(j)];
    const double sign = f == 0 || penalty.l1 == 0 ? 0.0 : b > 0 ? 1.0 : b < 0 ? -1.0 : direction;
    free.columns.push_back(j);
    free.sign.push_back(sign);
    free.slope.push_back(gradient - f * (penalty.l1 * sign + penalty.l2 * b));
  }
  return free;
}

double ProductWorking::worst_violation(const ElasticBox& penalty, std::span<const Index> working,
                                       std::span<const double> precision) const {
  double worst = 0, unit = 0;
  for (const double value : precision) unit = std::max(unit, value);
  for (const Index j : working) {
    if (b_[at(j)] == 0 && std::abs(gradient_[at(j)]) <= penalty.l1 * penalty.factor[at(j)]) continue;
    const double amount = violation(penalty, j, b_[at(j)], gradient_[at(j)], precision[at(j)]);
    if (precision[at(j)] > 0) worst = std::max(worst, amount / precision[at(j)]);
  }
  const double off = fitted_.intercept ? std::abs(rows_.pull_sum()) : 0.0;
  return off > unit && unit > 0 ? std::max(worst, off / unit) : worst;
}

/// step ≈ (Z_Fᵀ H Z_F + l2 F)⁻¹ slope from the given start, until the residual is `reduction` of the slope; rows = Z_F step,
/// centred. Returns the intercept's step.
double ProductWorking::solve_newton(const Free& free, double l2, double reduction, std::span<double> step,
                                    std::vector<double>& rows) {
  system_.set(free.columns, rows_.curvature);
  std::vector<double> diagonal;
  for (const Index j : free.columns) {
    diagonal.push_back(std::max(diagonal_[at(j)] + l2 * fitted_.factor[at(j)], std::numeric_limits<double>::min()));
  }
  const auto product = [&](std::span<const double> v, std::span<double> image_rows, std::span<double> image) {
    const double shift = system_.normal(v, image_rows, image);
    for (std::size_t k = 0; k < v.size(); ++k) image[k] += l2 * fitted_.factor[at(free.columns[k])] * v[k];
    return shift;
  };
  return conjugate_gradients(product, free.slope, diagonal, reduction, step, rows, context_);
}

void ProductWorking::travel_from(std::span<const double> pull) {
  double square = 0;
  for (std::size_t i = 0; i < pull.size(); ++i) {
    const double change = rows_.pull[i] - pull[i];
    if (fitted_.weights[i] > 0) square += change * change / fitted_.weights[i];
  }
  travelled_ += std::sqrt(square);
}

/// To the point that an earlier solve of this λ ended at, on a working set that lacked a few columns.
bool ProductWorking::find_again(std::span<const Index> working, double l1) {
  PathState point;
  if (!past_.find(l1, working, point)) return false;
  std::ranges::fill(b_, 0.0);
  for (std::size_t k = 0; k < point.columns.size(); ++k) b_[at(point.columns[k])] = point.values[k];
  b0_ = point.b0;
  const std::vector<double> pull = rows_.pull;
  rows_.set(b0_, b_, context_);
  travel_from(pull);
  return true;
}

/// Takes the step as far as signs and bounds let each coefficient go, or half as far, … until the objective does not rise,
/// or falls where so little is left of the step that standing still would not raise it either. step_rows = Z_F step.
bool ProductWorking::move(const ElasticBox& penalty, const Free& free, std::span<const double> step,
                          std::span<const double> step_rows, double intercept_step) {
  const double before = objective(penalty, free), noise = kObjectiveNoise * std::abs(before);
  const std::vector<double> eta = rows_.eta, pull = rows_.pull;
  const double b0 = b0_;
  std::vector<double> start, delta(free.columns.size());
  for (const Index j : free.columns) start.push_back(b_[at(j)]);
  double t = 1;
  for (int halving = 0; halving < kMostHalvings; ++halving, t *= 0.5) {
    bool cut = false;
    for (std::size_t k = 0; k < delta.size(); ++k) {
      const auto j = at(free.columns[k]);
      double next = start[k] + t * step[k];
      if (next * free.sign[k] < 0) next = 0;
      if (!penalty.lower.empty()) next = std::clamp(next, penalty.lower[j], penalty.upper[j]);
      cut = cut || next != start[k] + t * step[k];
      b_[j] = next;
      delta[k] = next - start[k];
    }
    b0_ = b0 + t * intercept_step;
    for (std::size_t i = 0; i < eta.size(); ++i) rows_.eta[i] = eta[i] + t * (intercept_step + (cut ? 0.0 : step_rows[i]));
    if (cut) system_.add(delta, rows_.eta);
    rows_.look();
    if (objective(penalty, free) > before + (t > kShort ? noise : -noise)) continue;
    travel_from(pull);
    system_.dots(rows_.pull, delta);
    set_gradients(free.columns, delta);
    return true;
  }
  for (std::size_t k = 0; k < delta.size(); ++k) b_[at(free.columns[k])] = start[k];
  b0_ = b0;
  rows_.eta = eta;
  rows_.look();
  return false;
}

/// Where a column has to stop on its way along a step: zero if it would change its sign, else its bound.
double ProductWorking::target(const ElasticBox& penalty, Index j, double sign, double step) const {
  if (step * sign < 0) return 0.0;
  if (penalty.lower.empty()) return step * std::numeric_limits<double>::infinity();
  return step > 0 ? penalty.upper[at(j)] : penalty.lower[at(j)];
}

/// A Newton step from the given start. Where no length of it lowers the objective, because columns that are at or near their
/// target have to stop while the others go on, these are put there and the step is taken without them. False at the end of
/// what float64 can see.
bool ProductWorking::step(const ElasticBox& penalty, const Free& free, std::span<const double> start, double reduction,
                          bool far) {
  constexpr double kNear = 0.01;  // of its step
  const double total = std::accumulate(rows_.curvature.begin(), rows_.curvature.end(), 0.0);
  std::vector<double> whole(start.begin(), start.end()), rows(rows_.eta.size());
  const auto solve = [&](const Free& columns, std::span<double> step) {
    std::ranges::fill(rows, 0.0);
    const double shift = solve_newton(columns, penalty.l2, reduction, step, rows);
    for (double& value : rows) value -= shift;
    return shift + (fitted_.intercept && total > 0 ? rows_.pull_sum() / total : 0.0);
  };
  double intercept = solve(free, whole);
  if (move(penalty, free, whole, rows, intercept)) return true;
  std::vector<char> stuck(whole.size());
  for (bool more = true, again = false; more || !again; again = true) {
    Free inside;
    more = false;
    for (std::size_t k = 0; k < whole.size(); ++k) {
      const Index j = free.columns[k];
      const double room = target(penalty, j, free.sign[k], whole[k]) - b_[at(j)];
      if (!stuck[k] && whole[k] != 0 && room / whole[k] <= kNear) {
        stuck[k] = 1;
        more = true;
      }
      if (stuck[k]) {
        whole[k] = std::abs(room) < std::abs(whole[k]) ? room : whole[k];
        continue;
      }
      inside.columns.push_back(j);
      inside.slope.push_back(free.slope[k]);
    }
    if (!more && again) break;
    std::vector<double> part(inside.columns.size());
    intercept = solve(inside, part);
    auto next = part.begin();
    for (std::size_t k = 0; k < whole.size(); ++k) whole[k] = stuck[k] ? whole[k] : *next++;
    system_.set(free.columns, rows_.curvature);
    std::ranges::fill(rows, 0.0);
    system_.add(whole, rows);
    if (move(penalty, free, whole, rows, intercept)) return true;
  }
  if (!far) return false;
  for (std::size_t k = 0; k < whole.size(); ++k) {  // every column by itself: some length of it goes down
    const auto j = at(free.columns[k]);
    whole[k] = free.slope[k] / std::max(diagonal_[j] + penalty.l2 * fitted_.factor[j], std::numeric_limits<double>::min());
  }
  system_.set(free.columns, rows_.curvature);
  std::ranges::fill(rows, 0.0);
  system_.add(whole, rows);
  return move(penalty, free, whole, rows, fitted_.intercept && total > 0 ? rows_.pull_sum() / total : 0.0);
}

}  // namespace riata
