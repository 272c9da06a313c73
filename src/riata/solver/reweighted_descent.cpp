#include "riata/solver/reweighted_descent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "riata/solver/separation.hpp"

namespace riata {
namespace {

constexpr Index kMostSteps = 100;
constexpr int kMostHalvings = 40;
constexpr double kLeastCurvature = 1e-9;  // of a row's weight: below it the row's target is out of reach
constexpr double kObjectiveNoise = 64 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

ReweightedDescent::ReweightedDescent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, ElasticNet penalty,
                                     bool penalised, double tolerance, Index most_steps, Inner inner, const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      penalty_(penalty),
      penalised_(penalised),
      most_steps_(most_steps > 0 ? most_steps : kMostSteps),
      inner_(std::move(inner)),
      point_(fitted, *quadratic_, penalty, tolerance, context) {}

/// The squared problem in η − offset: weights h/Σh, response the linear predictor plus pull/h, columns centred by h. Columns
/// keep their scales, so that b, bounds and factors mean the same. `curvature`: h; `targets`: the response, which it refers
/// to.
FittedProblem ReweightedDescent::squared_around(const State& from, std::vector<double>& curvature,
                                                std::vector<double>& targets) const {
  const RowState& rows = point_.rows();
  const std::size_t n = rows.eta.size(), p = from.b.size();
  curvature.resize(n);
  for (std::size_t i = 0; i < n; ++i) curvature[i] = std::max(rows.curvature[i], kLeastCurvature * fitted_.weights[i]);
  const double total = std::accumulate(curvature.begin(), curvature.end(), 0.0);
  FittedProblem out = fitted_;
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out.weights[i] = curvature[i] / total;
    out.response[i] = rows.eta[i] - (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]);
    if (curvature[i] > 0) out.response[i] += rows.pull[i] / curvature[i];
    mean += out.weights[i] * out.response[i];
  }
  targets = out.response;
  out.original_response = targets;
  out.offset = {};
  out.response_mean = fitted_.intercept ? mean : 0.0;
  out.null_deviance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out.response[i] -= out.response_mean;
    out.null_deviance += out.weights[i] * out.response[i] * out.response[i];
  }
  const ColumnMoments moments = fitted_.design->base().moments(out.weights, context_);
  std::vector<double> scale(p);
  for (std::size_t j = 0; j < p; ++j) {
    scale[j] = fitted_.design->scale(static_cast<Index>(j));
    const double mean_square = fitted_.intercept ? 0.0 : moments.mean[j] * moments.mean[j];
    if (fitted_.norm[j] > 0) out.norm[j] = std::sqrt(moments.variance[j] + mean_square) / scale[j];
  }
  out.design = std::make_shared<StandardizedDesign>(DesignPtr(fitted_.design, &fitted_.design->base()),
                                                    fitted_.intercept ? moments.mean : std::vector<double>(), scale);
  // The scale of its violations is the whole problem's: near the minimum its own null model is no measure.
  out.null_gradient = fitted_.null_gradient / total;
  return out;
}

/// The minimum of the squared problem around the point that was evaluated last.
State ReweightedDescent::step(double lambda, const State& from) const {
  std::vector<double> curvature, targets;
  const FittedProblem squared = squared_around(from, curvature, targets);
  const double total = std::accumulate(curvature.begin(), curvature.end(), 0.0);
  State to{from.b, squared.response_mean};
  const auto solver = inner_(squared, residual_quadratic(squared, context_));
  (void)solver->solve(lambda / total, to);
  if (!fitted_.intercept) to.b0 = 0;
  for (Index j = 0; j < fitted_.cols(); ++j) {  // from the columns' centres by h to those of the problem
    if (to.b[at(j)] == 0) continue;
    to.b0 -= (squared.design->centre(j) - fitted_.design->centre(j)) / fitted_.design->scale(j) * to.b[at(j)];
  }
  return to;
}

double ReweightedDescent::objective(double lambda, const RowState& rows, const State& state) const {
  double sum = rows.loss();
  for (std::size_t j = 0; j < state.b.size(); ++j) {
    if (state.b[j] != 0) sum += penalty_.value(state.b[j], lambda * fitted_.factor[j]);
  }
  return sum;
}

/// Goes to the target, or half as far, …; false, and nowhere, where no step lowers the objective.
bool ReweightedDescent::descend(double lambda, const State& target, State& state) {
  const double before = objective(lambda, point_.rows(), state);
  const State start = state;
  double t = 1;
  for (int halving = 0; halving < kMostHalvings; ++halving, t *= 0.5) {
    for (std::size_t j = 0; j < state.b.size(); ++j) {
      state.b[j] = t == 1 ? target.b[j] : start.b[j] + t * (target.b[j] - start.b[j]);
    }
    state.b0 = start.b0 + t * (target.b0 - start.b0);
    point_.evaluate(state);
    if (objective(lambda, point_.rows(), state) <= before + kObjectiveNoise * std::abs(before)) return true;
  }
  state = start;
  point_.evaluate(state);
  return false;
}

double ReweightedDescent::degrees_of_freedom(double lambda, const State& state) const {
  std::vector<Index> active;
  std::vector<double> curvature;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    const double b = state.b[at(j)];
    const bool bound = !fitted_.lower.empty() && (b <= fitted_.lower[at(j)] || b >= fitted_.upper[at(j)]);
    if (b == 0 || bound) continue;
    active.push_back(j);
    curvature.push_back(penalty_.curvature(b, lambda * fitted_.factor[at(j)]));
  }
  return point_.degrees_of_freedom(active, curvature);
}

Solution ReweightedDescent::solve(double given, State& state) {
  const double lambda = penalised_ ? given : 0.0;
  std::vector<Index> all(at(fitted_.cols()));
  std::iota(all.begin(), all.end(), Index{0});
  if (lambda == 0) refuse_separating_columns(fitted_, all);
  point_.evaluate(state);
  Solution solution = point_.judge(lambda);
  for (Index round = 0; round < most_steps_ && solution.status != Status::converged; ++round) {
    if (context_.interrupted()) {
      solution.status = Status::interrupted;
      return solution;
    }
    if (!descend(lambda, step(lambda, state), state)) break;
    solution = point_.judge(lambda);
  }
  if (lambda == 0) refuse_separation(fitted_, all, state.b, state.b0);
  solution.degrees_of_freedom = degrees_of_freedom(lambda, state);
  return solution;
}

}  // namespace riata
