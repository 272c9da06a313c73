#include "riata/app/network_contest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/app/train_fingerprint.hpp"
#include "riata/app/train_grid.hpp"
#include "riata/app/train_options.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
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

/// A part's numbers: seconds, whether the training stayed finite, and three losses an epoch.
constexpr std::size_t kHead = 2, kLosses = 3;

template <class T>
GridPart<T> part_of(const ContestTraining<T>& training) {
  GridPart<T> out{.numbers = {training.seconds, training.finite ? 1.0 : 0.0}, .parameters = {}};
  for (const EpochRecord& one : training.history) {
    out.numbers.insert(out.numbers.end(), {one.training_loss, one.validation_loss, one.test_loss});
  }
  const auto parameters = training.network.parameters();
  out.parameters.assign(parameters.begin(), parameters.end());
  return out;
}

}  // namespace

template <class T>
NetworkContest<T>::NetworkContest(const CompareSpec& spec, const TrainProblem& problem, const KeptParts& parts,
                                  const Context& context)
    : spec_(spec),
      problem_(problem),
      context_(context),
      single_(1),
      ways_(network_ways(spec, problem, context)),
      parts_(parts.keep || !parts.found.empty() ? contest_fingerprint(spec, problem, ways_) : std::string(), parts),
      n_finished_(parts_.n_found()) {
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
TrainResult<T> NetworkContest<T>::result_of(const ContestTask& task, const RawRows& training, const Scaling& scaling) const {
  const NetworkWay& way = ways_[task.way];
  TrainProblem own;
  own.loss = problem_.loss;
  own.classes = problem_.classes;
  own.feature_names = problem_.feature_names;
  own.scaling = scaling;
  const ScaledRows<T> scaled(training, problem_.inputs(), scaling, way.spec.batch_size);
  TrainData<T> data{.training = scaled.samples(), .validation = {}, .test = {}};
  std::optional<ScaledRows<T>> first, second;
  const auto watch = [&](Index fold, auto& place, auto& part) {
    place.emplace(select_rows(problem_.training, rows_[at(fold)]), problem_.inputs(), scaling);
    part = place->samples();
  };
  if (task.j >= 0) watch(task.j, first, data.validation);
  if (task.k >= 0 && task.k != task.j) watch(task.k, second, data.test);
  TrainOptions options = way_options(way, own, task.strength);
  options.epochs = task.epochs;
  return train(initial_network<T>(network_spec(way.spec, problem_), static_cast<std::uint64_t>(spec_.seed)), data, options,
               single_);
}

template <class T>
ContestTraining<T> NetworkContest<T>::train_on(const ContestTask& task) {
  const auto start = std::chrono::steady_clock::now();
  const RawRows training = select_rows(problem_.training, training_rows(task.j, task.k));
  ContestTraining<T> out;
  out.scaling = scaling_of(training, problem_.inputs(), problem_.loss, ways_[task.way].spec);
  if (take_kept(task, out)) return out;
  TrainResult<T> result = result_of(task, training, out.scaling);
  if (result.status == Status::interrupted) return out;
  out.finite = result.status == Status::converged;
  const bool whole = task.chosen || task.way == 0;  // early stopping chooses among the epochs of the first way
  const std::size_t dropped = whole || result.history.empty() ? 0 : result.history.size() - 1;
  out.history.assign(result.history.begin() + static_cast<std::ptrdiff_t>(dropped), result.history.end());
  if (task.chosen) out.network = std::move(result.network);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  parts_.keep(task.number, part_of(out));
  const std::lock_guard lock(mutex_);
  if (context_.on_progress) context_.on_progress({"comparing", ++n_finished_, n_trainings_});
  return out;
}

template <class T>
bool NetworkContest<T>::take_kept(const ContestTask& task, ContestTraining<T>& out) const {
  const GridPart<T>* part = parts_.find(task.number);
  if (part == nullptr) return false;
  const bool headed = part->numbers.size() >= kHead && (part->numbers.size() - kHead) % kLosses == 0;
  const Index epochs = headed ? static_cast<Index>((part->numbers.size() - kHead) / kLosses) : -1;
  if (task.chosen) out.network = Network<T>(network_spec(ways_[task.way].spec, problem_));
  out.finite = headed && part->numbers[1] != 0;
  const Index expected = task.chosen || task.way == 0 ? task.epochs : 1;
  if (epochs < 0 || (out.finite && epochs != expected) || part->parameters.size() != out.network.parameters().size()) {
    throw Error(ErrorKind::input,
                "--resume: a part of the contest does not hold what this version writes; remove it: number " +
                    std::to_string(task.number));
  }
  std::ranges::copy(part->parameters, out.network.parameters().begin());
  for (Index e = 0; e < epochs; ++e) {
    const double* losses = &part->numbers[kHead + kLosses * at(e)];
    EpochRecord& one = out.history.emplace_back();
    one.epoch = e + 1;
    one.training_loss = losses[0];
    one.validation_loss = losses[1];
    one.test_loss = losses[2];
  }
  out.seconds = part->numbers[0];
  return true;
}

template <class T>
void NetworkContest<T>::in_parallel(Index n, const std::function<void(Index)>& task) {
  context_.for_blocks(n, [&](Index i) {
    if (!context_.interrupted()) task(i);
  });
  if (!context_.interrupted()) return;
  throw Error(ErrorKind::run,
              parts_.keeps() ? fmt::format("interrupted: {} of {} trainings of the comparison are finished, and kept in {}; "
                                           "--resume goes on from there",
                                           n_finished_, n_trainings_, printable(spec_.checkpoint))
                             : "interrupted: a comparison has no result before its end; --checkpoint DIR keeps the "
                               "trainings that are finished");
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
  n_choices_ = std::ssize(pairs) * n_entries;
  n_trainings_ = n_choices_ + (std::ssize(judged_) + 1) * std::ssize(ways_);
  if (n_finished_ > 0 && context_.on_log) {
    context_.on_log(fmt::format("{} of {} trainings of the comparison are there already", n_finished_, n_trainings_));
  }
  for (const NetworkWay& way : ways_) {
    const std::size_t choices = way.stops_early ? at(epochs) : way.strengths.size();
    losses_.emplace_back(at(n_folds() * n_folds()), std::vector<double>(choices, kInfinite));
  }
  seconds_.assign(ways_.size(), 0.0);
  in_parallel(n_choices_, [&](Index i) {
    const auto [j, k] = pairs[at(i / n_entries)];
    const auto [w, s] = entries[at(i % n_entries)];
    const ContestTask task{i, j, k, w, ways_[w].strengths[s], epochs};
    const ContestTraining<T> training = train_on(task);
    const std::lock_guard lock(mutex_);
    seconds_[w] += training.seconds;
    if (w == 0) seconds_[1] += training.seconds;
    if (training.finite) keep_losses(task, s, training);
  });
}

/// Fold j was watched as validation rows, fold k (where it is another) as test rows.
template <class T>
void NetworkContest<T>::keep_losses(const ContestTask& task, std::size_t strength, const ContestTraining<T>& training) {
  const Index j = task.j, k = task.k;
  const EpochRecord& last = training.history.back();
  losses_of(task.way, j, k)[strength] = last.validation_loss * training.factor();
  if (j != k) losses_of(task.way, k, j)[strength] = last.test_loss * training.factor();
  if (task.way != 0) return;
  for (const EpochRecord& record : training.history) {
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
    ContestTraining<T> training = train_on({n_choices_ + i, fold, fold, w, strength, epochs, true});
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
  forward(one.network, rows.samples(), Matrix(out.eta.data(), n, out.outputs), single_);
  for (double& value : out.eta) value = one.scaling.shift + one.scaling.unit * value;
  return out;
}

template class NetworkContest<float>;
template class NetworkContest<double>;

}  // namespace riata
