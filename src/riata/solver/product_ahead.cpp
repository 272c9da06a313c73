#include "riata/solver/product_ahead.hpp"

#include <algorithm>
#include <cmath>

#include "riata/solver/column_products.hpp"
#include "riata/solver/conjugate_gradients.hpp"

namespace riata {
namespace {

constexpr Index kRounds = 20;
constexpr int kMostRises = 2;            // before a side is given up
constexpr double kFirstReduction = 0.3;  // of the slopes, by a step
constexpr double kMostReduction = 1e-4;
constexpr double kEnough = 0.3;  // of the precision

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

ProductAhead::ProductAhead(const FittedProblem& fitted, std::span<const double> diagonal, std::span<const Index> working,
                           std::span<const double> precision, SystemColumns& system, const Context& context)
    : fitted_(fitted),
      diagonal_(diagonal),
      working_(working),
      precision_(precision),
      system_(system),
      context_(context),
      unit_(*std::ranges::max_element(precision)),
      scale_(1 / std::sqrt(fitted.null_deviance)) {}

Index ProductAhead::solve(std::span<const ElasticBox> penalties, std::span<const PathState> starts, double b0,
                          std::span<const double> b, const RowState& rows) {
  for (const ElasticBox& penalty : penalties) {
    Side& side = sides_.emplace_back(fitted_);
    side.penalty = penalty;
    side.b0 = b0;
    for (const Index j : working_) side.b.push_back(b[at(j)]);
    side.rows.eta = rows.eta;
    side.rows.look();
    side.gradient.resize(working_.size());
    side.slope.resize(working_.size());
    side.sign.resize(working_.size());
    side.free.resize(working_.size());
  }
  in_play_ = std::ssize(sides_);
  if (!go_to(starts)) return 0;
  for (Index round = 0;; ++round) {
    take_gradients();
    for (std::size_t k = 0; k < sides_.size(); ++k) {
      if (unsettled(k)) look(sides_[k], round == 0);
      if (unsettled(k) && sides_[k].rises == kMostRises) in_play_ = static_cast<Index>(k);
    }
    const auto settled = std::min(std::ranges::find(sides_, false, &Side::settled) - sides_.begin(), in_play_);
    if (settled == in_play_ || round == kRounds || context_.interrupted() || !step()) return settled;
  }
}

/// The columns that a step of any side moves; false where they have no copy.
bool ProductAhead::set_columns() {
  std::vector<Index> columns;
  places_.clear();
  for (std::size_t w = 0; w < working_.size(); ++w) {
    bool moves = false;
    for (std::size_t k = 0; k < sides_.size(); ++k) moves = moves || (unsettled(k) && sides_[k].free[w] != 0);
    if (!moves) continue;
    places_.push_back(w);
    columns.push_back(working_[w]);
  }
  system_.set(columns, fitted_.weights);
  return columns.empty() || system_.copied();
}

/// All sides to their starts; false where that takes columns that have no copy.
bool ProductAhead::go_to(std::span<const PathState> starts) {
  std::vector<std::vector<double>> targets;
  for (std::size_t k = 0; k < sides_.size(); ++k) {
    auto& target = targets.emplace_back(working_.size());
    for (std::size_t w = 0, i = 0; w < working_.size(); ++w) {
      while (i < starts[k].columns.size() && starts[k].columns[i] < working_[w]) ++i;
      if (i < starts[k].columns.size() && starts[k].columns[i] == working_[w]) target[w] = starts[k].values[i];
      sides_[k].free[w] = target[w] != sides_[k].b[w];
    }
  }
  if (!set_columns()) return false;
  if (places_.empty()) return true;
  SideVectors<double> delta(system_.entries(), kMostSides), rows(fitted_.rows(), kMostSides);
  for (std::size_t k = 0; k < sides_.size(); ++k) {
    for (std::size_t u = 0; u < places_.size(); ++u) {
      delta(system_.places()[u], k) = targets[k][places_[u]] - sides_[k].b[places_[u]];
    }
  }
  system_.add(delta, rows);
  for (std::size_t k = 0; k < sides_.size(); ++k) move(sides_[k], k, delta, rows);
  return true;
}

/// Of the sides that are not settled.
void ProductAhead::take_gradients() {
  std::vector<double> pulls;
  std::vector<Side*> asking;
  for (std::size_t k = 0; k < sides_.size(); ++k) {
    if (!unsettled(k)) continue;
    asking.push_back(&sides_[k]);
    pulls.insert(pulls.end(), sides_[k].rows.pull.begin(), sides_[k].rows.pull.end());
  }
  std::vector<double> products(working_.size() * asking.size());
  const Matrix out(products.data(), std::ssize(working_), std::ssize(asking));
  column_products(*fitted_.design, working_, {pulls.data(), fitted_.rows(), out.cols}, out, context_);
  for (std::size_t c = 0; c < asking.size(); ++c)
    std::ranges::copy(out.column(static_cast<Index>(c)), asking[c]->gradient.begin());
}

/// Whether the side is settled, and else what its next step moves.
void ProductAhead::look(Side& side, bool first) {
  const ElasticBox& penalty = side.penalty;
  const double off = fitted_.intercept ? std::abs(side.rows.pull_sum()) : 0.0;
  double worst = off > unit_ ? off / unit_ : 0.0;
  for (std::size_t w = 0; w < working_.size(); ++w) {
    const Index j = working_[w];
    const double b = side.b[w], gradient = side.gradient[w], f = penalty.factor[at(j)];
    side.free[w] = 0;
    if (b == 0 && std::abs(gradient) <= penalty.l1 * f) continue;
    double direction = 0;
    const double amount = violation(penalty, j, b, gradient, precision_[at(j)], &direction);
    worst = std::max(worst, amount / precision_[at(j)]);
    if (b == 0 && !(amount > 0)) continue;
    const double sign = f == 0 || penalty.l1 == 0 ? 0.0 : b > 0 ? 1.0 : b < 0 ? -1.0 : direction;
    side.free[w] = 1;
    side.sign[w] = static_cast<signed char>(sign);
    side.slope[w] = gradient - f * (penalty.l1 * sign + penalty.l2 * b);
  }
  side.settled = worst == 0;
  side.reduction = first ? kFirstReduction : std::max(0.1 * worst / side.worst, kMostReduction);
  side.reduction = std::min(std::max(side.reduction, kEnough / worst), kFirstReduction);
  side.worst = worst;
  side.best = first ? worst : std::min(side.best, worst);
  if (worst > side.best) ++side.rises;
}

/// Of these sides; nothing where it is the rows' weight.
std::optional<SideCurvature> ProductAhead::curvature_of(std::span<const std::size_t> sides, Index width) const {
  if (fitted_.loss->name() == "squared") return std::nullopt;
  std::vector<double> h;
  for (const std::size_t k : sides) h.insert(h.end(), sides_[k].rows.curvature.begin(), sides_[k].rows.curvature.end());
  return system_.curvature(width, {h.data(), fitted_.rows(), std::ssize(sides)});
}

/// One Newton step of every side that is not settled.
bool ProductAhead::step() {
  if (!set_columns()) return false;
  std::vector<std::size_t> asking;
  for (std::size_t k = 0; k < sides_.size(); ++k) {
    if (unsettled(k)) asking.push_back(k);
  }
  const Index width = side_width(std::ssize(asking));
  SideVectors<float> slope(system_.entries(), width), diagonal = slope, penalty = slope;
  Sides reduction{};
  const auto place = system_.places();
  for (std::size_t c = 0; c < asking.size(); ++c) {
    const Side& side = sides_[asking[c]];
    reduction[c] = side.reduction;
    for (std::size_t u = 0; u < places_.size(); ++u) {
      const std::size_t w = places_[u], j = at(working_[w]);
      if (side.free[w] == 0) continue;
      slope(place[u], c) = static_cast<float>(side.slope[w] * scale_);
      penalty(place[u], c) = static_cast<float>(side.penalty.l2 * fitted_.factor[j]);
      diagonal(place[u], c) = static_cast<float>(diagonal_[j]) + penalty(place[u], c);
    }
  }
  const std::optional<SideCurvature> curvature = curvature_of(asking, width);
  const auto product = [&](const SideVectors<float>& v, SideVectors<float>& image) {
    system_.normal(v, image, curvature ? &*curvature : nullptr);
    for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] += penalty.values[i] * v.values[i];
  };
  const SideSteps found = conjugate_gradients(product, slope, diagonal, reduction, context_);
  SideVectors<double> delta(system_.entries(), width), rows(fitted_.rows(), width);
  for (std::size_t c = 0; c < asking.size(); ++c) {
    const Side& side = sides_[asking[c]];
    if (!found.solved[c]) in_play_ = std::min(in_play_, static_cast<Index>(asking[c]));
    for (std::size_t u = 0; u < places_.size(); ++u) {
      const double b = side.b[places_[u]];
      double change = static_cast<double>(found.values(place[u], c)) / scale_;
      if ((b + change) * side.sign[places_[u]] < 0) change = -b;
      delta(place[u], c) = side.free[places_[u]] == 0 ? 0.0 : change;
    }
  }
  system_.add(delta, rows);
  for (std::size_t c = 0; c < asking.size(); ++c) move(sides_[asking[c]], c, delta, rows);
  return true;
}

/// All the way, whether the objective falls or rises, and the intercept to where it is best: what has stopped at zero goes
/// on from there or stays (block pivoting, as of ActiveSet's bold steps).
void ProductAhead::move(Side& side, std::size_t c, const SideVectors<double>& delta, const SideVectors<double>& rows) {
  const std::size_t n = side.rows.eta.size();
  double mean = 0, total = 0;
  for (std::size_t i = 0; fitted_.intercept && i < n; ++i) {
    mean += side.rows.curvature[i] * rows(i, c);
    total += side.rows.curvature[i];
  }
  const double off = total > 0 ? (side.rows.pull_sum() - mean) / total : 0.0;
  for (std::size_t u = 0; u < places_.size(); ++u) side.b[places_[u]] += delta(system_.places()[u], c);
  for (std::size_t i = 0; i < n; ++i) side.rows.eta[i] += rows(i, c) + off;
  side.b0 += off;
  side.rows.look();
}

}  // namespace riata
