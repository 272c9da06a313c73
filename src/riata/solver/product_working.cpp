#include "riata/solver/product_working.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

constexpr Index kMostSteps = 600;        // proximal Newton steps a λ
constexpr double kFirstReduction = 0.1;  // of the violation, by the conjugate gradients of a λ's first step
constexpr double kMostReduction = 1e-4;
constexpr double kEnough = 0.3;      // of the precision: reducing a violation further is not worth its products
constexpr int kPatience = 32;        // steps without a smaller violation or objective: rounding is what is left
constexpr double kFar = 1e3;         // units of precision: not what rounding leaves
constexpr double kProgress = 1e-10;  // of the objective
constexpr double kSmallest = 1e-15, kLargest = 1e15;  // norms of columns whose squares single precision holds

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

PathState point_of(const ProductAhead::Side& side, std::span<const Index> working) {
  PathState point{side.penalty.l1, side.b0, {}, {}};
  for (std::size_t w = 0; w < working.size(); ++w) {
    if (side.b[w] == 0) continue;
    point.columns.push_back(working[w]);
    point.values.push_back(side.b[w]);
  }
  return point;
}

}  // namespace

Status ProductWorking::solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                             Index most_rounds) {
  const Index limit = most_rounds > 0 ? most_rounds : kMostSteps;
  const double drop = find_again(working, penalty.l1) ? 0.0 : box_.l1 - penalty.l1;
  box_ = penalty;
  take_gradients(penalty, working);
  const std::vector<double> at_start = b_, gradient_at_start = gradient_;
  const auto remember = [&](Status status) {
    if (drop > 0) {
      for (const Index j : working) gradient_trend_[at(j)] = (gradient_[at(j)] - gradient_at_start[at(j)]) / drop;
      for (const Index j : working) trend_[at(j)] = at_start[at(j)] != 0 ? (b_[at(j)] - at_start[at(j)]) / drop : 0.0;
    }
    return status;
  };
  double before = std::numeric_limits<double>::infinity(), best = before, lowest = before, reduction = kFirstReduction;
  int stale = 0;
  for (Index round = 0; round < limit; ++round) {
    take_gradients(penalty, working);
    const double worst = worst_violation(penalty, working, precision);
    const Free free = free_columns(penalty, working, precision, round == 0 && drop > 0 ? drop : 0.0);
    const double value = rows_.loss() + penalty_value(penalty, working, b_);
    stale = worst < 0.9 * best || value < lowest - kProgress * std::abs(lowest) ? 0 : stale + 1;
    best = std::min(best, worst);
    lowest = std::min(lowest, value);
    if (worst == 0) {
      Support support(b_);
      past_.add({penalty.l1, b0_, std::move(support.columns), std::move(support.values)});
    }
    if (worst == 0 || stale > kPatience) return remember(Status::converged);
    if (round > 0) reduction = std::max(0.1 * worst / before, kMostReduction);
    reduction = std::min(std::max(reduction, kEnough / worst), kFirstReduction);
    before = worst;
    std::vector<double> start(free.columns.size());
    for (std::size_t k = 0; round == 0 && drop > 0 && k < start.size(); ++k) start[k] = drop * trend_[at(free.columns[k])];
    // Without prediction no step is the end of what float64 can see.
    if (!step(penalty, free, start, reduction, worst > kFar) && (round > 0 || drop <= 0)) return remember(Status::converged);
  }
  return remember(Status::iteration_limit);
}

/// A point that has been at l1 already, or where the present one leads on a straight line.
PathState ProductWorking::lead(std::span<const Index> working, double l1) const {
  PathState point;
  if (past_.find(l1, working, point)) return point;
  for (const Index j : working) {
    const double b = b_[at(j)], value = b + std::max(0.0, box_.l1 - l1) * trend_[at(j)];
    if (b == 0 || (value * b <= 0 && fitted_.factor[at(j)] > 0)) continue;
    point.columns.push_back(j);
    point.values.push_back(value);
  }
  return point;
}

Index ProductWorking::solve_ahead(std::span<const ElasticBox> penalties, std::span<const Index> working,
                                  const Precision& precision, const Outlook&, const std::function<bool(Index)>& solved) {
  const auto held = [this](Index j) { return fitted_.norm[at(j)] > kSmallest && fitted_.norm[at(j)] < kLargest; };
  if (!copies_ || !(fitted_.null_deviance > 0) || !fitted_.lower.empty() || working.empty() ||
      !std::ranges::all_of(working, held))
    return 0;
  if (most_sides_ == 1) {  // the last attempt was in vain: not this time
    most_sides_ = 2;
    return 0;
  }
  Index done = 0;
  while (done < std::ssize(penalties)) {
    const auto some = penalties.subspan(at(done), std::min(at(most_sides_), penalties.size() - at(done)));
    std::vector<PathState> starts;
    for (const ElasticBox& penalty : some) starts.push_back(lead(working, penalty.l1));
    ProductAhead ahead(fitted_, diagonal_, working, precision(), system_, context_);
    const Index count = ahead.solve(some, starts, b0_, b_, rows_);
    for (Index k = 0; k < count; ++k) {
      go_to(ahead.side(k), working);
      known_ = working;
      const bool go_on = solved(done + k);
      known_ = {};
      if (go_on) continue;
      for (Index rest = count; rest-- > k;) past_.add(point_of(ahead.side(rest), working));
      return done + k;
    }
    done += count;
    most_sides_ = count == std::ssize(some) ? std::min(2 * most_sides_, kMostSides) : std::max<Index>(1, count);
    if (count == 0) break;
  }
  return done;
}

/// To a point that has been found with others.
void ProductWorking::go_to(const ProductAhead::Side& side, std::span<const Index> working) {
  const std::vector<double> pull = rows_.pull;
  const double drop = box_.l1 - side.penalty.l1;
  box_ = side.penalty;
  b0_ = side.b0;
  rows_.eta = side.rows.eta;
  rows_.look();
  travel_from(pull);
  set_gradients(working, side.gradient);
  for (std::size_t w = 0; w < working.size(); ++w) {
    const auto j = at(working[w]);
    if (drop > 0) trend_[j] = b_[j] != 0 ? (side.b[w] - b_[j]) / drop : 0.0;
    b_[j] = side.b[w];
  }
  past_.add(point_of(side, working));
}

void ProductWorking::rate(std::span<double> out) {
  Free free;
  for (std::size_t j = 0; j < b_.size(); ++j) {
    if (b_[j] == 0) continue;
    free.columns.push_back(static_cast<Index>(j));
    free.slope.push_back(fitted_.factor[j] * (b_[j] > 0 ? 1.0 : -1.0));
  }
  constexpr double kRough = 1e-2;  // it only predicts
  std::vector<double> step(free.columns.size()), rows(out.size());
  for (std::size_t k = 0; k < step.size(); ++k) step[k] = trend_[at(free.columns[k])];
  (void)solve_newton(free, box_.l2, kRough, step, rows);
  for (std::size_t k = 0; k < step.size(); ++k) trend_[at(free.columns[k])] = step[k];
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rows_.curvature[i] * rows[i];
}

double ProductWorking::degrees_of_freedom() {
  if (box_.l2 > 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(std::ranges::count_if(b_, [](double b) { return b != 0; }));
}

std::unique_ptr<WorkingProblem> product_working_problem(const FittedProblem& fitted, const Context& context) {
  return std::make_unique<ProductWorking>(fitted, context);
}

}  // namespace riata
