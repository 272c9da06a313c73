#include "riata/app/page_facts.hpp"

#include <algorithm>
#include <cmath>

#include "riata/report/calibration.hpp"
#include "riata/report/error_shape.hpp"
#include "riata/selection/correlated.hpp"
#include "riata/selection/out_of_fold.hpp"

namespace riata {
namespace {

constexpr double kLeastCorrelation = 0.8;
constexpr std::size_t kMostLeaders = 300;
constexpr Index kFewRows = 5;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// η of the chosen model on the rows it was fitted on.
std::vector<double> fitted(const FitProblem& fit, const ModelPoint& point, const Context& context) {
  std::vector<double> eta(at(fit.problem.design->rows()), point.intercept);
  const SparseCoefficients& beta = *point.coefficients;
  const Index k = std::ssize(beta.indices);
  if (k > 0) {
    fit.problem.design->multiply(beta.indices, ConstMatrix(beta.values.data(), k, 1), Matrix(eta.data(), std::ssize(eta), 1),
                                 {}, context);
  }
  for (std::size_t i = 0; i < fit.problem.offset.size(); ++i) eta[i] += fit.problem.offset[i];
  return eta;
}

std::vector<double> unseen(const FitSpec& spec, const FitProblem& fit, const Folds& folds, double lambda,
                           const Context& context) {
  PathOptions path_options;
  path_options.tolerance = spec.tolerance;
  path_options.max_iterations = spec.max_iterations;
  path_options.solver = spec.solver;
  CrossValidationOptions options;
  options.lambda_on_sum_scale = spec.lambda_scale != LambdaScale::mean;
  if (fit.problem.design != fit.dataset.design) {
    options.fold_design = [&](Index, std::span<const double> weights) { return fit.dataset.imputed_design(weights); };
  }
  return out_of_fold(fit.problem, fit.penalty, lambda, folds, path_options, options, context).eta;
}

RowFacts row_facts(const FitSpec& spec, const FitProblem& fit, const std::optional<Folds>& folds, const ModelPoint& point,
                   const Context& context) {
  RowFacts out;
  const bool apart = folds.has_value() && spec.solver != SolverKind::gradient_descent;
  out.origin = apart ? RowFacts::Origin::out_of_fold : RowFacts::Origin::fitted;
  const std::vector<double> eta = apart ? unseen(spec, fit, *folds, point.lambda, context) : fitted(fit, point, context);
  std::vector<double> response(eta.size());
  fit.problem.loss->inverse_link(eta, response);
  for (std::size_t i = 0; i < eta.size(); ++i) {
    const double weight = fit.problem.weights.empty() ? 1.0 : fit.problem.weights[i];
    if (!std::isfinite(eta[i]) || !(weight > 0)) continue;
    out.predicted.push_back(response[i]);
    out.observed.push_back(fit.problem.response[i]);
    out.weights.push_back(weight);
  }
  return out;
}

/// The features used, largest effect first.
std::vector<Index> leaders(const Model& model, const SparseCoefficients& coefficients) {
  std::vector<Index> order(coefficients.indices.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  const auto effect = [&](Index i) {
    return std::abs(coefficients.values[at(i)] * model.standard_deviation[at(coefficients.indices[at(i)])]);
  };
  std::ranges::stable_sort(order, [&](Index a, Index b) { return effect(a) > effect(b); });
  if (order.size() > kMostLeaders) order.resize(kMostLeaders);
  for (Index& i : order) i = coefficients.indices[at(i)];
  return order;
}

std::vector<StandIns> stand_ins(const FitProblem& fit, const Coding& coding, const std::vector<Index>& order,
                                const Context& context) {
  std::vector<StandIns> out;
  const std::vector<Index> owners = coding.column_features();
  for (const CorrelatedGroup& group :
       correlated_groups(*fit.problem.design, fit.problem.weights, order, kLeastCorrelation, context, owners)) {
    StandIns& one = out.emplace_back();
    one.feature = group.leader;
    one.n_others = std::ssize(group.members);
    for (std::size_t i = 0; i < std::min(group.members.size(), StandIns::kMost); ++i) {
      one.others.push_back({group.members[i].feature, group.members[i].correlation});
    }
  }
  return out;
}

/// Rows whose value is not the one that nearly all rows have; more than kFewRows where there are more, or no such value.
Index rows_apart(std::span<const double> column, std::span<const double> weights) {
  const auto counts = [&](std::size_t i) { return weights.empty() || weights[i] > 0; };
  double usual = 0;
  Index lead = 0, seen = 0, apart = 0;
  for (std::size_t i = 0; i < column.size() && seen <= 2 * kFewRows; ++i) {  // in so many rows it has the majority
    if (!counts(i)) continue;
    ++seen;
    if (lead == 0) usual = column[i];
    lead += column[i] == usual ? 1 : -1;
  }
  for (std::size_t i = 0; i < column.size() && apart <= kFewRows; ++i) apart += counts(i) && column[i] != usual ? 1 : 0;
  return apart;
}

/// Features whose coefficient rests on few rows: at most kFewRows, and at most a tenth.
std::vector<RareFeature> rare_features(const FitProblem& fit, const std::vector<Index>& order, const Context& context) {
  const Index n = fit.problem.design->rows();
  std::vector<double> column(at(n));
  std::vector<RareFeature> out;
  for (Index j : order) {
    if (context.interrupted()) break;
    fit.problem.design->gather({&j, 1}, Matrix(column.data(), n, 1));
    const Index apart = rows_apart(column, fit.problem.weights);
    if (apart > 0 && apart <= std::min(kFewRows, n / 10)) out.push_back({j, apart});
  }
  return out;
}

/// The selected point with its coefficients, if there is one.
const ModelPoint* chosen(const Model& model, const Context& context) {
  if (!model.selected || context.interrupted()) return nullptr;
  const ModelPoint& point = model.path[at(model.selected->index)];
  return point.coefficients ? &point : nullptr;
}

/// Gradient descent at the same λ under the other of l1 and l2.
std::optional<Trajectory> other_walk(const FitSpec& spec, const FitProblem& fit, double lambda, const Context& context) {
  if (fit.penalty.name != "l1" && fit.penalty.name != "l2") return std::nullopt;
  const PenaltySpec other = fit.penalty.name == "l1" ? PenaltySpec{"l2", 0} : PenaltySpec{"l1", 1};
  PathOptions options;
  options.solver = SolverKind::gradient_descent;
  options.tolerance = spec.tolerance;
  options.gradient_descent.l1_step = spec.l1_step.value_or(L1Step::proximal);
  options.gradient_descent.learning_rate = spec.learning_rate;
  options.gradient_descent.iterations = spec.iterations.value_or(0);
  const std::vector<double> lambdas = {lambda};
  Path path = fit_path(fit.problem, other, lambdas, options, context);
  if (path.status == Status::diverged || path.status == Status::interrupted) return std::nullopt;
  return std::move(path.trajectory);
}

}  // namespace

void add_rare_features(const FitProblem& fit, const Context& context, FitFacts& facts) {
  const ModelPoint* point = chosen(facts.model, context);
  if (point != nullptr) facts.model.findings.rare = rare_features(fit, leaders(facts.model, *point->coefficients), context);
}

void add_page_facts(const FitSpec& spec, const FitProblem& fit, const std::optional<Folds>& folds, const Context& context,
                    FitFacts& facts) {
  Model& model = facts.model;
  const ModelPoint* point = chosen(model, context);
  if (point == nullptr) return;
  facts.rows = row_facts(spec, fit, folds, *point, context);
  model.findings.stand_ins = stand_ins(fit, model.coding, leaders(model, *point->coefficients), context);
  model.findings.least_correlation = kLeastCorrelation;
  if (model.classes.empty()) model.findings.shape = error_shape(*facts.rows);
  const bool unseen_rows = facts.rows->origin == RowFacts::Origin::out_of_fold;
  if (model.classes.size() == 2 && unseen_rows) model.findings.calibration = calibration_of(*facts.rows);
  if (facts.trajectory) facts.other_trajectory = other_walk(spec, fit, point->lambda, context);
}

}  // namespace riata
