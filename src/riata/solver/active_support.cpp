// The support of an active set: its stored Gram entries and its factor, and how columns enter and leave.
#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <utility>

#include "riata/kernels/kernels.hpp"
#include "riata/solver/active_set.hpp"

namespace riata {
namespace {

constexpr double kDependent = 1e-12;  // pivots below this share of G(j,j) are rounding
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNoDirection = 1e-9;  // a share in a null direction that is rounding
constexpr double kGradientNoise = 16 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

double ActiveSet::gram(Index a, Index b) const { return a >= b ? gram_[at(a)][at(b)] : gram_[at(b)][at(a)]; }

Index ActiveSet::slot(Index j) {
  if (slot_[at(j)] < 0) {
    const Index self[] = {j};
    store(self);
  }
  return slot_[at(j)];
}

void ActiveSet::store(std::span<const Index> columns) {
  const std::size_t known = entered_.size();
  for (const Index j : columns) {
    if (slot_[at(j)] >= 0) continue;
    slot_[at(j)] = static_cast<Index>(entered_.size());
    entered_.push_back(j);
  }
  const auto fresh = std::span<const Index>(entered_).subspan(known);
  if (fresh.empty()) return;
  std::vector<double> block(fresh.size() * entered_.size());
  const Matrix matrix(block.data(), static_cast<Index>(entered_.size()), static_cast<Index>(fresh.size()));
  source_.gram(entered_, fresh, matrix);
  for (std::size_t k = 0; k < fresh.size(); ++k) {
    const auto column = matrix.column(static_cast<Index>(k)).first(known + k + 1);
    gram_.emplace_back(column.begin(), column.end());
  }
}

void ActiveSet::forget_gram() {
  for (const Index j : entered_) slot_[at(j)] = -1;
  entered_.clear();
  gram_.clear();
  factored_l2_ = std::numeric_limits<double>::quiet_NaN();
}

/// Forgets the stored Gram of columns that are not in the support, where these are many.
void ActiveSet::forget_idle() {
  constexpr std::size_t kShare = 8;  // of the support
  if (entered_.size() * kShare < active_.size() * (kShare + 1) + kShare * kShare) return;
  mark_active(true);
  std::vector<std::size_t> kept;
  for (std::size_t a = 0; a < entered_.size(); ++a) {
    if (active_mark_[at(entered_[a])]) {
      kept.push_back(a);
    } else {
      slot_[at(entered_[a])] = -1;
    }
  }
  mark_active(false);
  for (std::size_t a = 0; a < kept.size(); ++a) {
    std::vector<double>& row = gram_[kept[a]];
    for (std::size_t b = 0; b <= a; ++b) row[b] = row[kept[b]];
    row.resize(a + 1);
    if (a != kept[a]) gram_[a] = std::move(row);
    gram_[a].shrink_to_fit();
    entered_[a] = entered_[kept[a]];
    slot_[at(entered_[a])] = static_cast<Index>(a);
  }
  entered_.resize(kept.size());
  gram_.resize(kept.size());
}

/// out = G(active, j).
void ActiveSet::dependence(Index j, std::span<double> out) {
  const Index own = slot(j);
  for (std::size_t a = 0; a < active_.size(); ++a) out[a] = gram(slot_[at(active_[a])], own);
}

/// Afresh, in order of the stored Gram's slots.
void ActiveSet::refactor(double l2) {
  store(active_);
  factored_l2_ = l2;
  halfway_known_ = false;
  fresh_ = 0;
  trusted_ = 0;
  slope_.clear();  // of another order
  std::ranges::sort(active_, {}, [this](Index j) { return slot_[at(j)]; });
  if (factorise(active_, l2, factor_)) return;
  for (const Index j : std::exchange(active_, {})) {  // dependent by rounding: keep what can be kept
    if (!enter({j, static_cast<double>(sign_[at(j)]), 0}, 0.0)) banned_[at(j)] = 1;
  }
}

/// G + l2 F of stored columns in order of their slots: rows are read from left to right, a few columns at a time.
bool ActiveSet::factorise(std::span<const Index> columns, double l2, GrowingCholesky& out) const {
  constexpr Index kColumns = 16;
  const Index size = std::ssize(columns);
  const Matrix matrix = out.room(size);
  for (Index first = 0; first < size; first += kColumns) {
    for (Index a = first; a < size; ++a) {
      const std::vector<double>& row = gram_[at(slot_[at(columns[at(a)])])];
      const Index last = std::min(a, first + kColumns - 1);
      for (Index b = first; b <= last; ++b) matrix(a, b) = row[at(slot_[at(columns[at(b)])])];
    }
  }
  for (Index a = 0; a < size; ++a) matrix(a, a) += l2 * factor(columns[at(a)]);
  return out.factorise();
}

bool ActiveSet::enter(const Violator& violator, double threshold) {
  const Index j = violator.column;
  std::vector<double> column(active_.size());
  dependence(j, column);
  const double diagonal = gram(slot_[at(j)], slot_[at(j)]) + factored_l2_ * factor(j);
  if (!factor_.append(column, diagonal, threshold)) return false;
  halfway_known_ = false;
  take_in(violator);
  return true;
}

/// Of a column that the factor has, or is about to have.
void ActiveSet::take_in(const Violator& violator) {
  const Index j = violator.column;
  active_.push_back(j);
  slope_.push_back(full_gradient_[at(j)]);
  if (b_[at(j)] == 0) sign_[at(j)] = violator.direction > 0 ? 1 : -1;
  ++fresh_;
}

/// Those of the violators that do not depend on the support and on each other; one triangular solve for all.
bool ActiveSet::enter(std::span<const Violator> violators) {
  std::vector<Index> columns;
  for (const Violator& violator : violators) columns.push_back(violator.column);
  store(columns);
  const std::size_t size = active_.size();
  std::vector<std::vector<double>> rows;  // of the factor, of the columns that were taken
  std::vector<double> block(size * columns.size());
  const Matrix solved(block.data(), static_cast<Index>(size), static_cast<Index>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) dependence(columns[i], solved.column(static_cast<Index>(i)));
  factor_.forward(solved);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Index j = columns[i];
    const auto head = solved.column(static_cast<Index>(i));
    std::vector<double> row(head.begin(), head.end());
    for (std::size_t l = 0; l < rows.size(); ++l) {
      const double g = gram(slot_[at(active_[size + l])], slot_[at(j)]);
      const double known = kernels::dot(row.data(), rows[l].data(), std::ssize(row), 0.0);
      row.push_back((g - known) / rows[l].back());
    }
    const double diagonal = gram(slot_[at(j)], slot_[at(j)]) + factored_l2_ * factor(j);
    const double pivot = diagonal - kernels::dot(row.data(), row.data(), std::ssize(row), 0.0);
    if (!(pivot > kDependent * diagonal)) continue;
    take_in(violators[i]);
    if (halfway_known_) {
      const double known = kernels::dot(row.data(), halfway_.data(), std::ssize(row), 0.0);
      halfway_.push_back((slope_.back() - wanted_slope(j) - known) / std::sqrt(pivot));
    }
    row.push_back(std::sqrt(pivot));
    rows.push_back(std::move(row));
  }
  factor_.append_rows(rows);
  return !rows.empty();
}

/// positions: increasing.
void ActiveSet::leave(std::span<const Index> positions) {
  factor_.remove(positions, halfway_known_ ? std::span(halfway_) : std::span<double>());
  if (halfway_known_) halfway_.resize(halfway_.size() - positions.size());
  for (const Index a : positions | std::views::reverse) {
    active_.erase(active_.begin() + a);
    slope_.erase(slope_.begin() + a);
  }
}

/// What rounding leaves in column j's gradient where large coefficients cancel.
double ActiveSet::gradient_noise(Index j) {
  const double norm = std::sqrt(gram(slot(j), slot(j)));
  double size = std::abs(b_[at(j)]) * norm;
  for (const Index a : active_) size += std::abs(b_[at(a)]) * std::sqrt(gram(slot_[at(a)], slot_[at(a)]));
  return kGradientNoise * size * norm;
}

/// Column j depends on the support: along the null direction the fit stays and the penalty falls until something blocks.
/// False where what pulls it is no more than rounding, or nothing blocks.
bool ActiveSet::enter_dependent(const Violator& violator) {
  const Index j = violator.column;
  if (violator.amount <= gradient_noise(j)) return false;
  if (b_[at(j)] == 0) sign_[at(j)] = violator.direction > 0 ? 1 : -1;
  for (std::size_t attempts = active_.size() + 1; attempts > 0; --attempts) {
    if (enter({j, static_cast<double>(sign_[at(j)]), 0}, kDependent)) return true;
    std::vector<double> others(active_.size());
    dependence(j, others);
    factor_.solve(others);
    const double own = gram(slot(j), slot(j));
    for (std::size_t a = 0; a < active_.size(); ++a) {  // what is rounding would only block a step of 1e16
      const Index s = slot_[at(active_[a])];
      if (others[a] * others[a] * gram(s, s) <= kNoDirection * kNoDirection * own) others[a] = 0.0;
    }
    double t = std::abs(target(j, violator.direction) - b_[at(j)]);
    std::size_t blocking = active_.size();
    for (std::size_t a = 0; a < active_.size(); ++a) {
      const double d = -violator.direction * others[a];
      if (d == 0) continue;
      const double room = (target(active_[a], d) - b_[at(active_[a])]) / d;
      if (room < t) {
        t = room;
        blocking = a;
      }
    }
    if (t == kInfinity) return false;
    for (std::size_t a = 0; a < active_.size(); ++a) {
      const double d = -violator.direction * others[a];
      const Index i = active_[a];
      touch(i);
      b_[at(i)] = a == blocking ? target(i, d) : b_[at(i)] + t * d;
    }
    touch(j);
    if (blocking == active_.size()) {
      b_[at(j)] = target(j, violator.direction);
      return true;
    }
    b_[at(j)] += t * violator.direction;
    leave(std::vector{static_cast<Index>(blocking)});
  }
  return false;
}

}  // namespace riata
