#include "riata/solver/smooth_ahead.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "riata/solver/quadratic.hpp"
#include "riata/solver/smooth_working.hpp"

namespace riata {
namespace {

constexpr Index kCached = 1'000'000;  // numbers of a working set that λ by λ reads again and again at little cost
constexpr Index kTall = 16;           // rows a column from which moves of the factor from λ to λ cost little beside a pass
constexpr Index kMostRenewals = 1;    // of the curvature in a chunk of λ: where it changes faster each λ goes by itself
constexpr double kVectors = 5;        // of rows, that a λ keeps
constexpr double kShareOfData = 0.4;  // memory for them
constexpr Index kRounds = 16;
constexpr double kRound = 4;     // operations of a round, a row, column and λ; fresh curvature takes one a pair of columns
constexpr double kFresh = 0.02;  // what a step leaves of the violation with fresh curvature
constexpr double kObjectiveNoise = 64 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

/// The active set moves there; its factor follows.
void SmoothAhead::set_point(const Point& point) {
  std::vector<Index> columns;
  std::vector<double> values;
  for (std::size_t w = 0; w < working_.size(); ++w) {
    if (point.b[w] == 0) continue;
    columns.push_back(working_[w]);
    values.push_back(point.b[w]);
  }
  active_.set_point(columns, values);
}

double SmoothAhead::objective(const Point& point) const {
  double value = point.rows.loss();
  for (std::size_t w = 0; w < working_.size(); ++w) value += penalty_value(point.penalty, working_[w], point.b[w]);
  return value;
}

void SmoothAhead::predict(std::span<const ElasticBox> penalties, const RowState& rows, double b0, double ratio,
                          const Outlook& outlook, std::span<const double> precision) {
  start_l1_ = outlook.l1;
  std::vector<double> base, gradients;
  std::vector<Index> columns;
  std::vector<std::size_t> places;
  const ElasticBox& last = penalties.back();
  for (std::size_t w = 0; w < working_.size(); ++w) {
    const Index j = working_[w];
    base.push_back(active_.coefficients()[at(j)]);
    const double there = outlook.gradient[w] - (outlook.l1 - last.l1) * outlook.slope[w];
    const bool wanted = violation(last, j, 0.0, there, precision[at(j)]) > 0;
    if (base.back() == 0 && !wanted) continue;
    columns.push_back(j);
    places.push_back(w);
    gradients.push_back(outlook.gradient[w] / ratio);
  }
  const double pull = rows.pull_sum() / ratio;
  curved_.move_intercept(curved_.intercept_step(pull, {}, {}), columns, gradients);
  for (const ElasticBox& penalty : penalties) {
    Point& point = points_.emplace_back(penalty, rows);
    point.b = base;
    point.goal = objective(point);
    point.goal += kObjectiveNoise * std::abs(point.goal);
    ElasticBox scaled = penalty;
    scaled.l1 /= ratio;
    (void)active_.solve(gradients, scaled, columns, precision);
    std::ranges::copy(active_.gradients(), gradients.begin());
    point.delta.resize(working_.size());
    point.kept.resize(working_.size());
    std::vector<double> delta;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      point.b[places[k]] = active_.coefficients()[at(columns[k])];
      delta.push_back(point.delta[places[k]] = point.b[places[k]] - base[places[k]]);
    }
    point.delta_b0 = curved_.intercept_step(pull, columns, delta);
    point.b0 = b0 + point.delta_b0;
    point.direction.resize(at(fitted_.rows()));
    point.gradient.resize(working_.size());
  }
  in_play_ = std::ssize(points_);
}

void SmoothAhead::start_at(Index k, const PathState& known) {
  Point& point = points_[at(k)];
  std::size_t next = 0;
  for (std::size_t w = 0; w < working_.size(); ++w) {
    while (next < known.columns.size() && known.columns[next] < working_[w]) ++next;
    const bool there = next < known.columns.size() && known.columns[next] == working_[w];
    const double base = point.b[w] - point.delta[w];
    point.b[w] = there ? known.values[next] : 0.0;
    point.delta[w] = point.b[w] - base;
  }
  point.delta_b0 += known.b0 - point.b0;
  point.b0 = known.b0;
}

std::vector<SmoothAhead::Point*> SmoothAhead::unsettled() {
  std::vector<Point*> some;
  for (Point& point : std::span(points_).first(at(in_play_))) {
    if (!point.settled) some.push_back(&point);
  }
  return some;
}

/// The rows of all of them, and the gradients there, in one pass.
void SmoothAhead::move(std::span<Point* const> points) {
  const Index count = std::ssize(working_), sides = std::ssize(points);
  std::vector<double> steps, products(at(count * sides));
  for (const Point* point : points) steps.insert(steps.end(), point->delta.begin(), point->delta.end());
  const Matrix out(products.data(), count, sides);
  const RowMap map = [&](Index first, Matrix rows) {
    for (Index s = 0; s < sides; ++s) {
      Point& point = *points[at(s)];
      const auto own = rows.column(s);
      for (std::size_t i = 0; i < own.size(); ++i) {
        point.direction[at(first) + i] = own[i] + point.delta_b0;
        point.rows.eta[at(first) + i] += point.direction[at(first) + i];
      }
      point.rows.look(first, std::ssize(own));
      std::copy_n(point.rows.pull.begin() + first, own.size(), own.begin());
    }
  };
  fitted_.design->multiply_back(working_, {steps.data(), count, sides}, map, out, {}, context_);
  for (Index s = 0; s < sides; ++s) std::ranges::copy(out.column(s), points[at(s)]->gradient.begin());
}

/// What the gradients say; false where this λ is better left to single steps.
bool SmoothAhead::judge(Point& point) {
  if (!(objective(point) <= point.goal)) return false;
  double worst = 0;
  for (std::size_t w = 0; w < working_.size(); ++w) {
    const Index j = working_[w];
    const double amount = violation(point.penalty, j, point.b[w], point.gradient[w], precision_[at(j)]);
    if (precision_[at(j)] > 0) worst = std::max(worst, amount / precision_[at(j)]);
  }
  const double off = fitted_.intercept ? std::abs(point.rows.pull_sum()) : 0.0;
  if (off > unit_ && unit_ > 0) worst = std::max(worst, off / unit_);
  point.settled = worst == 0;
  if (point.worst > 0) contraction_ = std::max(contraction_, worst / point.worst);
  point.worst = worst;
  return true;
}

/// One proximal Newton step of that λ.
void SmoothAhead::step(Point& point) {
  set_point(point);
  const double ratio = curved_.ratio(point.rows.curvature, point.direction);
  std::vector<Index> columns;
  std::vector<std::size_t> places;
  std::vector<double> gradients, delta;
  for (std::size_t w = 0; w < working_.size(); ++w) {
    const Index j = working_[w];
    const bool wanted = point.b[w] != 0 || violation(point.penalty, j, 0.0, point.gradient[w], precision_[at(j)]) > 0;
    if (!wanted && !point.kept[w]) continue;
    point.kept[w] = 1;
    columns.push_back(j);
    places.push_back(w);
    gradients.push_back(point.gradient[w] / ratio);
  }
  const double pull = point.rows.pull_sum() / ratio;
  curved_.move_intercept(curved_.intercept_step(pull, {}, {}), columns, gradients);
  ElasticBox scaled = point.penalty;
  scaled.l1 /= ratio;
  point.goal = objective(point);
  point.goal += kObjectiveNoise * std::abs(point.goal);
  (void)active_.solve(gradients, scaled, columns, precision_);
  std::ranges::fill(point.delta, 0.0);
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const double b = active_.coefficients()[at(columns[k])];
    delta.push_back(point.delta[places[k]] = b - point.b[places[k]]);
    point.b[places[k]] = b;
  }
  point.delta_b0 = curved_.intercept_step(pull, columns, delta);
  point.b0 += point.delta_b0;
  ++point.steps;
}

/// Fresh curvature, where the rounds that it saves would cost more: at the last λ, from which the path goes on.
void SmoothAhead::renew(std::span<Point* const> points) {
  if (points.empty() || contraction_ == 0) return;
  double worst = 0;
  std::size_t active = 0;
  for (const Point* point : points) {
    worst = std::max(worst, point->worst);
    active = std::max(active, static_cast<std::size_t>(std::ranges::count_if(point->b, [](double b) { return b != 0; })));
  }
  const double digits = std::log(std::max(worst, 1.0));
  const double now = contraction_ < 1 ? digits / -std::log(contraction_) : 1e9, then = digits / -std::log(kFresh);
  if (kRound * static_cast<double>(points.size()) * (now - then) < static_cast<double>(active)) return;
  curved_.set_curvature(points.back()->rows.curvature);
  active_.forget_gram();
  ++renewals_;
}

Index SmoothAhead::solve(std::span<const double> precision) {
  precision_ = precision;
  unit_ = *std::ranges::max_element(precision);
  for (Point& point : points_) point.worst = unit_ > 0 ? std::abs(start_l1_ - point.penalty.l1) / unit_ : 0.0;
  for (Index round = 0; round < kRounds && !context_.interrupted(); ++round) {
    const std::vector<Point*> moving = unsettled();
    if (moving.empty()) break;
    move(moving);
    contraction_ = 0;
    for (Point* point : moving) {
      if (judge(*point)) continue;
      in_play_ = point - points_.data();
      break;
    }
    std::vector<Point*> next = unsettled();
    renew(next);
    if (round % 2 == 0) std::ranges::reverse(next);
    for (Point* point : next) {
      if (!context_.interrupted()) step(*point);
    }
  }
  const std::vector<Point*> left = unsettled();
  return left.empty() ? in_play_ : left.front() - points_.data();
}

Index SmoothWorking::solve_ahead(std::span<const ElasticBox> penalties, std::span<const Index> working,
                                 const Precision& precision, const Outlook& outlook,
                                 const std::function<bool(Index)>& solved) {
  const bool changed_often = std::exchange(renewals_, 0) > kMostRenewals;
  const bool bounded = !penalties[0].lower.empty() || !penalties[0].upper.empty();
  if (changed_often || bounded || penalties[0].l2 != 0 || penalties.size() < 2) return 0;
  const Design& design = *fitted_.design;
  const bool dense = design.stored() == design.rows() * design.cols();
  const Index n = design.rows(), size = std::ssize(working);
  if (!dense || n * size < kCached || n < kTall * size) return 0;
  const double memory = kVectors * sizeof(double) * static_cast<double>(n) * static_cast<double>(penalties.size());
  if (context_.lean || memory > kShareOfData * static_cast<double>(design.bytes())) return 0;
  SmoothAhead ahead(fitted_, context_, curved_, active_, working);
  const Support before(active_.coefficients());
  ahead.predict(penalties, rows_, b0_, ratio_, outlook, precision());
  for (Index k = 0; k < std::ssize(penalties); ++k) {
    if (past_.find(penalties[at(k)].l1, working, guess_)) ahead.start_at(k, guess_);
  }
  const Index count = ahead.solve(precision());
  if (ahead.renewals() > 0) ratio_ = 1;
  renewals_ += ahead.renewals();
  fresh_ = false;
  known_.clear();
  if (count == 0) active_.set_point(before.columns, before.values);
  for (Index k = 0; k < count; ++k) {
    const SmoothAhead::Point& point = ahead.point(k);
    ahead.set_point(point);
    rows_ = point.rows;
    b0_ = point.b0;
    ratio_ = curved_.ratio(rows_.curvature, point.direction);
    known_.assign(working.begin(), working.end());
    for (std::size_t w = 0; w < working.size(); ++w) gradient_[at(working[w])] = point.gradient[w];
    Support support(active_.coefficients());
    past_.add({point.penalty.l1, b0_, std::move(support.columns), std::move(support.values)});
    if (!solved(k)) return k;
  }
  return count;
}

}  // namespace riata
