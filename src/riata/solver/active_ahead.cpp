#include "riata/solver/active_ahead.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr Index kTurns = 2;     // in which signs settle before a round looks at gradients
constexpr Index kEntrants = 8;  // so many columns a λ may let in a round, or
constexpr Index kShare = 4;     // that share of the support and of what it lacks to saturation

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
      most_(std::max(kEntrants, std::min(base_, quadratic.most_active() - base_) / kShare)),
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
  }
  set.factor_.forward(half_gradient_);
  set.factor_.forward(half_sign_);
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
  const auto slot = [&](Index c) { return set_.slot_[at(column(changed_[at(c)]))]; };
  changes_.add(inside, std::move(columns), [&](Index a, Index c) { return set_.gram(slot(a), slot(c)); });
  for (Point& point : points_) point.others.resize(changed_.size());
  for (Index c = known; c < std::ssize(changed_); ++c) {
    const auto line = changes_.lines().column(c);
    along_gradient_.push_back(dot(line, half_gradient_));
    along_sign_.push_back(dot(line, half_sign_));
  }
}

/// Moves these λ' points by L⁻ᵀ(t + V u), where u makes `wanted` of the changed columns; u is given where they change their
/// sign. Returns the first λ at which columns depend on each other.
Index AheadSolver::move(std::span<const Index> points, ConstMatrix wanted, Matrix t, Matrix u) {
  Index independent = in_play_;
  for (Index s = 0; s < u.cols; ++s) {
    const Point& point = points_[at(points[at(s)])];
    std::vector<Index> gone, come;
    for (Index c = 0; c < changes_.size(); ++c) {
      const bool zero = point.sign[at(changed_[at(c)])] == 0;
      if (zero && changes_.inside(c)) gone.push_back(c);
      if (!zero && !changes_.inside(c)) come.push_back(c);
    }
    const auto own = wanted.column(s);
    if (!changes_.solve(gone, come, {own.begin(), own.end()}, u.column(s))) {
      independent = std::min(independent, points[at(s)]);
    }
  }
  changes_.add_lines(u, t);
  set_.factor_.backward(t);
  for (Index s = 0; s < u.cols; ++s) {
    Point& point = points_[at(points[at(s)])];
    for (Index a = 0; a < base_; ++a) {
      double& b = point.base[at(a)];
      b = point.sign[at(home_[at(a)])] == 0 ? 0.0 : b + t(a, s);
    }
    for (Index c = 0; c < changes_.size(); ++c) {
      if (changes_.inside(c)) continue;
      double& b = point.others[at(c)];
      b = point.sign[at(changed_[at(c)])] == 0 ? 0.0 : b - u(c, s);
    }
  }
  return independent;
}

/// The minima on these λ' supports, from the start; returns those that are still in play.
std::vector<Index> AheadSolver::step(std::span<const Index> points) {
  extend(points);
  const Index size = changes_.size(), sides = std::ssize(points);
  std::vector<double> changes(at(size * sides)), asked(at(size * sides)), moves(at(base_ * sides));
  const Matrix u(changes.data(), size, sides), wanted(asked.data(), size, sides), t(moves.data(), base_, sides);
  for (Index s = 0; s < sides; ++s) {
    Point& point = points_[at(points[at(s)])];
    for (Index c = 0; c < size; ++c) {
      const Index w = changed_[at(c)], j = column(w);
      const double along = along_gradient_[at(c)] - point.l1 * along_sign_[at(c)];
      const double pull = point.l1 * set_.factor(j);
      const double goal = changes_.inside(c) ? -set_.b_[at(j)] : gradient_[at(w)] - pull * point.sign[at(w)];
      wanted(c, s) = goal - along;
      if (changes_.inside(c) && point.sign[at(w)] == -sign_before(w)) u(c, s) = 2 * pull * sign_before(w);
    }
    for (Index a = 0; a < base_; ++a) t(a, s) = half_gradient_[at(a)] - point.l1 * half_sign_[at(a)];
    point.base = start_;
    std::ranges::fill(point.others, 0.0);
  }
  in_play_ = move(points, wanted, t, u);
  std::vector<Index> kept(points.begin(), points.end());
  std::erase_if(kept, [this](Index k) { return k >= in_play_; });
  return kept;
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
