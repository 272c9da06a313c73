#include "riata/app/train_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <mutex>
#include <numeric>
#include <span>

#include "riata/app/network_rows.hpp"
#include "riata/app/train_options.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Rows to train on and rows to judge on, of one fold.
struct FoldRows {
  RawRows training, judged;
  double weight = 0;  ///< of the judged rows
};

double weight_of(const RawRows& rows) {
  return rows.weights.empty() ? static_cast<double>(rows.n) : std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0);
}

std::vector<FoldRows> fold_rows(const TrainSpec& spec, const TrainProblem& problem) {
  const RawRows& all = problem.training;
  std::vector<FoldRows> out;
  if (spec.folds.value_or(0) == 0 && spec.fold_column.empty()) {
    out.push_back({all, *problem.validation, weight_of(*problem.validation)});
    return out;
  }
  const Folds folds = train_folds(spec, problem);
  for (Index k = 0; k < folds.n_folds; ++k) {
    std::vector<Index> training, judged;
    for (Index i = 0; i < all.n; ++i) {
      const Index fold = folds.validation[at(i)];
      if (fold == k) judged.push_back(i);
      if (folds.in_time ? fold < k : fold != k) training.push_back(i);
    }
    if (training.empty() || judged.empty()) continue;
    FoldRows rows{select_rows(all, training), select_rows(all, judged), 0};
    rows.weight = weight_of(rows.judged);
    out.push_back(std::move(rows));
  }
  return out;
}

struct Outcome {
  double measured = kNone;
  double zeros = 0, nonzero = 0;  ///< weights that are exactly zero, and the others
  double used = 0;                ///< inputs whose first weights are not all zero
};

template <class T>
void count_weights(const Network<T>& network, Outcome& outcome) {
  std::vector<bool> used(at(network.spec().inputs), false);
  for (const ParameterBlock& block : network.blocks()) {
    if (block.is_bias) continue;
    const std::span<const T> weights = network.of(block);
    const auto zeros = static_cast<double>(std::ranges::count(weights, T{0}));
    outcome.zeros += zeros;
    outcome.nonzero += static_cast<double>(block.size()) - zeros;
    for (std::size_t k = 0; k < weights.size() && block.layer == 0; ++k) {
      if (weights[k] != 0) used[k % used.size()] = true;
    }
  }
  outcome.used = static_cast<double>(std::ranges::count(used, true));
}

/// Over starts. One that diverged leaves no measure: its λ is not to be trusted.
Outcome mean_of(const std::vector<Outcome>& outcomes) {
  Outcome sum{.measured = 0};
  for (const Outcome& one : outcomes) {
    sum.measured += one.measured;
    sum.zeros += one.zeros;
    sum.nonzero += one.nonzero;
    sum.used += one.used;
  }
  const auto n = static_cast<double>(outcomes.size());
  return {sum.measured / n, sum.zeros / n, sum.nonzero / n, sum.used / n};
}

/// What a network says of rows, on the scale of the response.
template <class T>
NetworkRows said_of(const Network<T>& network, const Samples<T>& samples, const RawRows& rows, const TrainProblem& problem,
                    const Context& context) {
  NetworkRows out{problem.loss, problem.outputs(), std::vector<double>(at(rows.n * problem.outputs())),
                  problem.scaling.unit};
  forward(network, samples, Matrix(out.eta.data(), rows.n, out.outputs), context);
  for (double& one : out.eta) one = problem.scaling.shift + problem.scaling.unit * one;
  for (std::size_t i = 0; i < rows.offset.size(); ++i) out.eta[i] += rows.offset[i];
  return out;
}

/// Networks of every start for every λ: those of the first start first.
template <class T>
std::vector<TrainResult<T>> train_all(const TrainSpec& spec, std::span<const Network<T>> starts, const TrainData<T>& data,
                                      std::span<const TrainOptions> options, const Context& context) {
  std::vector<TrainResult<T>> out;
  if (spec.warms()) {
    for (const Network<T>& start : starts)
      std::ranges::move(train_warm(start, data, options, context), std::back_inserter(out));
    return out;
  }
  std::vector<Network<T>> from;
  std::vector<TrainOptions> with;
  for (const Network<T>& start : starts) {
    from.insert(from.end(), options.size(), start);
    with.insert(with.end(), options.begin(), options.end());
  }
  return train_side_by_side<T>(from, data, with, context);
}

/// Every λ on one fold, averaged over the starts. Rows are standardised by the fold's own training rows.
template <class T>
std::vector<Outcome> train_fold(const TrainSpec& spec, const TrainProblem& problem, std::span<const Network<T>> starts,
                                const FoldRows& rows, const std::vector<double>& lambdas, const Context& context) {
  TrainProblem fold;
  fold.loss = problem.loss;
  fold.classes = problem.classes;
  fold.feature_names = problem.feature_names;
  fold.input_factors = problem.input_factors;
  fold.scaling = scaling_of(rows.training, problem.inputs(), problem.loss, spec);
  const ScaledRows<T> training(rows.training, problem.inputs(), fold.scaling);
  const ScaledRows<T> judged(rows.judged, problem.inputs(), fold.scaling);
  TrainData<T> data{.training = training.samples(), .validation = {}, .test = {}};
  if (spec.patience > 0 || spec.schedule.kind == ScheduleOptions::Kind::plateau) data.validation = judged.samples();
  std::vector<TrainOptions> options;
  for (const double lambda : lambdas) options.push_back(train_options(spec, fold, lambda));
  const std::vector<TrainResult<T>> results = train_all<T>(spec, starts, data, options, context);
  std::vector<Outcome> by_lambda(lambdas.size());
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    std::vector<Outcome> by_start;
    for (std::size_t r = k; r < results.size(); r += lambdas.size()) {
      Outcome& one = by_start.emplace_back();
      if (results[r].status != Status::converged) continue;
      const NetworkRows said = said_of(results[r].network, judged.samples(), rows.judged, fold, context);
      one.measured =
          measure_of(said, rows.judged.response, rows.judged.weights, spec.measure.value_or(MeasureChoice::deviance));
      count_weights(results[r].network, one);
    }
    by_lambda[k] = mean_of(by_start);
  }
  return by_lambda;
}

/// Rows of one class have no area under the curve: such a fold does not count.
void leave_out_unmeasured(const TrainSpec& spec, std::vector<FoldRows>& folds) {
  if (spec.measure != MeasureChoice::auc) return;
  std::erase_if(folds, [](const FoldRows& fold) {
    const auto [least, most] = std::ranges::minmax(fold.judged.response);
    return least == most;
  });
  if (folds.empty()) {
    throw Error(ErrorKind::input, "--measure auc needs rows of both classes to judge on; give other folds or --validation");
  }
}

/// Mean by weight of the folds, standard error √(weighted variance/(K − 1)).
LambdaScore score_of(double lambda, const std::vector<FoldRows>& folds, std::span<const Outcome> outcomes) {
  double total = 0, mean = 0, variance = 0, zeros = 0, nonzero = 0, used = 0;
  for (const FoldRows& fold : folds) total += fold.weight;
  for (std::size_t k = 0; k < folds.size(); ++k) {
    mean += folds[k].weight / total * outcomes[k].measured;
    zeros += outcomes[k].zeros / static_cast<double>(folds.size());
    nonzero += outcomes[k].nonzero / static_cast<double>(folds.size());
    used += outcomes[k].used / static_cast<double>(folds.size());
  }
  for (std::size_t k = 0; k < folds.size(); ++k) {
    variance += folds[k].weight / total * (outcomes[k].measured - mean) * (outcomes[k].measured - mean);
  }
  const double error = folds.size() > 1 ? std::sqrt(variance / static_cast<double>(folds.size() - 1)) : kNone;
  return {lambda, mean, error, std::lround(zeros), std::lround(nonzero), std::lround(used)};
}

void choose(const TrainSpec& spec, TrainFacts& facts) {
  const double sign = spec.measure == MeasureChoice::auc ? -1 : 1;  // the larger the better
  const auto allowed = [&](Index k) {
    return facts.grid[at(k)].n_used <= spec.max_features.value_or(facts.grid[at(k)].n_used);
  };
  Index best = -1;
  for (Index k = 0; k < std::ssize(facts.grid); ++k) {
    if (!allowed(k) || std::isnan(facts.grid[at(k)].mean)) continue;
    if (best < 0 || sign * facts.grid[at(k)].mean < sign * facts.grid[at(best)].mean) best = k;
  }
  if (best < 0 && std::ranges::all_of(facts.grid, [](const LambdaScore& one) { return std::isnan(one.mean); })) {
    throw Error(ErrorKind::run, "training diverged for every λ; give a smaller --learning-rate");
  }
  if (best < 0) {
    const auto fewest = std::ranges::min(facts.grid, {}, &LambdaScore::n_used);
    throw Error(ErrorKind::run, fmt::format("--max-features {}: no λ of the grid leaves so few features (λ = {} leaves {}); "
                                            "give larger values of --lambda, or more epochs",
                                            *spec.max_features, to_text(fewest.lambda), fewest.n_used));
  }
  facts.index_min = facts.index_1se = best;
  const LambdaScore& least = facts.grid[at(best)];
  for (Index k = best; k >= 0; --k) {
    if (sign * facts.grid[at(k)].mean <= sign * least.mean + least.standard_error) facts.index_1se = k;
  }
  const bool by_1se =
      facts.n_folds > 1 && spec.select.value_or(SelectionRule::one_standard_error) == SelectionRule::one_standard_error;
  facts.rule = by_1se ? "1se" : "min";
}

}  // namespace

Folds train_folds(const TrainSpec& spec, const TrainProblem& problem) {
  const RawRows& all = problem.training;
  const auto seed = static_cast<std::uint64_t>(spec.seed);
  const Index n_folds = spec.folds.value_or(0);
  if (!spec.fold_column.empty()) return labelled_folds(problem.fold_labels, all.weights);
  if (spec.folds_in_time) return time_folds(all.n, n_folds, all.weights);
  if (!problem.group_labels.empty()) return group_folds(problem.group_labels, n_folds, seed, all.weights);
  if (!problem.classes.empty()) return stratified_folds(all.response, n_folds, seed, all.weights);
  return random_folds(all.n, n_folds, seed, all.weights);
}

template <class T>
std::vector<TrainResult<T>> train_warm(const Network<T>& start, const TrainData<T>& data,
                                       std::span<const TrainOptions> options, const Context& context) {
  std::vector<TrainResult<T>> results(options.size());
  const Network<T>* from = &start;
  for (std::size_t k = options.size(); k-- > 0;) {
    results[k] = train(*from, data, options[k], context);
    if (results[k].status == Status::converged) from = &results[k].network;
  }
  return results;
}

template <class T>
double judge_grid(const TrainSpec& spec, const TrainProblem& problem, std::span<const Network<T>> starts,
                  const std::vector<double>& lambdas, TrainFacts& facts, const Context& context) {
  facts.measure = measure_name(problem.loss, spec.measure.value_or(MeasureChoice::deviance));
  std::vector<FoldRows> folds = fold_rows(spec, problem);
  leave_out_unmeasured(spec, folds);
  const Index n_folds = std::ssize(folds), n = std::ssize(lambdas), networks = n_folds * n * std::ssize(starts);
  std::vector<std::vector<Outcome>> outcomes(at(n_folds));
  std::mutex telling;
  Index done = 0;
  Context quiet = context;
  quiet.on_progress = [&](const Progress&) {  // one epoch of one network
    const std::lock_guard lock(telling);
    if (context.on_progress) context.on_progress({"cross-validation", ++done, networks * spec.epochs});
  };
  context.for_blocks(n_folds,
                     [&](Index k) { outcomes[at(k)] = train_fold<T>(spec, problem, starts, folds[at(k)], lambdas, quiet); });
  if (context.interrupted()) {
    throw Error(ErrorKind::run, "interrupted before the grid of λ was finished: nothing is written");
  }
  facts.n_seeds = std::ssize(starts);
  facts.n_folds = spec.folds.value_or(0) == 0 && spec.fold_column.empty() ? 0 : n_folds;
  for (Index k = 0; k < n; ++k) {
    std::vector<Outcome> by_fold;
    for (const std::vector<Outcome>& fold : outcomes) by_fold.push_back(fold[at(k)]);
    facts.grid.push_back(score_of(lambdas[at(k)], folds, by_fold));
  }
  choose(spec, facts);
  return facts.grid[at(facts.rule == "1se" ? facts.index_1se : facts.index_min)].lambda;
}

template std::vector<TrainResult<float>> train_warm(const Network<float>&, const TrainData<float>&,
                                                    std::span<const TrainOptions>, const Context&);
template std::vector<TrainResult<double>> train_warm(const Network<double>&, const TrainData<double>&,
                                                     std::span<const TrainOptions>, const Context&);
template double judge_grid(const TrainSpec&, const TrainProblem&, std::span<const Network<float>>,
                           const std::vector<double>&, TrainFacts&, const Context&);
template double judge_grid(const TrainSpec&, const TrainProblem&, std::span<const Network<double>>,
                           const std::vector<double>&, TrainFacts&, const Context&);

}  // namespace riata
