#include "riata/solver/active_ahead.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr Index kTurns = 2;     // in which signs settle before a round looks at gradients
constexpr Index kEntrants = 8;  // so many columns a λ may let in a round, or
constexpr Index kShare = 4;     // that share of the support and of what it lacks to saturation
constexpr double kNear = 1e-3;  // of a step, that an l2 part leaves undone while signs settle

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double dot(std::span<const double> a, std::span<const double> b) {
  return kernels::dot(a.data(), b.data(), std::ssize(a), 0.0);
}

}  // namespace

AheadSolver::AheadSolver(ActiveSet& set, AheadQuadratic& quadratic, std::span<const ElasticBox> penalties,
                         std::span<const Index> working, std::span<const double> precision, const Outlook& outlook)
    : set_(set),
      quadratic_(quadratic),
      penalties_(penalties),
      working_(working),
      precision_(precision),
      base_(std::ssize(set.active_)),
      most_(std::max(kEntrants, (ridge() ? base_ : std::min(base_, quadratic.most_active() - base_)) / kShare)),
      row_(working.size(), -1),
      place_(working.size(), -1),
      changes_(set.factor_),
      gradient_(outlook.gradient),
      in_play_(std::ssize(penalties)) {
  if (!find_rows()) {
    in_play_ = 0;
    return;
  }
  for (Index a = 0; a < base_; ++a) {
    const Index j = set.active_[at(a)];
    start_.push_back(set.b_[at(j)]);
    half_gradient_.push_back(gradient_[at(home_[at(a)])]);
    half_sign_.push_back(set.factor(j) * set.sign_[at(j)]);
    half_ridge_.push_back(set.factor(j) * set.b_[at(j)]);
  }
  set.factor_.forward(half_gradient_);
  set.factor_.forward(half_sign_);
  set.factor_.forward(half_ridge_);
  predict(outlook);
}

/// Where the factor's columns are among the working ones; false where these do not have all, or others are not zero.
bool AheadSolver::find_rows() {
  std::vector<Index> order(at(base_));
  std::iota(order.begin(), order.end(), Index{0});
  const auto in_set = [this](Index a) { return set_.active_[at(a)]; };
  std::ranges::sort(order, {}, in_set);
  home_.assign(at(base_), -1);
  Index found = 0, nonzero = 0;
  for (Index w = 0; w < std::ssize(working_); ++w) {
    if (set_.b_[at(column(w))] != 0) ++nonzero;
    if (found == base_ || in_set(order[at(found)]) != column(w)) continue;
    row_[at(w)] = order[at(found)];
    home_[at(order[at(found)])] = w;
    ++found;
  }
  return found == base_ && nonzero == base_;
}

signed char AheadSolver::sign_before(Index w) const {
  return row_[at(w)] < 0 ? static_cast<signed char>(0) : set_.sign_[at(column(w))];
}

/// The supports to start from: signs as they are, and what gradients let in that go on along a line; as many λ as do not
/// stretch it too far.
void AheadSolver::predict(const Outlook& outlook) {
  std::vector<signed char> before;
  for (Index w = 0; w < std::ssize(working_); ++w) before.push_back(sign_before(w));
  for (Index k = 0; k < in_play_; ++k) {
    Point& point = points_.emplace_back();
    point.l1 = penalties_[at(k)].l1;
    point.l2 = penalties_[at(k)].l2;
    point.sign = before;
    point.gradient.assign(gradient_.begin(), gradient_.end());
    for (std::size_t w = 0; w < working_.size(); ++w) point.gradient[w] -= (outlook.l1 - point.l1) * outlook.slope[w];
    std::vector<ActiveSet::Violator> found = violators(k, point.gradient);
    if (k > 0 && std::ssize(found) > most_) {
      points_.pop_back();
      in_play_ = k;
    } else {
      let_in(point, found);
    }
  }
}

void AheadSolver::let_in(Point& point, std::vector<ActiveSet::Violator>& found) {
  if (std::ssize(found) > most_) {
    std::ranges::sort(found, [](const auto& a, const auto& b) {
      return a.amount > b.amount || (a.amount == b.amount && a.column < b.column);
    });
    found.resize(at(most_));
  }
  for (const auto& candidate : found) point.sign[at(candidate.column)] = candidate.direction > 0 ? 1 : -1;
}

std::vector<Index> AheadSolver::unsettled() const {
  std::vector<Index> some;
  for (Index k = 0; k < in_play_; ++k) {
    if (!points_[at(k)].settled) some.push_back(k);
  }
  return some;
}

/// Lines for the columns that now come or go at one of these λ.
void AheadSolver::extend(std::span<const Index> points) {
  const Index known = changes_.size();
  std::vector<Index> coming;
  std::vector<char> inside;
  for (Index w = 0; w < std::ssize(working_); ++w) {
    const auto differs = [&](Index k) { return points_[at(k)].sign[at(w)] != sign_before(w); };
    if (place_[at(w)] >= 0 || std::ranges::none_of(points, differs)) continue;
    place_[at(w)] = std::ssize(changed_);
    changed_.push_back(w);
    inside.push_back(row_[at(w)] >= 0);
    if (!inside.back()) coming.push_back(column(w));
  }
  if (inside.empty()) return;
  set_.store(coming);
  std::vector<double> columns(at(base_) * inside.size());
  for (Index c = known; c < std::ssize(changed_); ++c) {
    const Index w = changed_[at(c)];
    const auto own = std::span(columns).subspan(at(base_ * (c - known)), at(base_));
    if (row_[at(w)] < 0) {
      set_.dependence(column(w), own);
    } else {
      own[at(row_[at(w)])] = 1.0;
    }
  }
  const auto entry = [&](Index a, Index c) {
    const Index i = column(changed_[at(a)]), j = column(changed_[at(c)]);
    return set_.gram(set_.slot_[at(i)], set_.slot_[at(j)]) + (a == c ? set_.factored_l2_ * set_.factor(j) : 0.0);
  };
  changes_.add(inside, std::move(columns), entry);
  for (Point& point : points_) point.others.resize(changed_.size());
  for (Index c = known; c < std::ssize(changed_); ++c) {
    const auto line = changes_.lines().column(c);
    along_gradient_.push_back(dot(line, half_gradient_));
    along_sign_.push_back(dot(line, half_sign_));
    along_ridge_.push_back(dot(line, half_ridge_));
  }
}

/// What the changed columns add to these λ' systems. λ from the first on whose columns depend on each other are out of play,
/// and leave the points.
AheadSolver::Systems AheadSolver::systems(std::vector<Index>& points) {
  Systems out;
  for (const Index k : points) {
    std::vector<Index> gone, come;
    for (Index c = 0; c < changes_.size(); ++c) {
      const bool zero = points_[at(k)].sign[at(changed_[at(c)])] == 0;
      if (zero && changes_.inside(c)) gone.push_back(c);
      if (!zero && !changes_.inside(c)) come.push_back(c);
    }
    auto system = changes_.system(std::move(gone), std::move(come));
    if (!system) {
      in_play_ = std::min(in_play_, k);
      break;
    }
    out.push_back(std::move(*system));
  }
  std::erase_if(points, [this](Index k) { return k >= in_play_; });
  return out;
}

/// The change L⁻ᵀ(t + V u) of these λ' coefficients, where u makes `wanted` of the changed columns. `sides` is t, and u
/// where columns change their sign; then the change.
void AheadSolver::solve(std::span<const Index> points, const Systems& systems, ConstMatrix wanted,
                        const Sides& sides) const {
  for (Index s = 0; s < std::ssize(points); ++s) {
    const auto own = wanted.column(s);
    systems[at(s)].solve({own.begin(), own.end()}, sides.changed.column(s));
  }
  changes_.add_lines(sides.changed, sides.base);
  set_.factor_.backward(sides.base);
  for (double& u : std::span(sides.changed.data, at(changes_.size() * std::ssize(points)))) u = -u;
}

void AheadSolver::move(std::span<const Index> points, const Sides& by) {
  for (Index s = 0; s < std::ssize(points); ++s) {
    Point& point = points_[at(points[at(s)])];
    for (Index a = 0; a < base_; ++a) {
      double& b = point.base[at(a)];
      b = point.sign[at(home_[at(a)])] == 0 ? 0.0 : b + by.base(a, s);
    }
    for (Index c = 0; c < changes_.size(); ++c) {
      if (changes_.inside(c)) continue;
      double& b = point.others[at(c)];
      b = point.sign[at(changed_[at(c)])] == 0 ? 0.0 : b + by.changed(c, s);
    }
  }
}

/// residual += (l2' − l2) F change on these λ' supports, l2' the factor's.
void AheadSolver::add_ridge(std::span<const Index> points, const Sides& change, const Sides& residual) const {
  for (Index s = 0; s < std::ssize(points); ++s) {
    const Point& point = points_[at(points[at(s)])];
    const double ridge = set_.factored_l2_ - point.l2;
    for (Index a = 0; a < base_; ++a) {
      if (point.sign[at(home_[at(a)])] == 0) continue;
      residual.base(a, s) += ridge * set_.factor(set_.active_[at(a)]) * change.base(a, s);
    }
    for (Index c = 0; c < changes_.size(); ++c) {
      if (changes_.inside(c) || point.sign[at(changed_[at(c)])] == 0) continue;
      residual.changed(c, s) += ridge * set_.factor(column(changed_[at(c)])) * change.changed(c, s);
    }
  }
}

/// A λ's l2 over the factor's.
double AheadSolver::stretch(Index k) const { return ridge() ? points_[at(k)].l2 / set_.factored_l2_ : 1.0; }

/// change := what H e = residual asks on these λ' supports, H with the factor's l2.
void AheadSolver::precondition(std::span<const Index> points, const Systems& systems, const Sides& residual,
                               const Sides& change) const {
  std::vector<double> asked(at(changes_.size() * std::ssize(points)));
  const Matrix wanted(asked.data(), changes_.size(), std::ssize(points));
  std::copy_n(residual.base.data, base_ * std::ssize(points), change.base.data);
  set_.factor_.forward(change.base);
  changes_.dot_lines(change.base, wanted);
  for (Index s = 0; s < wanted.cols; ++s) {
    for (Index c = 0; c < wanted.rows; ++c) {
      wanted(c, s) = (changes_.inside(c) ? 0.0 : residual.changed(c, s)) - wanted(c, s);
      change.changed(c, s) = 0;
    }
  }
  solve(points, systems, wanted, change);
}

/// Moves these λ' points by what makes good their residual (which is destroyed), but for that share.
void AheadSolver::correct(std::span<const Index> points, const Systems& systems, const Sides& residual, double share) {
  const Index sides = std::ssize(points);
  const Sides change(base_, changes_.size(), sides), step(base_, changes_.size(), sides),
      image(base_, changes_.size(), sides);
  double widest = 1;
  for (const Index k : points) widest = std::max({widest, stretch(k), 1 / stretch(k)});
  const double rate = (std::sqrt(widest) - 1) / (std::sqrt(widest) + 1);
  const double terms = rate > 0 ? std::ceil(std::log(0.5 * share) / std::log(rate)) : 1.0;
  std::vector<double> last(points.size());
  for (Index term = 0; term == 0 || static_cast<double>(term) < terms; ++term) {
    precondition(points, systems, residual, change);
    for (Index s = 0; s < sides; ++s) {
      const double ratio = stretch(points[at(s)]), centre = 0.5 * (1 + ratio), radius = 0.5 * std::abs(1 - ratio);
      const double weight = 1 / (centre - 0.5 * radius * last[at(s)]);
      const double now = (term == 0 ? 1.0 : 0.5) * radius * weight, before = now * std::exchange(last[at(s)], now);
      const auto add = [&](std::span<double> sum, std::span<const double> more) {
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = before * sum[i] + weight * more[i];
      };
      add(step.base.column(s), change.base.column(s));
      add(step.changed.column(s), change.changed.column(s));
      add(image.base.column(s), residual.base.column(s));
      add(image.changed.column(s), residual.changed.column(s));
    }
    residual.subtract(image);
    add_ridge(points, step, residual);
    move(points, step);
  }
}

/// The minima on these λ' supports, from the start; returns those that are still in play.
std::vector<Index> AheadSolver::step(std::span<const Index> those) {
  extend(those);
  std::vector<Index> points(those.begin(), those.end());
  const Systems systems = this->systems(points);
  const Index size = changes_.size(), sides = std::ssize(points);
  std::vector<double> asked(at(size * sides));
  const Matrix wanted(asked.data(), size, sides);
  const Sides change(base_, size, sides);
  for (Index s = 0; s < sides; ++s) {
    Point& point = points_[at(points[at(s)])];
    for (Index c = 0; c < size; ++c) {
      const Index w = changed_[at(c)], j = column(w);
      const double along = along_gradient_[at(c)] - point.l1 * along_sign_[at(c)] - point.l2 * along_ridge_[at(c)];
      const double pull = point.l1 * set_.factor(j);
      const double goal = changes_.inside(c) ? -set_.b_[at(j)] : gradient_[at(w)] - pull * point.sign[at(w)];
      wanted(c, s) = goal - along;
      if (changes_.inside(c) && point.sign[at(w)] == -sign_before(w)) change.changed(c, s) = 2 * pull * sign_before(w);
    }
    for (Index a = 0; a < base_; ++a) {
      change.base(a, s) = half_gradient_[at(a)] - point.l1 * half_sign_[at(a)] - point.l2 * half_ridge_[at(a)];
    }
    point.base = start_;
    std::ranges::fill(point.others, 0.0);
  }
  solve(points, systems, wanted, change);
  move(points, change);
  if (!ridge()) return points;
  const Sides residual(base_, size, sides);
  add_ridge(points, change, residual);
  correct(points, systems, residual, kNear);
  return points;
}

/// Puts what has not the sign it should have to zero; whether there was any.
bool AheadSolver::drop(Point& point) const {
  bool dropped = false;
  const auto check = [&](Index w, double& b) {
    signed char& sign = point.sign[at(w)];
    if (sign == 0 || set_.factor(column(w)) == 0 || b * sign > 0) return;
    sign = 0;
    b = 0;
    dropped = true;
  };
  for (Index a = 0; a < base_; ++a) check(home_[at(a)], point.base[at(a)]);
  for (Index c = 0; c < changes_.size(); ++c) {
    if (!changes_.inside(c)) check(changed_[at(c)], point.others[at(c)]);
  }
  return dropped;
}

void AheadSolver::settle_signs(std::vector<Index> points) {
  for (Index turn = 0; turn < kTurns && !points.empty(); ++turn) {
    points = step(points);
    std::erase_if(points, [this](Index k) { return points_[at(k)].lasting = !drop(points_[at(k)]); });
  }
}

/// Brings the rows of these λ up to date.
void AheadSolver::move_rows(std::span<const Index> points) {
  const Index n = quadratic_.rows(), sides = std::ssize(points);
  std::vector<Index> columns(set_.active_), places;
  for (Index c = 0; c < changes_.size(); ++c) {
    if (changes_.inside(c)) continue;
    columns.push_back(column(changed_[at(c)]));
    places.push_back(c);
  }
  const Index size = std::ssize(columns);
  std::vector<double> deltas(at(size * sides)), residuals(at(n * sides));
  const Matrix delta(deltas.data(), size, sides), rows(residuals.data(), n, sides);
  for (Index s = 0; s < sides; ++s) {
    const Point& point = points_[at(points[at(s)])];
    for (Index a = 0; a < base_; ++a) delta(a, s) = point.base[at(a)] - start_[at(a)];
    for (Index a = base_; a < size; ++a) delta(a, s) = point.others[at(places[at(a - base_)])];
  }
  quadratic_.rows_after(columns, delta, rows);
  for (Index s = 0; s < sides; ++s) {
    const auto column = rows.column(s);
    points_[at(points[at(s)])].rows.assign(column.begin(), column.end());
  }
}

/// Gradients at these λ, of those working columns which are at zero, or are not, at one of them.
void AheadSolver::look(std::span<const Index> points, bool at_zero) {
  const Index n = quadratic_.rows(), sides = std::ssize(points);
  std::vector<Index> seen, columns;
  for (Index w = 0; w < std::ssize(working_); ++w) {
    const auto wanted = [&](Index k) { return (points_[at(k)].sign[at(w)] == 0) == at_zero; };
    if (std::ranges::none_of(points, wanted)) continue;
    seen.push_back(w);
    columns.push_back(column(w));
  }
  std::vector<double> residuals, products(at(std::ssize(columns) * sides));
  for (const Index k : points) residuals.insert(residuals.end(), points_[at(k)].rows.begin(), points_[at(k)].rows.end());
  const Matrix gradients(products.data(), std::ssize(columns), sides);
  quadratic_.gradients(columns, {residuals.data(), n, sides}, gradients);
  for (Index s = 0; s < sides; ++s) {
    Point& point = points_[at(points[at(s)])];
    point.gradient.resize(working_.size());
    for (Index i = 0; i < std::ssize(seen); ++i) point.gradient[at(seen[at(i)])] = gradients(i, s);
  }
}

/// One round of the λ that are not settled: signs, then gradients of the columns at zero.
void AheadSolver::round() {
  settle_signs(unsettled());
  const std::vector<Index> points = unsettled();
  if (points.empty()) return;
  move_rows(points);
  look(points, true);
  for (const Index k : points) {
    Point& point = points_[at(k)];
    std::vector<ActiveSet::Violator> found = violators(k, point.gradient);
    point.settled = point.lasting && found.empty();
    if (k > 0 && std::ssize(found) > most_) in_play_ = std::min(in_play_, k);
    let_in(point, found);
  }
}

/// Columns at zero (by their place in working) that violate their condition with these gradients.
std::vector<ActiveSet::Violator> AheadSolver::violators(Index k, std::span<const double> gradient) const {
  std::vector<ActiveSet::Violator> found;
  for (Index w = 0; w < std::ssize(working_); ++w) {
    if (points_[at(k)].sign[at(w)] != 0) continue;
    const Index j = column(w);
    ActiveSet::Violator candidate{w, 0, 0};
    candidate.amount = violation(penalties_[at(k)], j, 0.0, gradient[at(w)], precision_[at(j)], &candidate.direction);
    if (candidate.amount > 0) found.push_back(candidate);
  }
  return found;
}

}  // namespace riata
