// The steps of an active set on its support, until the minimum of the present sign pattern is reached.
#include <algorithm>
#include <limits>
#include <utility>

#include "riata/solver/active_set.hpp"

namespace riata {
namespace {

constexpr Index kBoldRounds = 3;  // in which steps do not stop at the first column that blocks,
constexpr Index kBoldSteps = 6;   // so many of them
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

/// Where column j has to stop when it moves that way: zero if it would change its sign, else its bound.
double ActiveSet::target(Index j, double direction) const {
  const double sign = sign_[at(j)];
  if (factor(j) > 0 && box_.l1 > 0 && direction * sign < 0) return 0.0;
  if (direction > 0) return box_.upper.empty() ? kInfinity : box_.upper[at(j)];
  return box_.lower.empty() ? -kInfinity : box_.lower[at(j)];
}

/// What the penalty asks of an active column's slope.
double ActiveSet::wanted_slope(Index j) const { return factor(j) * (box_.l1 * sign_[at(j)] + box_.l2 * b_[at(j)]); }

void ActiveSet::know_halfway() {
  if (std::exchange(halfway_known_, true)) return;
  halfway_.resize(active_.size());
  for (std::size_t a = 0; a < active_.size(); ++a) halfway_[a] = slope_[a] - wanted_slope(active_[a]);
  factor_.forward(halfway_);
}

/// direction = (G_AA + l2 F)⁻¹ (slope − l1 F s − l2 F b). Columns that have just entered (at zero or a bound) but would move
/// out of their half-line leave again first: they are the factor's last, so that the end of the solve tells which.
void ActiveSet::newton_direction() {
  know_halfway();
  for (std::vector<Index> leaving{0}; fresh_ > 0 && !leaving.empty();) {
    leaving.clear();
    const Index first = std::ssize(active_) - fresh_;
    direction_.assign(halfway_.begin() + first, halfway_.end());
    factor_.backward(direction_);
    for (Index a = first; a < std::ssize(active_); ++a) {
      const Index j = active_[at(a)];
      const double direction = direction_[at(a - first)];
      if (direction != 0 && target(j, direction) == b_[at(j)]) leaving.push_back(a);
    }
    leave(leaving);
    fresh_ -= std::ssize(leaving);
  }
  fresh_ = 0;
  direction_ = halfway_;
  factor_.backward(direction_);
}

/// Moves along direction_ as far as nothing blocks, at most all the way; true when something did. Whatever reaches its
/// target, also by rounding, stops exactly there and leaves the support.
bool ActiveSet::advance() {
  double t = 1.0;
  std::size_t blocking = active_.size();
  for (std::size_t a = 0; a < active_.size(); ++a) {
    if (direction_[a] == 0) continue;
    const double room = (target(active_[a], direction_[a]) - b_[at(active_[a])]) / direction_[a];
    if (room < t) {
      t = room;
      blocking = a;
    }
  }
  std::vector<Index> leaving;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    if (direction_[a] == 0) continue;
    const Index j = active_[a];
    const double stop = target(j, direction_[a]);
    touch(j);
    double& b = b_[at(j)];
    b += t * direction_[a];
    if (a == blocking || (direction_[a] > 0 ? b >= stop : b <= stop)) {
      b = stop;
      leaving.push_back(static_cast<Index>(a));
    }
  }
  for (double& value : halfway_) value *= 1 - t;
  leave(leaving);
  return !leaving.empty();
}

/// Moves all the way; whatever would pass its target stops there and leaves, all at once. The objective may rise: for a few
/// steps, which spare one a column. True when something left.
bool ActiveSet::advance_at_once() {
  std::vector<Index> leaving;
  std::vector<double> back;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    const double direction = direction_[a];
    if (direction == 0) continue;
    const Index j = active_[a];
    const double stop = target(j, direction);
    touch(j);
    double& b = b_[at(j)];
    b += direction;
    if (direction > 0 ? b < stop : b > stop) continue;
    leaving.push_back(static_cast<Index>(a));
    back.push_back(b - stop);
    b = stop;
  }
  // Where the whole step leads the slopes are as wanted; going back by δ changes them by LLᵀδ.
  std::ranges::fill(halfway_, 0.0);
  factor_.add_transposed(leaving, back, halfway_);
  leave(leaving);
  return !leaving.empty();
}

/// Newton steps until one is taken whole.
bool ActiveSet::minimise_on_support() {
  Index bold = rounds_ < kBoldRounds ? kBoldSteps : 0;
  for (std::size_t steps = 2 * active_.size() + 8; steps > 0; --steps) {
    newton_direction();
    if (bold-- > 0 ? advance_at_once() : advance()) continue;
    for (std::size_t a = 0; a < active_.size(); ++a) slope_[a] = wanted_slope(active_[a]);
    return true;
  }
  forget_gradients();
  return false;
}

}  // namespace riata
