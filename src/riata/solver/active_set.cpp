#include "riata/solver/active_set.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr double kRelativeSlack = 1e-13;  // of the threshold l1·f
constexpr double kRough = 1e4;            // units of precision; a smaller error can wait until nothing wants in
constexpr std::size_t kFewOthers = 16;    // a part of what has moved: their gradients are summed entry by entry
constexpr Index kTrusted = 16;            // looks outside the support alone, once slopes proved right
constexpr Index kEntrants = 32;           // at least so many may enter a round; else half the active set
constexpr Index kCautious = 24;           // after so many rounds columns enter one at a time
constexpr double kSmall = 128;            // columns whose factor is made afresh at next to no cost
constexpr double kRotation = 48;          // a rotation of the factor, per number, than making it afresh
constexpr double kSolve = 4;              // a column's triangular solve, likewise
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

double violation(const ElasticBox& penalty, Index j, double b, double g, double precision, double* direction) {
  const double f = penalty.factor.empty() ? 1.0 : penalty.factor[at(j)];
  const double threshold = penalty.l1 * f;
  const double pull = g - penalty.l2 * f * b;
  const double upward = pull - (b < 0 ? -threshold : threshold);
  const double downward = -pull - (b > 0 ? -threshold : threshold);
  const bool up = upward >= downward;
  if (direction != nullptr) *direction = up ? 1.0 : -1.0;
  const double amount = std::max(upward, downward);
  const bool may_move =
      up ? penalty.upper.empty() || b < penalty.upper[at(j)] : penalty.lower.empty() || b > penalty.lower[at(j)];
  return may_move && amount > precision + kRelativeSlack * threshold ? amount : 0.0;
}

ActiveSet::ActiveSet(GramSource& source, Index n_features)
    : source_(source),
      b_(at(n_features)),
      sign_(at(n_features)),
      moved_(at(n_features)),
      active_mark_(at(n_features)),
      banned_(at(n_features)),
      full_gradient_(at(n_features)),
      slot_(at(n_features), -1) {}

void ActiveSet::set_point(std::span<const double> b) {
  std::ranges::copy(b, b_.begin());
  std::vector<Index> support;
  for (Index j = 0; j < static_cast<Index>(b_.size()); ++j) {
    const double value = b_[at(j)];
    const bool bound =
        (!box_.upper.empty() && value == box_.upper[at(j)]) || (!box_.lower.empty() && value == box_.lower[at(j)]);
    if (value != 0 && !bound) support.push_back(j);
  }
  set_support(std::move(support));
}

void ActiveSet::set_point(std::span<const Index> columns, std::span<const double> values) {
  for (const Index j : active_) b_[at(j)] = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) b_[at(columns[k])] = values[k];
  set_support({columns.begin(), columns.end()});
}

/// The free columns (increasing) at a point that no quadratic was told.
void ActiveSet::set_support(std::vector<Index> support) {
  refreshed_ = false;
  halfway_known_ = false;
  (void)take_moves();
  for (const Index j : support) sign_[at(j)] = b_[at(j)] > 0 ? 1 : -1;
  std::vector<Index> leaving;
  double rotations = 0;
  for (Index a = 0, size = std::ssize(active_); a < size; ++a) {
    if (std::ranges::binary_search(support, active_[at(a)])) continue;
    leaving.push_back(a);
    rotations += static_cast<double>((size - a) * (size - a));
  }
  mark_active(true);
  std::vector<Violator> coming;
  for (const Index j : support) {
    if (!active_mark_[at(j)]) coming.push_back({j, static_cast<double>(sign_[at(j)]), 0});
  }
  mark_active(false);
  const double size = static_cast<double>(support.size());
  const double solves = static_cast<double>(coming.size()) * size * size;
  const bool afresh =
      std::isnan(factored_l2_) || size <= kSmall || kRotation * rotations + kSolve * solves > size * size * size / 3;
  if (!coming.empty() && afresh) {
    active_ = std::move(support);
    return refactor(box_.l2);
  }
  fresh_ = 0;
  slope_.resize(active_.size());
  leave(leaving);
  if (!coming.empty()) (void)enter(coming);
  fresh_ = 0;
}

/// Brings gradients_ up to date with b_, and with them the slopes, unless these agree: then what they told is kept.
void ActiveSet::refresh(std::span<const Index> working, std::span<const double> precision) {
  gradients_.resize(working.size());
  bool known = quadratic_ == nullptr && !moves_.empty();  // the support's gradients are its slopes
  if (quadratic_ == nullptr) {
    follow(working);
  } else {
    tell();
    if (trusted_ > 0) {
      --trusted_;
      return look_outside(working);
    }
    quadratic_->gradient(working, gradients_);
  }
  for (std::size_t i = 0; i < working.size(); ++i) full_gradient_[at(working[i])] = gradients_[i];
  if (quadratic_ != nullptr && slope_.size() == active_.size()) {
    known = true;
    for (std::size_t a = 0; a < active_.size() && known; ++a) {
      known = std::abs(slope_[a] - full_gradient_[at(active_[a])]) <= precision[at(active_[a])];
    }
    if (known) trusted_ = kTrusted;
  }
  if (!known) take_slopes();
}

/// Gradients of the columns outside the support alone: the others have theirs as slopes.
void ActiveSet::look_outside(std::span<const Index> working) {
  mark_active(true);
  outside_.clear();
  for (const Index j : working) {
    if (!active_mark_[at(j)]) outside_.push_back(j);
  }
  mark_active(false);
  outside_gradients_.resize(outside_.size());
  quadratic_->gradient(outside_, outside_gradients_);
  for (std::size_t i = 0; i < outside_.size(); ++i) full_gradient_[at(outside_[i])] = outside_gradients_[i];
  for (std::size_t a = 0; a < active_.size(); ++a) full_gradient_[at(active_[a])] = slope_[a];
  for (std::size_t i = 0; i < working.size(); ++i) gradients_[i] = full_gradient_[at(working[i])];
}

void ActiveSet::take_slopes() {
  halfway_known_ = false;
  slope_.resize(active_.size());
  for (std::size_t a = 0; a < active_.size(); ++a) slope_[a] = full_gradient_[at(active_[a])];
}

/// Before b_[j] changes.
void ActiveSet::touch(Index j) {
  if (!std::exchange(moved_[at(j)], char{1})) moves_.push_back({j, b_[at(j)]});
}

/// The coefficients that have changed; the point counts as known from now on.
std::vector<ActiveSet::Move> ActiveSet::take_moves() {
  std::vector<Move> moves = std::exchange(moves_, {});
  for (const Move& move : moves) moved_[at(move.column)] = 0;
  std::erase_if(moves, [this](const Move& move) { return b_[at(move.column)] == move.known; });
  return moves;
}

void ActiveSet::tell() {
  std::vector<Index> columns;
  std::vector<double> values, delta;
  for (const auto& [j, known] : take_moves()) {
    columns.push_back(j);
    values.push_back(b_[at(j)]);
    delta.push_back(b_[at(j)] - known);
  }
  if (!columns.empty()) quadratic_->move(columns, values, delta);
}

void ActiveSet::mark_active(bool on) {
  for (const Index j : active_) active_mark_[at(j)] = on ? 1 : 0;
}

/// Gradients from those at the known point: active columns have theirs as slopes, the others lose G (b − known).
void ActiveSet::follow(std::span<const Index> working) {
  std::ranges::copy(base_gradients_, gradients_.begin());
  if (moves_.empty()) return;
  for (std::size_t a = 0; a < active_.size(); ++a) full_gradient_[at(active_[a])] = slope_[a];
  mark_active(true);
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < working.size(); ++i) {
    if (active_mark_[at(working[i])]) {
      gradients_[i] = full_gradient_[at(working[i])];
    } else {
      others.push_back(i);
    }
  }
  mark_active(false);
  if (others.size() <= moves_.size() / kFewOthers) {
    for (const std::size_t i : others) {
      const Index own = slot_[at(working[i])];
      for (const auto& [m, known] : moves_) gradients_[i] -= gram(slot_[at(m)], own) * (b_[at(m)] - known);
    }
    return;
  }
  // The stored half of G is read row by row: what it adds right of the diagonal is collected by slots.
  std::vector<double> delta(entered_.size()), above(entered_.size());
  for (const auto& [m, known] : moves_) {
    const Index slot = slot_[at(m)];
    delta[at(slot)] = b_[at(m)] - known;
    kernels::add(delta[at(slot)], gram_[at(slot)].data(), 0.0, above.data(), slot);
  }
  for (const std::size_t i : others) {
    const Index own = slot_[at(working[i])];
    gradients_[i] -= above[at(own)] + kernels::dot(gram_[at(own)].data(), delta.data(), own + 1, 0.0);
  }
}

/// Whether the support's gradients match the penalty's to the precision; `worst` is the largest excess ratio.
bool ActiveSet::stationary(std::span<const double> precision, double& worst) const {
  worst = 0;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    const Index j = active_[a];
    const double off = std::abs(slope_[a] - wanted_slope(j));
    if (off > precision[at(j)]) worst = std::max(worst, off / precision[at(j)]);
  }
  return worst == 0;
}

void ActiveSet::homotopy_rate(std::vector<Index>& columns, std::vector<double>& rate) const {
  columns = active_;
  rate.resize(columns.size());
  const double ridge = box_.l1 > 0 ? box_.l2 / box_.l1 : 0.0;
  for (std::size_t a = 0; a < columns.size(); ++a) {
    const Index j = columns[a];
    rate[a] = factor(j) * (sign_[at(j)] + ridge * b_[at(j)]);
  }
  factor_.solve(rate);
}

double ActiveSet::degrees_of_freedom() const {
  std::vector<Index> columns = support_.value_or(active_);
  const double size = static_cast<double>(columns.size());
  if (box_.l2 == 0) return size;
  if (!support_ && factored_l2_ == box_.l2) return size - trace(factor_, active_);
  std::ranges::sort(columns, {}, [this](Index j) { return slot_[at(j)]; });
  GrowingCholesky own;
  return factorise(columns, box_.l2, own) ? size - trace(own, columns) : std::nan("");
}

/// tr(l2 F (G + l2 F)⁻¹) of factored columns.
double ActiveSet::trace(const GrowingCholesky& factored, std::span<const Index> columns) const {
  std::vector<double> ridge;
  ridge.reserve(columns.size());
  for (const Index j : columns) ridge.push_back(box_.l2 * factor(j));
  return factored.weighted_inverse_trace(ridge);
}

double ActiveSet::degrees_of_freedom(double l2) {
  box_.l2 = l2;
  if (box_.l2 != factored_l2_) refactor(box_.l2);
  return degrees_of_freedom();
}

std::vector<ActiveSet::Violator> ActiveSet::violators(std::span<const Index> working, std::span<const double> gradients,
                                                      std::span<const double> precision) {
  mark_active(true);
  std::vector<Violator> found;
  for (std::size_t i = 0; i < working.size(); ++i) {
    const Index j = working[i];
    if (active_mark_[at(j)] || banned_[at(j)]) continue;
    Violator candidate{j, 0, 0};
    candidate.amount = violation(box_, j, b_[at(j)], gradients[i], precision[at(j)], &candidate.direction);
    if (candidate.amount > 0) found.push_back(candidate);
  }
  mark_active(false);
  std::sort(found.begin(), found.end(), [](const Violator& a, const Violator& b) {
    return a.amount > b.amount || (a.amount == b.amount && a.column < b.column);
  });
  return found;
}

/// Columns that would want in at this λ if gradients went on changing as from the λ before last to the last one. Most do,
/// which spares a look at the working set; those that do not leave again before the first step.
void ActiveSet::enter_predicted(std::span<const Index> working, std::span<const double> precision) {
  const bool known = std::ranges::equal(working, settled_.working) && std::ranges::equal(working, earlier_.working);
  if (!known || !(earlier_.l1 > settled_.l1) || !(settled_.l1 > box_.l1)) return;
  const double share = (settled_.l1 - box_.l1) / (earlier_.l1 - settled_.l1);
  std::vector<double> predicted(settled_.gradients);
  for (std::size_t i = 0; i < predicted.size(); ++i) predicted[i] += share * (predicted[i] - earlier_.gradients[i]);
  const auto found = violators(working, predicted, precision);
  (void)enter(std::span(found).first(std::min(found.size(), at(kEntrants))));
}

Status ActiveSet::solve(ActiveQuadratic& quadratic, const ElasticBox& penalty, std::span<const Index> working,
                        std::span<const double> precision, Index most_rounds) {
  quadratic_ = &quadratic;
  return run(penalty, working, precision, most_rounds);
}

Status ActiveSet::solve(std::span<const double> gradients, const ElasticBox& penalty, std::span<const Index> working,
                        std::span<const double> precision) {
  quadratic_ = nullptr;
  base_gradients_ = gradients;
  store(working);
  const Status status = run(penalty, working, precision, 0);
  step_ = {};
  for (const auto& [j, known] : take_moves()) {
    step_.columns.push_back(j);
    step_.delta.push_back(b_[at(j)] - known);
  }
  return status;
}

Status ActiveSet::run(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                      Index most_rounds) {
  box_ = penalty;
  halfway_known_ = false;
  std::fill(banned_.begin(), banned_.end(), char{0});
  if (box_.l2 != factored_l2_) refactor(box_.l2);
  if (std::exchange(refreshed_, false)) {
    take_slopes();
    enter_predicted(working, precision);
  } else {
    refresh(working, precision);
  }
  const Index limit = most_rounds > 0 ? most_rounds : 64 + 4 * static_cast<Index>(working.size());
  double before = kInfinity;
  for (rounds_ = 0; rounds_ < limit; ++rounds_) {
    if (!minimise_on_support()) return Status::iteration_limit;
    refresh(working, precision);
    double off = 0;
    const bool refine = !stationary(precision, off) && off < 0.5 * before;  // it pays
    if (refine && off > kRough) {
      before = off;
      continue;
    }
    const auto found = violators(working, gradients_, precision);
    if (found.empty()) {
      if (!refine) {
        refreshed_ = quadratic_ != nullptr;
        if (refreshed_) {
          earlier_ = std::exchange(settled_, {box_.l1, {working.begin(), working.end()}, gradients_});
        }
        return Status::converged;
      }
      before = off;
      continue;
    }
    before = kInfinity;
    const Index most = std::max(kEntrants, static_cast<Index>(active_.size()) / 2);
    const std::size_t entrants = rounds_ > kCautious ? 1 : std::min(found.size(), at(most));
    if (enter(std::span(found).first(entrants))) continue;
    // Nothing independent wants in: trade along a null direction, one column at a time.
    if (enter_dependent(found.front())) {
      trusted_ = 0;
      refresh(working, precision);
    } else {
      banned_[at(found.front().column)] = 1;
    }
  }
  return Status::iteration_limit;
}

}  // namespace riata
