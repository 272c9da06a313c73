// What becomes of the λ that an AheadSolver has settled: they are refined and handed over, and the set moves on to the last.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <ranges>
#include <utility>

#include "riata/solver/active_ahead.hpp"

namespace riata {
namespace {

constexpr Index kRounds = 12;
constexpr Index kRefinements = 2;
constexpr double kSharp = 1e-8;  // of a refinement, that an l2 part leaves undone
constexpr double kRough = 1e4;   // units of precision that a support's gradients may be off
constexpr double kWidest = 4;    // ratio of the l2 of λ that share a factor: the iteration's terms grow with its root
constexpr double kSlower = 48;   // a rotation of the factor, per number, than making it afresh

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

double AheadSolver::coefficient(const Point& point, Index w) const {
  if (row_[at(w)] >= 0) return point.base[at(row_[at(w)])];
  return place_[at(w)] >= 0 ? point.others[at(place_[at(w)])] : 0.0;
}

/// What the gradient of a column of the support is off.
double AheadSolver::off(const Point& point, Index w) const {
  const double ridge = point.l2 == 0 ? 0.0 : point.l2 * coefficient(point, w);
  return point.gradient[at(w)] - set_.factor(column(w)) * (point.l1 * point.sign[at(w)] + ridge);
}

/// By how many units of precision the support's gradients are off.
double AheadSolver::error(const Point& point) const {
  double worst = 0;
  for (Index w = 0; w < std::ssize(working_); ++w) {
    if (point.sign[at(w)] != 0) worst = std::max(worst, std::abs(off(point, w)) / precision_[at(column(w))]);
  }
  return worst;
}

/// One Newton step from gradients computed afresh; returns before which λ it keeps all signs.
Index AheadSolver::refine(std::span<const Index> those) {
  std::vector<Index> points(those.begin(), those.end());
  const Systems systems = this->systems(points);
  const Sides residual(base_, changes_.size(), std::ssize(points));
  for (Index s = 0; s < std::ssize(points); ++s) {
    const Point& point = points_[at(points[at(s)])];
    for (Index a = 0; a < base_; ++a) {
      if (point.sign[at(home_[at(a)])] != 0) residual.base(a, s) = off(point, home_[at(a)]);
    }
    for (Index c = 0; c < changes_.size(); ++c) {
      const Index w = changed_[at(c)];
      if (!changes_.inside(c) && point.sign[at(w)] != 0) residual.changed(c, s) = off(point, w);
    }
  }
  correct(points, systems, residual, kSharp);
  Index lasting = in_play_;
  for (const Index k : points) {
    if (drop(points_[at(k)])) lasting = std::min(lasting, k);
  }
  return lasting;
}

/// Makes the first λ as precise as rounding allows; returns how many need no more. `exact`: they are, as they were shortly
/// before.
Index AheadSolver::polish(Index count, bool& exact) {
  if (exact) {
    for (Index k = 0; k < count; ++k) {
      Point& point = points_[at(k)];
      for (Index w = 0; w < std::ssize(working_); ++w) {
        if (point.sign[at(w)] != 0) point.gradient[at(w)] -= off(point, w);
      }
    }
    return count;
  }
  std::vector<Index> points(at(count));
  std::iota(points.begin(), points.end(), Index{0});
  for (Index refinement = 0; count > 0; ++refinement) {
    points.resize(at(count));
    look(points, false);
    if (refinement > 0) look(points, true);
    std::vector<Index> rough;
    std::ranges::copy_if(points, std::back_inserter(rough), [this](Index k) { return error(points_[at(k)]) > 1; });
    exact = refinement == 0 && rough.empty();
    if (rough.empty() || refinement == kRefinements) break;
    count = std::min(count, refine(rough));
    points.resize(at(count));
    move_rows(points);
  }
  for (Index k = 0; k < count; ++k) {
    if (error(points_[at(k)]) > kRough || !violators(k, points_[at(k)].gradient).empty()) return k;
  }
  return count;
}

Index AheadSolver::solve(bool& exact, const std::function<void(Index)>& solved) {
  for (Index r = 0; r < kRounds && !unsettled().empty(); ++r) round();
  const std::vector<Index> left = unsettled();
  const Index count = polish(left.empty() ? in_play_ : left.front(), exact);
  if (count > 0) hand_over(count, solved);
  return count;
}

void AheadSolver::hand_over(Index count, const std::function<void(Index)>& solved) {
  for (Index k = 0; k < count; ++k) {
    const Point& point = points_[at(k)];
    std::vector<Index> columns;
    std::vector<double> values, delta;
    const auto set = [&](Index w, double value) {
      double& b = set_.b_[at(column(w))];
      if (value == b) return;
      columns.push_back(column(w));
      values.push_back(value);
      delta.push_back(value - b);
      b = value;
    };
    for (Index a = 0; a < base_; ++a) set(home_[at(a)], point.base[at(a)]);
    for (Index c = 0; c < changes_.size(); ++c) {
      if (!changes_.inside(c)) set(changed_[at(c)], point.others[at(c)]);
    }
    quadratic_.adopt(columns, values, delta, point.rows);
    set_.box_ = penalties_[at(k)];
    set_.earlier_ = std::exchange(set_.settled_, {point.l1, {working_.begin(), working_.end()}, point.gradient});
    if (k + 1 == count) move_factor(count);
    set_.support_.emplace();
    for (Index w = 0; w < std::ssize(working_); ++w) {
      if (point.sign[at(w)] != 0) set_.support_->push_back(column(w));
    }
    solved(k);
  }
  set_.support_.reset();
}

/// The set's support and factor become those of its point.
void AheadSolver::move_factor(Index count) {
  const Point& last = points_[at(count - 1)];
  set_.gradients_ = set_.settled_.gradients;
  for (Index w = 0; w < std::ssize(working_); ++w) {
    const Index j = column(w);
    set_.full_gradient_[at(j)] = set_.gradients_[at(w)];
    if (last.sign[at(w)] != 0) set_.sign_[at(j)] = last.sign[at(w)];
  }
  std::vector<Index> leaving, coming;
  double rotations = 0;
  for (Index c = 0; c < changes_.size(); ++c) {
    const Index w = changed_[at(c)], a = row_[at(w)];
    if (a < 0 && last.sign[at(w)] != 0) coming.push_back(c);
    if (a < 0 || last.sign[at(w)] != 0) continue;
    leaving.push_back(a);
    rotations += static_cast<double>((base_ - a) * (base_ - a));
  }
  std::ranges::sort(leaving);
  for (const Index c : coming) set_.active_.push_back(column(changed_[at(c)]));
  set_.slope_.resize(set_.active_.size());
  set_.forget_gradients();
  const double size = static_cast<double>(base_);
  const auto rows = changes_.rows_of(coming);
  if (!ridge() && kSlower * rotations < size * size * size / 3 && rows.size() == coming.size()) {
    set_.factor_.append_rows(rows);
    set_.leave(leaving);
  } else {
    for (const Index a : leaving | std::views::reverse) set_.active_.erase(set_.active_.begin() + a);
    set_.refactor(ridge() ? next_ridge(count) : 0.0);
  }
  set_.fresh_ = 0;
  set_.refreshed_ = true;
}

/// An l2 between those of the λ that come next: the others of these, or as many more.
double AheadSolver::next_ridge(Index count) const {
  const double first = penalties_.front().l2, last = penalties_[at(count - 1)].l2;
  if (count < std::ssize(penalties_)) return std::sqrt(penalties_[at(count)].l2 * penalties_.back().l2);
  return last * std::sqrt(last / first);
}

Index ActiveSet::solve_ahead(AheadQuadratic& quadratic, std::span<const ElasticBox> penalties,
                             std::span<const Index> working, std::span<const double> precision, Outlook outlook,
                             const std::function<bool(Index)>& solved) {
  quadratic_ = &quadratic;
  for (const ElasticBox& penalty : penalties) {
    if (!penalty.lower.empty() || !penalty.upper.empty()) return 0;
  }
  const double most = penalties.front().l2, least = penalties.back().l2;
  if (!moves_.empty() || most > kWidest * least || (least == 0 && factored_l2_ != 0)) return 0;
  forget_idle();
  if (!(least <= factored_l2_ && factored_l2_ <= most)) refactor(std::sqrt(least) * std::sqrt(most));
  Index done = 0;
  bool exact = false, go_on = true;
  while (go_on && done < std::ssize(penalties)) {
    const auto next = [&](Index k) { go_on = solved(done + k); };
    AheadSolver solver(*this, quadratic, penalties.subspan(at(done)), working, precision, outlook);
    const Index count = solver.solve(exact, next);
    if (count == 0) break;
    done += count;
    if (std::ranges::equal(earlier_.working, working) && earlier_.l1 > settled_.l1) {
      for (std::size_t w = 0; w < working.size(); ++w) {
        outlook.slope[w] = (earlier_.gradients[w] - settled_.gradients[w]) / (earlier_.l1 - settled_.l1);
      }
    }
    outlook.l1 = settled_.l1;
    outlook.gradient = settled_.gradients;
  }
  return done;
}

}  // namespace riata
