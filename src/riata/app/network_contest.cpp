#include "riata/app/network_contest.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/app/train_grid.hpp"
#include "riata/app/train_options.hpp"
#include "riata/core/error.hpp"
#include "riata/selection/contest.hpp"

namespace riata {
namespace {

constexpr Index kFolds = 5;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double weight_of(const std::vector<double>& weights, const std::vector<Index>& rows) {
  if (weights.empty()) return static_cast<double>(rows.size());
  return std::accumulate(rows.begin(), rows.end(), 0.0, [&](double sum, Index i) { return sum + weights[at(i)]; });
}

}  // namespace

template <class T>
NetworkContest<T>::NetworkContest(const CompareSpec& spec, const TrainProblem& problem, const Context& context)
    : spec_(spec), problem_(problem), context_(context), single_(1), ways_(network_ways(spec, problem, context)) {
  single_.interrupt = context.interrupt;
  single_.memory_budget = context.memory_budget;
  take_folds();
}

template <class T>
void NetworkContest<T>::take_folds() {
  TrainSpec spec = ways_[0].spec;
  if (!spec.folds && spec.fold_column.empty()) spec.folds = kFolds;
  const Folds folds = train_folds(spec, problem_);
  in_time_ = folds.in_time;
  rows_.resize(at(folds.n_folds));
  for (Index i = 0; i < std::ssize(folds.validation); ++i) {
    const Index fold = folds.validation[at(i)];
    if (fold >= 0) rows_[at(fold)].push_back(i);
    const bool counts = problem_.training.weights.empty() || problem_.training.weights[at(i)] > 0;
    if (fold < 0 && in_time_ && counts) first_rows_.push_back(i);
  }
  std::erase_if(rows_, [](const std::vector<Index>& rows) { return rows.empty(); });
  if (n_folds() < 3) {
    throw Error(ErrorKind::argument, "a comparison needs at least three folds: two to choose with, one to judge on");
  }
  for (const auto& rows : rows_) weights_.push_back(weight_of(problem_.training.weights, rows));
  for (Index k = in_time_ ? 1 : 0; k < n_folds(); ++k) {
    judged_.push_back(k);
    judged_weights_.push_back(weights_[at(k)]);
  }
}

template <class T>
void NetworkContest<T>::run() {
  choose();
  judge();
}

template <class T>
std::vector<Index> NetworkContest<T>::training_rows(Index j, Index k) const {
  std::vector<Index> out = first_rows_;
  for (Index f = 0; f < n_folds(); ++f) {
    const bool used = j < 0 || (in_time_ ? f < j : f != j && f != k);
    if (used) out.insert(out.end(), rows_[at(f)].begin(), rows_[at(f)].end());
  }
  std::ranges::sort(out);
  return out;
}

template <class T>
ContestTraining<T> NetworkContest<T>::train_on(Index j, Index k, const NetworkWay& way, double strength,
                                               Index epochs) const {
  const auto start = std::chrono::steady_clock::now();
  const RawRows training = select_rows(problem_.training, training_rows(j, k));
  TrainProblem own;
  own.loss = problem_.loss;
  own.classes = problem_.classes;
  own.feature_names = problem_.feature_names;
  ContestTraining<T> out;
  out.scaling = own.scaling = scaling_of(training, problem_.inputs(), problem_.loss, way.spec);
  const ScaledRows<T> scaled(training, problem_.inputs(), own.scaling);
  TrainData<T> data{.training = scaled.samples(), .validation = {}, .test = {}};
  std::optional<ScaledRows<T>> first, second;
  const auto watch = [&](Index fold, auto& place, auto& part) {
    place.emplace(select_rows(problem_.training, rows_[at(fold)]), problem_.inputs(), own.scaling);
    part = place->samples();
  };
  if (j >= 0) watch(j, first, data.validation);
  if (k >= 0 && k != j) watch(k, second, data.test);
  TrainOptions options = way_options(way, own, strength);
  options.epochs = epochs;
  out.result = train(initial_network<T>(network_spec(way.spec, problem_), static_cast<std::uint64_t>(spec_.seed)), data,
                     options, single_);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return out;
}

template <class T>
void NetworkContest<T>::in_parallel(Index n, const std::function<void(Index)>& task) {
  context_.for_blocks(n, [&](Index i) {
    if (context_.interrupted()) return;
    task(i);
    const std::lock_guard lock(mutex_);
    if (context_.on_progress) context_.on_progress({"comparing", ++steps_, total_steps_});
  });
  if (context_.interrupted()) throw Error(ErrorKind::run, "interrupted: a comparison has no result before its end");
}

/// Every strength of every way without each pair of folds; in time order without each fold and what follows it. Stopping
/// early shares its trainings with the first way.
template <class T>
void NetworkContest<T>::choose() {
  std::vector<std::pair<std::size_t, std::size_t>> entries;  // way, strength
  for (std::size_t w = 0; w < ways_.size(); ++w) {
    for (std::size_t s = 0; s < ways_[w].strengths.size() && !ways_[w].stops_early; ++s) entries.emplace_back(w, s);
  }
  std::vector<std::pair<Index, Index>> pairs;
  for (Index k = 0; k < n_folds(); ++k) {
    for (Index j = in_time_ ? k : 0; j < k + (in_time_ ? 1 : 0); ++j) pairs.emplace_back(j, k);
  }
  const Index epochs = ways_[0].spec.epochs, n_entries = std::ssize(entries);
  total_steps_ = std::ssize(pairs) * n_entries + (std::ssize(judged_) + 1) * std::ssize(ways_);
  for (const NetworkWay& way : ways_) {
    const std::size_t choices = way.stops_early ? at(epochs) : way.strengths.size();
    losses_.emplace_back(at(n_folds() * n_folds()), std::vector<double>(choices, kInfinite));
  }
  seconds_.assign(ways_.size(), 0.0);
  in_parallel(std::ssize(pairs) * n_entries, [&](Index i) {
    const auto [j, k] = pairs[at(i / n_entries)];
    const auto [w, s] = entries[at(i % n_entries)];
    const ContestTraining<T> training = train_on(j, k, ways_[w], ways_[w].strengths[s], epochs);
    const std::lock_guard lock(mutex_);
    seconds_[w] += training.seconds;
    if (w == 0) seconds_[1] += training.seconds;
    if (training.finite()) keep_losses(w, s, j, k, training);
  });
}

/// Fold j was watched as validation rows, fold k (where it is another) as test rows.
template <class T>
void NetworkContest<T>::keep_losses(std::size_t way, std::size_t strength, Index j, Index k,
                                    const ContestTraining<T>& training) {
  const auto& history = training.result.history;
  losses_of(way, j, k)[strength] = history.back().validation_loss * training.factor();
  if (j != k) losses_of(way, k, j)[strength] = history.back().test_loss * training.factor();
  if (way != 0) return;
  for (const EpochRecord& record : history) {
    losses_of(1, j, k)[at(record.epoch - 1)] = record.validation_loss * training.factor();
    if (j != k) losses_of(1, k, j)[at(record.epoch - 1)] = record.test_loss * training.factor();
  }
}

/// By the rule over the losses on the other folds (in time order on those before it); −1: over all. A fold's loss is the
/// mean over the trainings that left it out. Of equals the first, the most strongly held back.
template <class T>
std::size_t NetworkContest<T>::best_choice(std::size_t way, Index without) const {
  std::vector<double> weights;
  std::vector<std::vector<double>> by_fold;
  for (Index j = 0; j < n_folds(); ++j) {
    if (without >= 0 && (in_time_ ? j >= without : j == without)) continue;
    std::vector<Index> trainings;
    for (Index k = 0; k < n_folds(); ++k) {
      if (in_time_ ? k == j : k != j && (without < 0 || k == without)) trainings.push_back(k);
    }
    std::vector<double> mean(losses_[way].front().size(), 0.0);
    for (const Index k : trainings) {
      const std::vector<double>& losses = losses_[way][at(j * n_folds() + k)];
      for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += losses[c] / static_cast<double>(trainings.size());
    }
    by_fold.push_back(std::move(mean));
    weights.push_back(weights_[at(j)]);
  }
  std::vector<FoldMean> all;
  for (std::size_t c = 0; c < by_fold.front().size(); ++c) {
    std::vector<double> values;
    for (const auto& fold : by_fold) values.push_back(fold[c]);
    all.push_back(fold_mean(values, weights));
  }
  const auto least = std::ranges::min_element(all, {}, &FoldMean::mean);
  const bool by_1se = spec_.select == SelectionRule::one_standard_error && std::isfinite(least->standard_error);
  const double bound = least->mean + (by_1se ? least->standard_error : 0);
  const auto chosen = std::ranges::find_if(all, [&](const FoldMean& one) { return one.mean <= bound; });
  return static_cast<std::size_t>((chosen == all.end() ? least : chosen) - all.begin());
}

/// Every way with its choice, for every fold that is judged and for all rows.
template <class T>
void NetworkContest<T>::judge() {
  const Index n = std::ssize(ways_);
  std::vector<Index> folds = judged_;
  folds.push_back(-1);
  trained_.resize(at((n_folds() + 1) * n));
  in_parallel(std::ssize(folds) * n, [&](Index i) {
    const Index fold = folds[at(i / n)];
    const auto w = at(i % n);
    const NetworkWay& way = ways_[w];
    const std::size_t choice = best_choice(w, fold);
    const double strength = way.stops_early ? 0 : way.strengths[choice];
    const Index epochs = way.stops_early ? static_cast<Index>(choice) + 1 : way.spec.epochs;
    ContestTraining<T> training = train_on(fold, fold, way, strength, epochs);
    const std::lock_guard lock(mutex_);
    seconds_[w] += training.seconds;
    trained_[at((fold < 0 ? n_folds() : fold) * n) + w] = std::move(training);
  });
}

template <class T>
NetworkRows NetworkContest<T>::said_of_all(const ContestTraining<T>& one) const {
  const ScaledRows<T> rows(problem_.training, problem_.inputs(), one.scaling);
  const Index n = problem_.training.n;
  NetworkRows out{problem_.loss, problem_.outputs(), std::vector<double>(at(n * problem_.outputs())), one.scaling.unit};
  forward(one.result.network, rows.samples(), Matrix(out.eta.data(), n, out.outputs), single_);
  for (double& value : out.eta) value = one.scaling.shift + one.scaling.unit * value;
  return out;
}

template class NetworkContest<float>;
template class NetworkContest<double>;

}  // namespace riata
