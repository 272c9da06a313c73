#include "riata/solver/smooth_working.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "riata/solver/column_products.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

constexpr Index kMostSteps = 100;      // proximal Newton steps a λ
constexpr double kContraction = 0.3;   // a step that shrinks the violation by less asks for fresh curvature
constexpr double kStagnation = 0.5;    // with fresh curvature: rounding, no more to gain
constexpr double kNearPrecision = 30;  // in units of the precision: where rounding can be what is left
constexpr int kMostHalvings = 40;
constexpr double kObjectiveNoise = 64 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

SmoothWorking::SmoothWorking(const FittedProblem& fitted, const Context& context)
    : fitted_(fitted),
      context_(context),
      curved_(fitted, context),
      active_(curved_, fitted.cols()),
      past_(fitted),
      b0_(fitted.response_mean),
      rows_(fitted),
      start_(at(fitted.rows())),
      direction_(at(fitted.rows())),
      gradient_(at(fitted.cols())) {
  recompute();
  refresh_curvature();
}

void SmoothWorking::recompute() {
  rows_.set(b0_, active_.coefficients(), context_);
  known_.clear();
}

void SmoothWorking::refresh_curvature() {
  curved_.set_curvature(rows_.curvature);
  active_.forget_gram();
  fresh_ = true;
  ratio_ = 1;
  ++renewals_;
}

double SmoothWorking::objective() const { return rows_.loss() + penalty_value(penalty_, columns_, active_.coefficients()); }

/// The largest violation over columns_ and the intercept, in units of each one's precision; 0 within precision.
double SmoothWorking::worst_violation() const {
  double worst = 0;
  const auto b = active_.coefficients();
  for (const Index j : columns_) {
    const double amount = violation(penalty_, j, b[at(j)], gradient_[at(j)], precision_[at(j)]);
    worst = std::max(worst, precision_[at(j)] > 0 ? amount / precision_[at(j)] : 0.0);
  }
  const double off = fitted_.intercept ? std::abs(rows_.pull_sum()) : 0.0;
  return off > unit_ && unit_ > 0 ? std::max(worst, off / unit_) : worst;
}

/// The columns of the working set that are in the model, want in, or are in `besides` (increasing).
std::vector<Index> SmoothWorking::reduce(std::span<const Index> besides) const {
  std::vector<Index> reduced;
  const auto b = active_.coefficients();
  for (const Index j : working_) {
    while (!besides.empty() && besides.front() < j) besides = besides.subspan(1);
    const bool kept = !besides.empty() && besides.front() == j;
    if (kept || b[at(j)] != 0 || violation(penalty_, j, 0.0, gradient_[at(j)], precision_[at(j)]) > 0) reduced.push_back(j);
  }
  return reduced;
}

/// Minimises the model: the stored curvature times ratio_, at the present pull. Dividing all else by the ratio spares a new
/// factor.
void SmoothWorking::solve_model() {
  std::vector<double> gradients;
  for (const Index j : columns_) gradients.push_back(gradient_[at(j)] / ratio_);
  curved_.move_intercept(curved_.intercept_step(rows_.pull_sum() / ratio_, {}, {}), columns_, gradients);
  ElasticBox scaled = penalty_;
  scaled.l1 /= ratio_;
  scaled.l2 /= ratio_;
  (void)active_.solve(gradients, scaled, columns_, precision_);
}

/// The whole last step did not reach the goal: halves it until it does. False, and back at its start, when it never does;
/// stale curvature is not worth a search. Counted from the start: where curvature is near zero a step may be so long that
/// going back from its end would leave none of the start's digits.
bool SmoothWorking::shorten() {
  std::vector<double> b(active_.coefficients().begin(), active_.coefficients().end());
  double t = 1;
  const auto go = [&](double share) {
    t = share;
    b0_ = move_.start_b0 + share * move_.delta_b0;
    for (std::size_t i = 0; i < rows_.eta.size(); ++i) rows_.eta[i] = start_[i] + share * direction_[i];
    for (std::size_t k = 0; k < columns_.size(); ++k) b[at(columns_[k])] = move_.start[k] + share * move_.delta[k];
    rows_.look();
  };
  bool reached = false;
  for (int halving = 0; fresh_ && !reached && halving < kMostHalvings; ++halving) {
    go(0.5 * t);
    reached = rows_.loss() + penalty_value(penalty_, columns_, b) <= move_.goal;
  }
  if (!reached) go(0);
  active_.set_point(b);
  return reached;
}

Status SmoothWorking::solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                            Index most_rounds) {
  begin(penalty, working, precision, most_rounds);
  while (RowPass* const pass = next()) serve(*pass);
  return ended();
}

void SmoothWorking::serve(RowPass& pass) {
  const auto count = static_cast<Index>(pass.columns.size());
  if (!pass.moves) {
    dot_columns(*fitted_.design, pass.columns, rows_.pull, pass.gradients, context_);
  } else {
    fitted_.design->multiply_back(
        pass.columns, {pass.delta.data(), count, 1}, [this](Index first, Matrix rows) { move_rows(first, rows.column(0)); },
        {pass.gradients.data(), count, 1}, {}, context_);
  }
}

void SmoothWorking::move_rows(Index first, std::span<double> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    direction_[at(first) + i] = rows[i] + move_.delta_b0;
    rows_.eta[at(first) + i] += direction_[at(first) + i];
  }
  rows_.look(first, static_cast<Index>(rows.size()));
  std::copy_n(rows_.pull.begin() + first, rows.size(), rows.begin());
}

/// Steps on the columns that are in the model or want in; the rest of the working set is looked at after the first step, by
/// which most is known, and at the end.
void SmoothWorking::begin(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                          Index most_rounds) {
  penalty_ = penalty;
  working_ = working;
  precision_ = precision;
  limit_ = most_rounds > 0 ? most_rounds : kMostSteps;
  l2_ = penalty.l2;
  unit_ = precision.empty() ? 0.0 : *std::ranges::max_element(precision);
  round_ = 0;
  stepped_ = renew_ = stagnant_ = false;
  columns_.clear();
  stage_ = Stage::begun;
}

/// To where the last λ lead.
RowPass* SmoothWorking::go_ahead() {
  const bool bounded = !penalty_.lower.empty() || !penalty_.upper.empty();
  if (bounded || !past_.predict(penalty_.l1, working_, guess_)) return look(working_);
  stage_ = Stage::guessing;
  for (const Index j : working_) {
    if (active_.coefficients()[at(j)] != 0 || std::ranges::binary_search(guess_.columns, j)) columns_.push_back(j);
  }
  start_move();
  auto value = guess_.values.begin();
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const bool guessed = std::ranges::binary_search(guess_.columns, columns_[k]);
    move_.delta.push_back((guessed ? *value++ : 0.0) - move_.start[k]);
  }
  move_.delta_b0 = guess_.b0 - b0_;
  return move();
}

/// Stays there if the objective is lower.
RowPass* SmoothWorking::judge_guess() {
  columns_.clear();
  double value = rows_.loss();
  for (std::size_t k = 0; k < guess_.columns.size(); ++k)
    value += penalty_value(penalty_, guess_.columns[k], guess_.values[k]);
  if (!(value <= move_.goal)) {
    rows_.eta = start_;
    rows_.look();
    return look(working_);
  }
  active_.set_point(guess_.columns, guess_.values);
  b0_ = guess_.b0;
  known_.clear();
  take_answer();
  fresh_ = false;
  ratio_ = curved_.ratio(rows_.curvature, direction_);
  return look(working_);
}

RowPass* SmoothWorking::next() {
  if (stage_ == Stage::ended) return nullptr;
  if (stage_ == Stage::begun) return go_ahead();
  if (stage_ == Stage::guessing) return judge_guess();
  if (stage_ == Stage::stepping && !(objective() <= move_.goal)) {
    if (shorten()) {
      finish_step();
      known_.clear();
      return look(round_ == 0 ? working_ : columns_);
    }
    if (renew_) return end(Status::converged);  // no descent on the exact model: the end of what float64 can see
    renew_ = true;
    return step();
  }
  if (stage_ == Stage::stepping) {
    finish_step();
    known_.clear();
  }
  take_answer();
  return judge();
}

/// Asks for the gradients of those columns that are not known.
RowPass* SmoothWorking::look(std::span<const Index> columns) {
  stage_ = Stage::looking;
  pass_ = {};
  std::ranges::set_difference(columns, known_, std::back_inserter(pass_.columns));
  if (pass_.columns.empty()) return judge();
  pass_.gradients.resize(pass_.columns.size());
  return &pass_;
}

RowPass* SmoothWorking::end(Status status) {
  stage_ = Stage::ended;
  ended_ = status;
  Support support(active_.coefficients());
  past_.add({penalty_.l1, b0_, std::move(support.columns), std::move(support.values)});
  return nullptr;
}

void SmoothWorking::take_answer() {
  for (std::size_t i = 0; i < pass_.columns.size(); ++i) gradient_[at(pass_.columns[i])] = pass_.gradients[i];
  std::vector<Index> known;
  std::ranges::set_union(known_, pass_.columns, std::back_inserter(known));
  known_ = std::move(known);
}

void SmoothWorking::finish_step() {
  fresh_ = false;
  stepped_ = true;
  ratio_ = curved_.ratio(rows_.curvature, direction_);
}

/// What the gradients at the present point say: the end, a look at the rest of the working set, or another step.
RowPass* SmoothWorking::judge() {
  const bool all = std::ranges::includes(known_, working_);
  if (stepped_ && round_ == 0 && !all) return look(working_);
  double worst = worst_violation();
  if (std::exchange(stepped_, false)) {
    stagnant_ = renew_ && worst > kStagnation * worst_ && worst < kNearPrecision;
    renew_ = worst > kContraction * worst_;
    ++round_;
  }
  if (all) {
    const std::size_t before = columns_.size();
    columns_ = reduce(round_ > 1 ? columns_ : std::vector<Index>());
    worst = worst_violation();
    if (worst == 0 || (stagnant_ && columns_.size() == before)) return end(Status::converged);  // or rounding
  } else if (worst == 0 || stagnant_) {
    return look(working_);
  }
  worst_ = worst;
  return round_ < limit_ ? step() : end(Status::iteration_limit);
}

/// A move of columns_ begins here.
void SmoothWorking::start_move() {
  const double before = objective();
  move_ = {{}, {}, b0_, 0, before + kObjectiveNoise * std::abs(before)};
  for (const Index j : columns_) move_.start.push_back(active_.coefficients()[at(j)]);
}

/// Asks for the rows after it, and the gradients of columns_.
RowPass* SmoothWorking::move() {
  start_ = rows_.eta;
  pass_ = {.moves = true, .columns = columns_, .delta = move_.delta};
  pass_.gradients.resize(pass_.columns.size());
  return &pass_;
}

/// One proximal Newton step.
RowPass* SmoothWorking::step() {
  if (renew_) refresh_curvature();
  stage_ = Stage::stepping;
  start_move();
  solve_model();
  const auto b = active_.coefficients();
  for (std::size_t k = 0; k < columns_.size(); ++k) move_.delta.push_back(b[at(columns_[k])] - move_.start[k]);
  move_.delta_b0 = curved_.intercept_step(rows_.pull_sum() / ratio_, columns_, move_.delta);
  b0_ += move_.delta_b0;
  return move();
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

std::unique_ptr<WorkingProblem> smooth_working_problem(const FittedProblem& fitted, const Context& context) {
  return std::make_unique<SmoothWorking>(fitted, context);
}

}  // namespace riata
