#include "riata/solver/gradient_descent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"

namespace riata {
namespace {

constexpr Index kDefaultIterations = 10000;
constexpr Index kCheckEvery = 10;  // iterations between two looks at the certificate
constexpr std::size_t kMostRows = 1000;
constexpr double kMostEntries = 2e7;  // coefficients that a trajectory may hold
constexpr double kDiverged = 1e8;     // times the first objective
constexpr int kPowerIterations = 60;

double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }

}  // namespace

GradientDescent::GradientDescent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                 std::optional<double> l1_ratio, const GradientDescentOptions& options, double tolerance,
                                 const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      penalty_{l1_ratio.value_or(0.0)},
      penalised_(l1_ratio.has_value()),
      options_(options),
      tolerance_(tolerance),
      standardized_(fitted.standardized),
      certifier_(fitted, *quadratic_, context) {
  if (fitted.loss->name() != "squared") smooth_.emplace(fitted, *quadratic_, penalty_, tolerance, context);
  if (options.learning_rate && !(*options.learning_rate > 0 && std::isfinite(*options.learning_rate))) {
    throw Error(ErrorKind::argument, fmt::format("the learning rate is {}: it must be above 0", *options.learning_rate));
  }
  if (options.iterations < 0) {
    throw Error(ErrorKind::argument,
                fmt::format("the number of iterations is {}: it must be at least 1", options.iterations));
  }
}

/// Fitted coordinates centre the columns whenever there is an intercept: b₀ = b + Σ centre w.
State GradientDescent::fitted_state(const Point& point) const {
  State state{point.w, point.b};
  for (Index j = 0; j < fitted_.cols(); ++j) state.b0 += centre(j) * point.w[static_cast<std::size_t>(j)];
  return state;
}

/// Leaves the loss and −∂J/∂z in point.gradient; returns −∂J/∂b₀. The quadratic gives ZᵀW(r − r̄) and Σ w (r − r̄)² with the
/// best intercept; what ours misses of it is r̄.
double GradientDescent::look(State& state, Point& point) {
  if (smooth_) {
    smooth_->evaluate(state);
    point.loss = smooth_->rows().loss();
    point.gradient.assign(smooth_->gradient().begin(), smooth_->gradient().end());
    return fitted_.intercept ? smooth_->rows().pull_sum() : 0.0;
  }
  const double own = state.b0;
  quadratic_->evaluate(state);
  const double mean = fitted_.intercept ? state.b0 - own : 0.0;
  point.loss = 0.5 * (quadratic_->residual_square() + mean * mean);
  point.gradient.assign(quadratic_->gradient().begin(), quadratic_->gradient().end());
  return mean;
}

void GradientDescent::evaluate(Point& point) {
  State state = fitted_state(point);
  const double mean = look(state, point);
  point.gradient_b = -mean;
  point.objective = point.loss;
  for (std::size_t j = 0; j < point.w.size(); ++j) {
    const double strength = lambda_ * factor(j);
    const double slope = point.gradient[j] + (fitted_.norm[j] > 0 ? centre(static_cast<Index>(j)) * mean : 0.0);
    point.gradient[j] = strength * (1 - penalty_.l1_ratio) * point.w[j] - slope;
    point.objective += penalty_.value(point.w[j], strength);
  }
}

/// The weight after a step: w (1 − α l2) − α ∂J/∂w is w − α times the smooth part's gradient.
double GradientDescent::stepped(const Point& from, std::size_t j) const {
  const double w = from.w[j], threshold = rate_ * lambda_ * factor(j) * penalty_.l1_ratio;
  const double moved = w - rate_ * from.gradient[j];
  switch (options_.l1_step) {
    case L1Step::proximal: return std::abs(moved) > threshold ? moved - sign(moved) * threshold : 0.0;
    case L1Step::subgradient: return moved - threshold * sign(w);
    case L1Step::clip: {
      const double plain = moved - threshold * sign(w);
      return threshold > 0 && w != 0 && sign(plain) != sign(w) ? 0.0 : plain;
    }
  }
  return moved;
}

GradientDescent::Point GradientDescent::step(const Point& from) const {
  Point to;
  to.w.resize(from.w.size());
  for (std::size_t j = 0; j < from.w.size(); ++j) {
    if (!(fitted_.norm[j] > 0)) continue;
    to.w[j] = stepped(from, j);
    if (!fitted_.lower.empty()) to.w[j] = std::clamp(to.w[j], fitted_.lower[j], fitted_.upper[j]);
  }
  to.b = from.b - rate_ * from.gradient_b;
  return to;
}

/// Power iterations with the second derivative of loss and l2 part, intercept included, from a fixed start.
double GradientDescent::largest_curvature() const {
  const std::size_t p = fitted_.norm.size();
  const double most = fitted_.loss->largest_curvature();  // the loss's second derivative is at most that of least squares
  std::vector<double> v(p), image(p);
  double b = fitted_.intercept ? 1.0 : 0.0, largest = 0;
  for (std::size_t j = 0; j < p; ++j) {
    v[j] = fitted_.norm[j] > 0 ? fitted_.norm[j] * (1 + 0.5 * std::cos(static_cast<double>(j) * 2.399963)) : 0.0;
  }
  for (int round = 0; round < kPowerIterations; ++round) {
    double square = b * b;
    for (const double x : v) square += x * x;
    if (!(square > 0)) return 1.0;
    const double scale = 1 / std::sqrt(square);
    double mean = b * scale;
    for (std::size_t j = 0; j < p; ++j) mean += (v[j] *= scale) * centre(static_cast<Index>(j));
    const Support support(v);
    quadratic_->image(support.columns, support.values, image);
    double size = fitted_.intercept ? most * mean * most * mean : 0.0;
    for (std::size_t j = 0; j < p; ++j) {
      if (!(fitted_.norm[j] > 0)) continue;
      const double l2 = lambda_ * factor(j) * (1 - penalty_.l1_ratio);
      image[j] = most * (image[j] + centre(static_cast<Index>(j)) * mean) + l2 * v[j];
      size += image[j] * image[j];
      v[j] = image[j];
    }
    b = fitted_.intercept ? most * mean : 0.0;
    size = std::sqrt(size);
    if (size <= largest * (1 + 1e-6)) return std::max(largest, size);
    largest = size;
  }
  return largest;
}

bool GradientDescent::step_was_short_enough(const Point& from, const Point& to) const {
  double curved = (to.gradient_b - from.gradient_b) * (to.b - from.b), square = (to.b - from.b) * (to.b - from.b);
  for (std::size_t j = 0; j < to.w.size(); ++j) {
    const double d = to.w[j] - from.w[j];
    curved += (to.gradient[j] - from.gradient[j]) * d;
    square += d * d;
  }
  const double rounding = 1e-12 * fitted_.null_gradient * std::sqrt(square * static_cast<double>(to.w.size() + 1));
  return curved <= square / rate_ * (1 + 1e-9) + rounding;
}

/// Of the point that was evaluated last; an intercept that misses the best one by m costs m²/2 of the gap.
Certificate GradientDescent::certify(const Point& point) {
  if (smooth_) return smooth_->judge(lambda_).certificate;
  Certificate out = certifier_.certify(penalty_, lambda_, point.w);
  if (point.gradient_b == 0) return out;
  // A constant response has no deviance to compare with: then its own size.
  const double mean = fitted_.response_mean;
  out.relative_gap +=
      point.gradient_b * point.gradient_b / (fitted_.null_deviance > 0 ? fitted_.null_deviance : mean * mean);
  const double scale = fitted_.null_gradient > 0 ? fitted_.null_gradient : std::abs(mean);
  out.kkt_violation = std::max(out.kkt_violation, std::abs(point.gradient_b) / scale);
  return out;
}

TrajectoryRow GradientDescent::row(Index iteration, const Point& point) const {
  TrajectoryRow out{iteration, point.objective, point.b, {}};
  for (std::size_t j = 0; j < point.w.size(); ++j) {
    if (point.w[j] == 0) continue;
    const Index column = static_cast<Index>(j);
    const double beta = point.w[j] / fitted_.design->scale(column);
    if (standardized_) out.intercept -= fitted_.design->centre(column) * beta;
    out.coefficients.indices.push_back(column);
    out.coefficients.values.push_back(beta);
  }
  return out;
}

/// Every stride-th iteration; when there is no room, every second row goes and the stride doubles.
void GradientDescent::record(Index iteration, const Point& point) {
  if (iteration % stride_ != 0) return;
  auto& rows = trajectory_.rows;
  const double room = kMostEntries / static_cast<double>(point.w.size() + 1);
  if (rows.size() + 1 >= std::clamp<std::size_t>(static_cast<std::size_t>(room), 3, kMostRows)) {
    stride_ *= 2;
    std::erase_if(rows, [&](const TrajectoryRow& r) { return r.iteration % stride_ != 0; });
    if (iteration % stride_ != 0) return;
  }
  rows.push_back(row(iteration, point));
}

void GradientDescent::record_last(Index iteration, const Point& point) {
  auto& rows = trajectory_.rows;
  while (!rows.empty() && rows.back().iteration > iteration) rows.pop_back();
  if (rows.empty() || rows.back().iteration != iteration) rows.push_back(row(iteration, point));
}

void GradientDescent::choose_learning_rate() {
  const double curvature = largest_curvature();
  rate_ = options_.learning_rate.value_or(1 / curvature);
  if (rate_ > 2 / curvature) {
    warnings_.push_back(
        fmt::format("the learning rate {:.6g} is above 2/L = {:.6g}: the iteration diverges unless it starts "
                    "well; the default is 1/L = {:.6g}",
                    rate_, 2 / curvature, 1 / curvature));
  }
}

/// Leaves status, and the certificate, of the point it returns.
GradientDescent::Point GradientDescent::iterate(Solution& solution) {
  const Index limit = options_.iterations > 0 ? options_.iterations : kDefaultIterations;
  Point now;
  now.w.assign(fitted_.norm.size(), 0.0);
  evaluate(now);
  const double first = now.objective;
  record(0, now);
  solution.certificate = certify(now);
  Index done = 0;
  bool stuck = false;
  while (done < limit && !(solution.certificate.relative_gap <= tolerance_) && !stuck) {
    if (context_.interrupted()) {
      solution.status = Status::interrupted;
      break;
    }
    Point next = step(now);
    evaluate(next);
    if (!options_.learning_rate && !step_was_short_enough(now, next)) {
      rate_ *= 0.9;
      stuck = !(rate_ > 0);
      continue;
    }
    if (!std::isfinite(next.objective) || next.objective > kDiverged * first) {
      solution.status = Status::diverged;
      if (std::isfinite(next.objective)) now = std::move(next), ++done;
      break;
    }
    now = std::move(next);
    record(++done, now);
    if (done % kCheckEvery == 0 || done <= 3 || done == limit) solution.certificate = certify(now);
    if (context_.on_progress && done % 100 == 0) context_.on_progress({"gradient descent", done, limit});
  }
  evaluate(now);
  solution.certificate = certify(now);
  record_last(done, now);
  return now;
}

Solution GradientDescent::solve(double lambda, State& state) {
  lambda_ = penalised_ ? lambda : 0.0;
  trajectory_ = {};
  stride_ = 1;
  choose_learning_rate();
  Solution solution;
  const Point end = iterate(solution);
  if (solution.status == Status::converged && !(solution.certificate.relative_gap <= tolerance_)) {
    solution.status = Status::iteration_limit;
  }
  trajectory_.learning_rate = rate_;
  trajectory_.decay_factor = 1 - rate_ * lambda_ * (1 - penalty_.l1_ratio);
  if (trajectory_.decay_factor <= 0) {
    warnings_.push_back(
        fmt::format("learning rate × λ is {:.6g}: a step multiplies the weights by {:.6g} before it adds "
                    "the gradient, so they change sign or vanish; take a smaller learning rate",
                    1 - trajectory_.decay_factor, trajectory_.decay_factor));
  }
  state = fitted_state(end);
  solution.loss = end.loss;
  std::vector<Index> active;
  std::vector<double> curvature;
  for (std::size_t j = 0; j < end.w.size(); ++j) {
    if (end.w[j] == 0) continue;
    active.push_back(static_cast<Index>(j));
    curvature.push_back(lambda_ * factor(j) * (1 - penalty_.l1_ratio));
  }
  solution.degrees_of_freedom =
      smooth_ ? smooth_->degrees_of_freedom(active, curvature) : shrunken_trace(*quadratic_, active, curvature);
  return solution;
}

}  // namespace riata
