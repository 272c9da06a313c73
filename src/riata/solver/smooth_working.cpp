#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "riata/solver/column_products.hpp"
#include "riata/solver/curved_gram.hpp"
#include "riata/solver/row_state.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {
namespace {

constexpr Index kMostSteps = 100;      // proximal Newton steps a λ
constexpr double kContraction = 0.3;   // a step that shrinks the violation by less asks for fresh curvature
constexpr double kStagnation = 0.5;    // with fresh curvature: rounding, no more to gain
constexpr double kNearPrecision = 30;  // in units of the precision: where rounding can be what is left
constexpr int kMostHalvings = 40;
constexpr double kObjectiveNoise = 64 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// A step: where b₀ and the coefficients of some columns were, and by how much they moved.
struct Move {
  std::span<const Index> columns;
  std::vector<double> start, delta;
  double start_b0 = 0, delta_b0 = 0;
};

class SmoothWorking final : public WorkingProblem {
 public:
  SmoothWorking(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted),
        context_(context),
        curved_(fitted, context),
        active_(curved_, fitted.cols()),
        b0_(fitted.response_mean),
        rows_(fitted),
        start_(at(fitted.rows())),
        direction_(at(fitted.rows())),
        gradient_(at(fitted.cols())) {
    recompute();
    refresh_curvature();
  }

  Status solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
               Index most_rounds) override;
  void recompute() override;
  std::span<const double> coefficients() const override { return active_.coefficients(); }
  double b0() const override { return b0_; }
  void eta(std::span<double> out) const override { std::ranges::copy(rows_.eta, out.begin()); }
  std::span<const double> pull() const override { return rows_.pull; }
  void rate(std::span<double> out) override;
  double degrees_of_freedom() override;

 private:
  void refresh_curvature();
  double objective(const ElasticBox& penalty, std::span<const Index> columns) const;

  void take_gradients(std::span<const Index> columns);
  double worst_violation(const ElasticBox& penalty, std::span<const Index> columns, std::span<const double> precision) const;
  std::vector<Index> reduce(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                            std::span<const Index> besides) const;

  bool step(const ElasticBox& penalty, std::span<const Index> columns, std::span<const double> precision);
  void solve_model(const ElasticBox& penalty, std::span<const Index> columns, std::span<const double> precision);
  bool shorten(const ElasticBox& penalty, double goal, const Move& move);

  const FittedProblem& fitted_;
  const Context& context_;
  CurvedGram curved_;
  ActiveSet active_;
  double b0_;
  RowState rows_;
  std::vector<double> start_;      ///< n: η before the last step
  std::vector<double> direction_;  ///< n: the last step of η
  std::vector<double> gradient_;   ///< p: Zᵀ pull where it has been taken last
  std::vector<Index> known_;       ///< increasing: the columns whose gradient_ is of the present point
  double ratio_ = 1;               ///< the present curvature is about that times the model's
  double l2_ = 0;                  ///< of the last solve
  double unit_ = 0;                ///< the coarsest precision: that of the intercept's gradient
  bool fresh_ = false;             ///< the model's curvature is of the present point
};

void SmoothWorking::recompute() {
  rows_.set(b0_, active_.coefficients(), context_);
  known_.clear();
}

void SmoothWorking::refresh_curvature() {
  curved_.set_curvature(rows_.curvature);
  active_.forget_gram();
  fresh_ = true;
  ratio_ = 1;
}

/// `columns` has all that are not zero.
double SmoothWorking::objective(const ElasticBox& penalty, std::span<const Index> columns) const {
  return rows_.loss() + penalty_value(penalty, columns, active_.coefficients());
}

void SmoothWorking::take_gradients(std::span<const Index> columns) {
  std::vector<Index> unknown;
  std::ranges::set_difference(columns, known_, std::back_inserter(unknown));
  std::vector<double> values(unknown.size());
  dot_columns(*fitted_.design, unknown, rows_.pull, values, context_);
  for (std::size_t i = 0; i < unknown.size(); ++i) gradient_[at(unknown[i])] = values[i];
  std::vector<Index> known;
  std::ranges::set_union(known_, unknown, std::back_inserter(known));
  known_ = std::move(known);
}

/// The largest violation over those columns and the intercept, in units of each one's precision; 0 within precision.
double SmoothWorking::worst_violation(const ElasticBox& penalty, std::span<const Index> columns,
                                      std::span<const double> precision) const {
  double worst = 0;
  const auto b = active_.coefficients();
  for (const Index j : columns) {
    const double amount = violation(penalty, j, b[at(j)], gradient_[at(j)], precision[at(j)]);
    worst = std::max(worst, precision[at(j)] > 0 ? amount / precision[at(j)] : 0.0);
  }
  const double off = fitted_.intercept ? std::abs(rows_.pull_sum()) : 0.0;
  return off > unit_ && unit_ > 0 ? std::max(worst, off / unit_) : worst;
}

/// The columns of the working set that are in the model, want in, or are in `besides` (increasing).
std::vector<Index> SmoothWorking::reduce(const ElasticBox& penalty, std::span<const Index> working,
                                         std::span<const double> precision, std::span<const Index> besides) const {
  std::vector<Index> reduced;
  const auto b = active_.coefficients();
  for (const Index j : working) {
    while (!besides.empty() && besides.front() < j) besides = besides.subspan(1);
    const bool kept = !besides.empty() && besides.front() == j;
    if (kept || b[at(j)] != 0 || violation(penalty, j, 0.0, gradient_[at(j)], precision[at(j)]) > 0) reduced.push_back(j);
  }
  return reduced;
}

/// Minimises the model: the stored curvature times ratio_, at the present pull. Dividing all else by the ratio spares a new
/// factor.
void SmoothWorking::solve_model(const ElasticBox& penalty, std::span<const Index> columns,
                                std::span<const double> precision) {
  std::vector<double> gradients;
  for (const Index j : columns) gradients.push_back(gradient_[at(j)] / ratio_);
  curved_.move_intercept(curved_.intercept_step(rows_.pull_sum() / ratio_, {}, {}), columns, gradients);
  ElasticBox scaled = penalty;
  scaled.l1 /= ratio_;
  scaled.l2 /= ratio_;
  (void)active_.solve(gradients, scaled, columns, precision);
}

/// One proximal Newton step with backtracking; false when the objective cannot be lowered any more.
bool SmoothWorking::step(const ElasticBox& penalty, std::span<const Index> columns, std::span<const double> precision) {
  const double before = objective(penalty, columns);
  const double goal = before + kObjectiveNoise * std::abs(before);
  const auto b = active_.coefficients();
  std::vector<double> gradients(columns.size());
  Move move{columns, {}, {}, b0_, 0};
  for (const Index j : columns) move.start.push_back(b[at(j)]);
  solve_model(penalty, columns, precision);
  for (std::size_t k = 0; k < columns.size(); ++k) move.delta.push_back(b[at(columns[k])] - move.start[k]);
  move.delta_b0 = curved_.intercept_step(rows_.pull_sum() / ratio_, columns, move.delta);
  b0_ += move.delta_b0;
  start_ = rows_.eta;
  fitted_.design->multiply_back(
      columns, move.delta,
      [&](Index first, std::span<double> rows) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          direction_[at(first) + i] = rows[i] + move.delta_b0;
          rows_.eta[at(first) + i] += direction_[at(first) + i];
        }
        rows_.look(first, static_cast<Index>(rows.size()));
        std::copy_n(rows_.pull.begin() + first, rows.size(), rows.begin());
      },
      gradients, {}, context_);
  if (objective(penalty, columns) <= goal) {
    for (std::size_t i = 0; i < columns.size(); ++i) gradient_[at(columns[i])] = gradients[i];
    known_.assign(columns.begin(), columns.end());
  } else if (!shorten(penalty, goal, move)) {
    return false;
  }
  fresh_ = false;
  ratio_ = curved_.ratio(rows_.curvature, direction_);
  return true;
}

/// The whole last step did not reach the goal: halves it until it does. False, and back at its start, when it never does;
/// stale curvature is not worth a search. Counted from the start: where curvature is near zero a step may be so long that
/// going back from its end would leave none of the start's digits.
bool SmoothWorking::shorten(const ElasticBox& penalty, double goal, const Move& move) {
  std::vector<double> b(active_.coefficients().begin(), active_.coefficients().end());
  double t = 1;
  const auto go = [&](double share) {
    t = share;
    b0_ = move.start_b0 + share * move.delta_b0;
    for (std::size_t i = 0; i < rows_.eta.size(); ++i) rows_.eta[i] = start_[i] + share * direction_[i];
    for (std::size_t k = 0; k < move.columns.size(); ++k) b[at(move.columns[k])] = move.start[k] + share * move.delta[k];
    rows_.look();
  };
  bool reached = false;
  for (int halving = 0; fresh_ && !reached && halving < kMostHalvings; ++halving) {
    go(0.5 * t);
    reached = rows_.loss() + penalty_value(penalty, move.columns, b) <= goal;
  }
  if (!reached) go(0);
  active_.set_point(b);
  known_.clear();
  return reached;
}

/// Steps on the columns that are in the model or want in; the rest of the working set is looked at after the first step, by
/// which most is known, and at the end.
Status SmoothWorking::solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                            Index most_rounds) {
  const Index limit = most_rounds > 0 ? most_rounds : kMostSteps;
  l2_ = penalty.l2;
  unit_ = precision.empty() ? 0.0 : *std::ranges::max_element(precision);
  take_gradients(working);
  std::vector<Index> columns = reduce(penalty, working, precision, {});
  double worst = worst_violation(penalty, columns, precision);
  bool renew = false, stagnant = false;
  for (Index round = 0; round < limit; ++round) {
    if (worst == 0 || stagnant) {
      take_gradients(working);
      const std::size_t known = columns.size();
      columns = reduce(penalty, working, precision, columns);
      worst = worst_violation(penalty, columns, precision);
      if (worst == 0 || (stagnant && columns.size() == known)) return Status::converged;  // or rounding
    }
    if (renew) refresh_curvature();
    if (!step(penalty, columns, precision)) {
      if (renew) return Status::converged;  // no descent on the exact model: the end of what float64 can see
      refresh_curvature();
      renew = true;
      take_gradients(columns);
      if (!step(penalty, columns, precision)) return Status::converged;
    }
    take_gradients(round == 0 ? working : columns);
    const double after = worst_violation(penalty, columns, precision);
    stagnant = renew && after > kStagnation * worst && after < kNearPrecision;
    renew = after > kContraction * worst;
    worst = after;
    if (round > 0) continue;
    columns = reduce(penalty, working, precision, columns);
    worst = worst_violation(penalty, columns, precision);
  }
  return Status::iteration_limit;
}

double SmoothWorking::degrees_of_freedom() {
  if (l2_ > 0 && !fresh_) refresh_curvature();
  return l2_ > 0 ? active_.degrees_of_freedom(l2_) : active_.degrees_of_freedom();
}

/// H Z_A (ratio G_AA + l2 F)⁻¹ F s, centred by the intercept's share.
void SmoothWorking::rate(std::span<double> out) {
  std::vector<Index> columns;
  std::vector<double> values;
  active_.homotopy_rate(columns, values);
  std::ranges::fill(out, 0.0);
  if (!columns.empty()) add_columns(*fitted_.design, columns, values, out, context_);
  double total = 0, moved = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    total += rows_.curvature[i];
    moved += rows_.curvature[i] * out[i];
  }
  const double mean = fitted_.intercept && total > 0 ? moved / total : 0.0;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rows_.curvature[i] * (out[i] - mean) / ratio_;
}

}  // namespace

std::unique_ptr<WorkingProblem> smooth_working_problem(const FittedProblem& fitted, const Context& context) {
  return std::make_unique<SmoothWorking>(fitted, context);
}

}  // namespace riata
