#include "riata/solver/past_points.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>

namespace riata {
namespace {

constexpr std::size_t kMost = 3;   // points that tell how it goes on: a parabola
constexpr std::size_t kKept = 17;  // these and as many as a path goes ahead
constexpr double kSteepest = 64;   // sum of their sizes: coefficients go on with their rounding times that
using Weights = std::array<double, kMost>;

/// What the value at l1 takes of those at the newest `count` points (Lagrange).
Weights weights_at(double l1, std::span<const PathState> newest_last, std::size_t count) {
  Weights weights{};
  const auto node = [&](std::size_t i) { return newest_last[newest_last.size() - 1 - i].l1; };
  for (std::size_t i = 0; i < count; ++i) {
    weights[i] = 1;
    for (std::size_t k = 0; k < count; ++k) {
      if (k != i) weights[i] *= (l1 - node(k)) / (node(i) - node(k));
    }
  }
  return weights;
}

/// How many of the newest points tell: some that are too near one another are no help.
std::size_t telling(double l1, std::span<const PathState> newest_last) {
  std::size_t count = std::min<std::size_t>(newest_last.size(), 1);
  while (count < std::min(kMost, newest_last.size())) {
    double size = 0;
    for (const double weight : weights_at(l1, newest_last, count + 1)) size += std::abs(weight);
    if (!(size <= kSteepest)) break;
    ++count;
  }
  return count;
}

}  // namespace

void PastPoints::add(PathState point) {
  present_ = point.l1;
  const auto place = std::ranges::lower_bound(points_, point.l1, std::ranges::greater(), &PathState::l1);
  if (place != points_.end() && place->l1 == point.l1) {
    *place = std::move(point);
  } else {
    points_.insert(place, std::move(point));
  }
  if (points_.size() > kKept) points_.erase(points_.begin());
}

bool PastPoints::find(double l1, std::span<const Index> working, PathState& out) const {
  const auto place = std::ranges::lower_bound(points_, l1, std::ranges::greater(), &PathState::l1);
  if (place == points_.end() || place->l1 != l1 || l1 == present_) return false;
  out = combined(l1, {place, 1}, working);
  return true;
}

bool PastPoints::predict(double l1, std::span<const Index> working, PathState& out) const {
  if (l1 == present_) return false;
  if (find(l1, working, out)) return true;
  const auto end = std::ranges::lower_bound(points_, l1, std::ranges::greater(), &PathState::l1);
  const auto count = static_cast<std::ptrdiff_t>(telling(l1, {points_.begin(), end}));
  if (count == 0 || (count == 1 && std::prev(end)->l1 == present_)) return false;
  out = combined(l1, {end - count, end}, working);
  return true;
}

PathState PastPoints::combined(double l1, std::span<const PathState> newest_last, std::span<const Index> working) const {
  const std::size_t count = newest_last.size();
  const auto point = [&](std::size_t i) -> const PathState& { return newest_last[count - 1 - i]; };
  std::array<Weights, kMost + 1> weights{};
  for (std::size_t c = 1; c <= count; ++c) weights[c] = weights_at(l1, newest_last, c);
  std::vector<Index> columns;
  for (const PathState& from : newest_last) {
    std::vector<Index> both;
    std::ranges::set_union(columns, from.columns, std::back_inserter(both));
    columns = std::move(both);
  }
  PathState out{l1, 0, {}, {}};
  std::array<std::size_t, kMost> next{};
  for (const Index j : columns) {
    Weights values{};
    std::size_t age = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const PathState& from = point(i);
      if (next[i] < from.columns.size() && from.columns[next[i]] == j) values[i] = from.values[next[i]++];
      if (age == i && values[i] * values[0] > 0) ++age;
    }
    double value = 0;
    for (std::size_t i = 0; i < age; ++i) value += weights[age][i] * values[i];
    const bool turns = value * values[0] <= 0 && fitted_.factor[static_cast<std::size_t>(j)] > 0;
    if (value == 0 || turns || !std::ranges::binary_search(working, j)) continue;
    out.columns.push_back(j);
    out.values.push_back(value);
  }
  for (std::size_t i = 0; i < count; ++i) out.b0 += weights[count][i] * point(i).b0;
  return out;
}

}  // namespace riata
