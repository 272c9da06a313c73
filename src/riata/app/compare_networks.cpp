#include "riata/app/compare_networks.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "riata/app/compare_command.hpp"
#include "riata/app/fold_variation.hpp"
#include "riata/app/network_contest.hpp"
#include "riata/app/train_options.hpp"
#include "riata/core/error.hpp"
#include "riata/selection/contest.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

MeasureChoice measure_of(const CompareSpec& spec) { return spec.measure.value_or(MeasureChoice::deviance); }

/// Some of the rows of what a network says of all, with the offset.
NetworkRows part(const NetworkRows& all, const RawRows& rows, const std::vector<Index>& take) {
  NetworkRows out = all;
  out.eta.clear();
  for (Index c = 0; c < all.outputs; ++c) {
    for (const Index i : take)
      out.eta.push_back(all.eta[at(c * rows.n + i)] + (rows.offset.empty() ? 0 : rows.offset[at(i)]));
  }
  return out;
}

double judged(const NetworkRows& said, const RawRows& rows, const std::vector<Index>& take, MeasureChoice measure) {
  std::vector<double> y, weights;
  for (const Index i : take) {
    y.push_back(rows.response[at(i)]);
    if (!rows.weights.empty()) weights.push_back(rows.weights[at(i)]);
  }
  const double out = measure_of(part(said, rows, take), y, weights, measure);
  if (measure == MeasureChoice::auc && std::isnan(out)) {
    throw Error(ErrorKind::argument,
                "--measure auc needs rows of both classes in every fold: use fewer folds, or another measure");
  }
  return out;
}

/// What says the mean of the training rows, or the shares of their classes, of all rows.
NetworkRows null_rows(const TrainProblem& problem, const std::vector<Index>& training) {
  const RawRows& rows = problem.training;
  NetworkRows out{problem.loss, problem.outputs(), {}};
  std::vector<double> share(std::max<std::size_t>(2, problem.classes.size()), 0.0);
  double total = 0, mean = 0;
  for (const Index i : training) {
    const double w = rows.weights.empty() ? 1.0 : rows.weights[at(i)];
    total += w;
    mean += w * (rows.response[at(i)] - (rows.offset.empty() ? 0 : rows.offset[at(i)]));
    if (!problem.classes.empty()) share[static_cast<std::size_t>(rows.response[at(i)])] += w;
  }
  std::vector<double> eta = {mean / total};
  if (problem.loss == NetworkLoss::logistic) eta = {std::log(share[1] / share[0])};
  if (problem.loss == NetworkLoss::multinomial) {
    eta.clear();
    for (const double one : share) eta.push_back(std::log(one / total));
  }
  for (const double one : eta) out.eta.insert(out.eta.end(), at(rows.n), one);
  return out;
}

template <class T>
LossCurves mean_curves(const NetworkContest<T>& contest, std::size_t way) {
  LossCurves out;
  std::size_t epochs = at(contest.ways()[way].spec.epochs);
  for (const Index k : contest.judged_folds()) epochs = std::min(epochs, contest.trained(way, k).history.size());
  out.training.assign(epochs, 0.0);
  out.validation.assign(epochs, 0.0);
  const auto& weights = contest.judged_weights();
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t f = 0; f < weights.size(); ++f) {
    const ContestTraining<T>& one = contest.trained(way, contest.judged_folds()[f]);
    const double share = weights[f] / total * one.factor();
    for (std::size_t e = 0; e < epochs; ++e) {
      out.training[e] += share * one.history[e].training_loss;
      out.validation[e] += share * one.history[e].validation_loss;
    }
  }
  return out;
}

template <class T>
void take_weights(const Network<T>& network, Candidate& out) {
  for (const ParameterBlock& block : network.blocks()) {
    if (block.is_bias) continue;
    out.n_weights += block.size();
    for (const T value : network.of(block)) {
      const double weight = value;
      if (weight != 0) out.weights.push_back(weight);
      out.sum_of_squares += weight * weight;
      out.sum_of_absolutes += std::abs(weight);
    }
  }
  out.n_nonzero = std::ssize(out.weights);
}

template <class T>
Candidate candidate(const NetworkContest<T>& contest, std::size_t w, const TrainProblem& problem, MeasureChoice measure) {
  const NetworkWay& way = contest.ways()[w];
  Candidate out;
  out.penalty = way.name;
  out.l1_ratio = way.name == "l1" ? 1 : 0;
  const std::size_t choice = contest.choice(w);
  out.lambda = way.stops_early ? 0 : way.strengths[choice];
  TrainSpec described = way.spec;
  if (described.optimizer == OptimizerKind::adamw) described.weight_decay = out.lambda;
  out.objective = objective_words(described, problem);
  out.epochs = way.stops_early ? static_cast<Index>(choice) + 1 : way.spec.epochs;
  std::vector<std::vector<double>> etas;
  for (const Index k : contest.judged_folds()) {
    const NetworkRows said = contest.said_of_all(contest.trained(w, k));
    out.fold_errors.push_back(judged(said, problem.training, contest.rows(k), measure));
    etas.push_back(said.eta);
  }
  const FoldMean mean = fold_mean(out.fold_errors, contest.judged_weights());
  out.mean = mean.mean;
  out.standard_error = mean.standard_error;
  out.coefficient_variation = std::nan("");
  out.prediction_variation = fold_variation(etas, true);
  take_weights(contest.trained(w, -1).network, out);
  out.seconds = contest.seconds(w);
  out.curves = mean_curves(contest, w);
  return out;
}

template <class T>
void hold(const CompareSpec& spec, const TrainProblem& problem, const KeptParts& parts, const Context& context,
          CompareFacts& facts) {
  NetworkContest<T> contest(spec, problem, parts, context);
  contest.run();
  const MeasureChoice measure = measure_of(spec);
  std::vector<Index> folds = contest.judged_folds();
  folds.push_back(-1);
  for (std::size_t w = 0; w < contest.ways().size(); ++w) {
    if (std::ranges::all_of(folds, [&](Index k) { return contest.trained(w, k).finite; })) {
      facts.candidates.push_back(candidate(contest, w, problem, measure));
    } else {
      facts.warnings.push_back(contest.ways()[w].name +
                               " is left out: its training diverged; give a smaller --learning-rate");
    }
  }
  if (facts.candidates.empty()) throw Error(ErrorKind::run, "training diverged everywhere; give a smaller --learning-rate");
  const double sign = measure == MeasureChoice::auc ? -1 : 1;
  const auto best = std::ranges::min_element(facts.candidates, {}, [&](const Candidate& one) { return sign * one.mean; });
  facts.best = static_cast<std::size_t>(best - facts.candidates.begin());
  for (Candidate& one : facts.candidates) {
    std::vector<double> differences;
    for (std::size_t k = 0; k < best->fold_errors.size(); ++k)
      differences.push_back(one.fold_errors[k] - best->fold_errors[k]);
    const FoldMean difference = fold_mean(differences, contest.judged_weights());
    one.difference = difference.mean;
    one.difference_error = difference.standard_error;
  }
  facts.n_folds = contest.n_folds();
  std::vector<double> errors;
  for (const Index k : contest.judged_folds())
    errors.push_back(judged(null_rows(problem, contest.training_rows(k, k)), problem.training, contest.rows(k), measure));
  facts.null_error = fold_mean(errors, contest.judged_weights()).mean;
}

}  // namespace

CompareFacts compare_networks(const CompareSpec& spec, const Table& table, const Context& context, const KeptParts& parts) {
  const auto start = std::chrono::steady_clock::now();
  const TrainSpec plain = contest_network(spec);
  const TrainProblem problem = make_train_problem(plain, table, {}, context);
  CompareFacts facts;
  facts.warnings = problem.warnings;
  facts.source = table.source.substr(table.source.find_last_of('/') + 1);
  facts.target = problem.target;
  facts.loss = to_string(problem.loss);
  facts.measure = measure_name(problem.loss, measure_of(spec));
  facts.rule = spec.select == SelectionRule::one_standard_error ? "1se" : "min";
  facts.feature_names = problem.feature_names;
  facts.n_samples = problem.training.n;
  facts.standardize = plain.standardises();
  facts.hidden = spec.hidden;
  facts.epochs = plain.epochs;
  facts.path = command_path(table);
  facts.options = command_options(spec);
  spec.precision == Precision::float64 ? hold<double>(spec, problem, parts, context, facts)
                                       : hold<float>(spec, problem, parts, context, facts);
  facts.advice = advise(facts);
  facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return facts;
}

}  // namespace riata
