#include "riata/app/compare_networks.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>

#include "riata/app/fold_variation.hpp"
#include "riata/app/option.hpp"
#include "riata/app/train_grid.hpp"
#include "riata/app/train_options.hpp"
#include "riata/core/error.hpp"
#include "riata/selection/contest.hpp"

namespace riata {
namespace {

constexpr Index kFolds = 5, kStrengths = 8;
constexpr double kDecades = 1e-4;   // smallest strength over the largest
constexpr double kMostL2 = 1;       // in units of the standardised target
constexpr double kMostDecay = 0.5;  // of a weight, a step
constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// What `riata train` has to be told as well to train on the same columns: not what the contest itself decides.
std::vector<std::pair<std::string, std::string>> shared_options(const CompareSpec& spec) {
  constexpr std::array kOfTheContest = {"target",  "hidden",           "epochs", "folds",
                                        "lambdas", "lambda-min-ratio", "select", "measure"};
  auto out = recorded_options(spec);
  std::erase_if(out, [&](const auto& one) { return std::ranges::find(kOfTheContest, one.first) != kOfTheContest.end(); });
  return out;
}

/// One contestant: how it is held back, and the strengths it may take.
struct Way {
  std::string name;
  TrainSpec spec;
  std::vector<double> strengths;
  bool stops_early = false;
};

TrainSpec train_spec(const CompareSpec& spec) {
  TrainSpec out;
  static_cast<ModelSpec&>(out) = spec;
  out.hidden = spec.hidden;
  out.activation = spec.activation;
  out.epochs = spec.epochs.value_or(out.epochs);
  out.batch_size = spec.batch_size.value_or(out.batch_size);
  out.scaled = spec.standardize;
  out.validation = "0";
  out.penalty = PenaltyChoice::none;
  if (spec.loss == LossChoice::squared) out.network_loss = NetworkLoss::squared;
  if (spec.loss == LossChoice::logistic) out.network_loss = NetworkLoss::logistic;
  return out;
}

std::vector<double> strengths_from(double largest, Index n) {
  std::vector<double> out;
  for (Index k = 0; k < n; ++k) {
    out.push_back(largest * std::pow(kDecades, n == 1 ? 0.0 : static_cast<double>(k) / static_cast<double>(n - 1)));
  }
  return out;
}

std::vector<Way> ways_of(const CompareSpec& spec, const TrainProblem& problem, const Context& context) {
  const TrainSpec plain = train_spec(spec);
  const Index n = spec.n_lambdas.value_or(kStrengths);
  std::vector<Way> out = {{"none", plain, {0}}, {"early-stopping", plain, {0}, true}};
  Way l2{"l2", plain, strengths_from(kMostL2, n)};
  l2.spec.penalty = PenaltyChoice::l2;
  Way decay{"adamw", plain, strengths_from(kMostDecay / plain.learning_rate.value_or(kDefaultRate), n)};
  decay.spec.optimizer = OptimizerKind::adamw;
  Way l1{"l1", plain, {}};
  l1.spec.penalty = PenaltyChoice::l1;
  l1.spec.n_lambdas = n;
  l1.spec.lambda_min_ratio = kDecades;
  l1.strengths = train_lambdas(l1.spec, problem, context);
  out.insert(out.end(), {std::move(l2), std::move(decay), std::move(l1)});
  return out;
}

TrainOptions options_of(const Way& way, const TrainProblem& problem, double strength) {
  TrainSpec spec = way.spec;
  if (spec.optimizer == OptimizerKind::adamw) spec.weight_decay = strength;
  return train_options(spec, problem, spec.optimizer == OptimizerKind::adamw ? 0 : strength);
}

/// One training: on some rows, watched on one or two other sets of rows. Losses are in units of the response.
template <class T>
struct Outcome {
  TrainResult<T> result;
  Scaling scaling;
  double seconds = 0;

  double factor() const { return scaling.unit * scaling.unit; }
  bool finite() const { return result.status == Status::converged || result.status == Status::iteration_limit; }
};

template <class T>
class NetworkContest {
 public:
  NetworkContest(const CompareSpec& spec, const TrainProblem& problem, const Context& context)
      : spec_(spec), problem_(problem), context_(context), single_(1), ways_(ways_of(spec, problem, context)) {
    single_.interrupt = context.interrupt;
    single_.memory_budget = context.memory_budget;
    TrainSpec folds = ways_[0].spec;
    if (!folds.folds && folds.fold_column.empty()) folds.folds = kFolds;
    const Folds made = train_folds(folds, problem);
    rows_.resize(at(made.n_folds));
    for (Index i = 0; i < std::ssize(made.validation); ++i) {
      if (made.validation[at(i)] >= 0) rows_[at(made.validation[at(i)])].push_back(i);
    }
    std::erase_if(rows_, [](const std::vector<Index>& rows) { return rows.empty(); });
    if (n_folds() < 3) {
      throw Error(ErrorKind::argument, "a comparison needs at least three folds: two to choose with, one to judge on");
    }
    for (const auto& rows : rows_) weights_.push_back(weight_of(rows));
  }

  Index n_folds() const { return std::ssize(rows_); }

  void run(CompareFacts& facts) {
    choose();
    judge();
    finish(facts);
  }

 private:
  /// A way with one of its strengths. Early stopping shares its trainings with the first way.
  struct Entry {
    std::size_t way = 0, strength = 0;
  };

  double weight_of(const std::vector<Index>& rows) const {
    const auto& weights = problem_.training.weights;
    if (weights.empty()) return static_cast<double>(rows.size());
    return std::accumulate(rows.begin(), rows.end(), 0.0, [&](double sum, Index i) { return sum + weights[at(i)]; });
  }

  /// All rows but those of folds j and k; −1 for none.
  std::vector<Index> rows_without(Index j, Index k) const {
    std::vector<Index> out;
    for (Index f = 0; f < n_folds(); ++f) {
      if (f != j && f != k) out.insert(out.end(), rows_[at(f)].begin(), rows_[at(f)].end());
    }
    std::ranges::sort(out);
    return out;
  }

  /// Trains without folds j and k, watching both; j = k: without one; −1: on all rows.
  Outcome<T> train_without(Index j, Index k, const Way& way, double strength, Index epochs) const {
    const auto start = std::chrono::steady_clock::now();
    const RawRows training = select_rows(problem_.training, problem_.inputs(), rows_without(j, k));
    TrainProblem own;
    own.loss = problem_.loss;
    own.classes = problem_.classes;
    own.feature_names = problem_.feature_names;
    Outcome<T> out;
    out.scaling = own.scaling = scaling_of(training, problem_.inputs(), problem_.loss, way.spec);
    const ScaledRows<T> scaled(training, problem_.inputs(), own.scaling);
    TrainData<T> data{.training = scaled.samples(), .validation = {}, .test = {}};
    std::optional<ScaledRows<T>> first, second;
    const auto watch = [&](Index fold, auto& place, auto& part) {
      place.emplace(select_rows(problem_.training, problem_.inputs(), rows_[at(fold)]), problem_.inputs(), own.scaling);
      part = place->samples();
    };
    if (j >= 0) watch(j, first, data.validation);
    if (k >= 0 && k != j) watch(k, second, data.test);
    TrainOptions options = options_of(way, own, strength);
    options.epochs = epochs;
    out.result = train(initial_network<T>(network_spec(way.spec, problem_), static_cast<std::uint64_t>(spec_.seed)), data,
                       options, single_);
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return out;
  }

  void in_parallel(Index n, const std::function<void(Index)>& task) {
    context_.for_blocks(n, [&](Index i) {
      if (context_.interrupted()) return;
      task(i);
      const std::lock_guard lock(mutex_);
      if (context_.on_progress) context_.on_progress({"comparing", ++steps_, total_steps_});
    });
    if (context_.interrupted()) throw Error(ErrorKind::run, "interrupted: a comparison has no result before its end");
  }

  /// For every fold: the strength and the number of epochs, by the losses on all other folds.
  void choose() {
    std::vector<Entry> entries;
    for (std::size_t w = 0; w < ways_.size(); ++w) {
      for (std::size_t s = 0; s < ways_[w].strengths.size() && !ways_[w].stops_early; ++s) entries.push_back({w, s});
    }
    const Index epochs = ways_[0].spec.epochs, n_entries = std::ssize(entries);
    std::vector<std::pair<Index, Index>> pairs;
    for (Index k = 0; k < n_folds(); ++k) {
      for (Index j = 0; j < k; ++j) pairs.emplace_back(j, k);
    }
    total_steps_ = std::ssize(pairs) * n_entries + (n_folds() + 1) * std::ssize(ways_);
    losses_.assign(ways_.size(), {});
    for (std::size_t w = 0; w < ways_.size(); ++w) {
      const std::size_t choices = ways_[w].stops_early ? at(epochs) : ways_[w].strengths.size();
      losses_[w].assign(at(n_folds() * n_folds()), std::vector<double>(choices, kInfinite));
    }
    seconds_.assign(ways_.size(), 0.0);
    in_parallel(std::ssize(pairs) * n_entries, [&](Index i) {
      const auto [j, k] = pairs[at(i / n_entries)];
      const Entry& entry = entries[at(i % n_entries)];
      const Way& way = ways_[entry.way];
      const Outcome<T> outcome = train_without(j, k, way, way.strengths[entry.strength], epochs);
      const std::lock_guard lock(mutex_);
      seconds_[entry.way] += outcome.seconds;
      if (!outcome.finite()) return;
      const EpochRecord& last = outcome.result.history.back();
      losses_[entry.way][at(k * n_folds() + j)][entry.strength] = last.validation_loss * outcome.factor();
      losses_[entry.way][at(j * n_folds() + k)][entry.strength] = last.test_loss * outcome.factor();
      if (entry.way != 0) return;
      seconds_[1] += outcome.seconds;
      for (const EpochRecord& record : outcome.result.history) {
        losses_[1][at(k * n_folds() + j)][at(record.epoch - 1)] = record.validation_loss * outcome.factor();
        losses_[1][at(j * n_folds() + k)][at(record.epoch - 1)] = record.test_loss * outcome.factor();
      }
    });
  }

  /// The choice of least mean loss; `without`: for this outer fold, −1: for all rows. Of equals the first, the most strongly
  /// held back.
  std::size_t best_choice(std::size_t way, Index without) const {
    std::vector<double> mean(losses_[way][1].size(), 0.0);
    for (Index k = 0; k < n_folds(); ++k) {
      for (Index j = 0; j < n_folds(); ++j) {
        if (j == k || (without >= 0 && k != without)) continue;
        for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += weights_[at(j)] * losses_[way][at(k * n_folds() + j)][c];
      }
    }
    return static_cast<std::size_t>(std::ranges::min_element(mean) - mean.begin());
  }

  Outcome<T> train_choice(Index fold, std::size_t w, std::size_t choice) const {
    const Way& way = ways_[w];
    const double strength = way.stops_early ? 0 : way.strengths[choice];
    return train_without(fold, fold, way, strength, way.stops_early ? static_cast<Index>(choice) + 1 : way.spec.epochs);
  }

  /// Every way with its choice, on all folds but one, judged there; and once on all rows.
  void judge() {
    const Index n = std::ssize(ways_);
    outcomes_.resize(at((n_folds() + 1) * n));
    in_parallel((n_folds() + 1) * n, [&](Index i) {
      const Index fold = i / n < n_folds() ? i / n : -1;
      const auto w = at(i % n);
      Outcome<T> outcome = train_choice(fold, w, best_choice(w, fold));
      const std::lock_guard lock(mutex_);
      seconds_[w] += outcome.seconds;
      outcomes_[at(i)] = std::move(outcome);
    });
  }

  const Outcome<T>& outcome(Index fold, std::size_t w) const { return outcomes_[at(fold) * ways_.size() + w]; }

  double error_of(const Outcome<T>& one) const {
    const EpochRecord& last = one.result.history.back();
    if (spec_.measure == MeasureChoice::error) return 1 - last.validation_accuracy;
    return 2 * one.factor() * last.validation_loss;  // mse, deviance
  }

  /// Of all rows, in units of the response (of η for classes).
  std::vector<double> predictions(const Outcome<T>& one) const {
    const ScaledRows<T> rows(problem_.training, problem_.inputs(), one.scaling);
    const Index n = problem_.training.n, outputs = problem_.outputs();
    std::vector<double> eta(at(n * outputs));
    forward(one.result.network, rows.samples().features, Matrix(eta.data(), n, outputs), single_);
    for (double& value : eta) value = one.scaling.shift + one.scaling.unit * value;
    return eta;
  }

  /// Mean over folds of the losses by epoch, as far as all folds were trained.
  LossCurves curves(std::size_t w) const {
    LossCurves out;
    std::size_t epochs = at(ways_[w].spec.epochs);
    for (Index k = 0; k < n_folds(); ++k) epochs = std::min(epochs, outcome(k, w).result.history.size());
    out.training.assign(epochs, 0.0);
    out.validation.assign(epochs, 0.0);
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (Index k = 0; k < n_folds(); ++k) {
      const double share = weights_[at(k)] / total * outcome(k, w).factor();
      for (std::size_t e = 0; e < epochs; ++e) {
        out.training[e] += share * outcome(k, w).result.history[e].training_loss;
        out.validation[e] += share * outcome(k, w).result.history[e].validation_loss;
      }
    }
    return out;
  }

  Candidate candidate(std::size_t w) const {
    const Way& way = ways_[w];
    Candidate out;
    out.penalty = way.name;
    out.l1_ratio = way.name == "l1" ? 1 : 0;
    const std::size_t choice = best_choice(w, -1);
    out.lambda = way.stops_early ? 0 : way.strengths[choice];
    out.epochs = way.stops_early ? static_cast<Index>(choice) + 1 : way.spec.epochs;
    std::vector<std::vector<double>> etas;
    for (Index k = 0; k < n_folds(); ++k) {
      out.fold_errors.push_back(error_of(outcome(k, w)));
      etas.push_back(predictions(outcome(k, w)));
    }
    const FoldMean mean = fold_mean(out.fold_errors, weights_);
    out.mean = mean.mean;
    out.standard_error = mean.standard_error;
    out.coefficient_variation = std::nan("");
    out.prediction_variation = fold_variation(etas, true);
    const Network<T>& network = outcome(n_folds(), w).result.network;
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
    out.seconds = seconds_[w];
    out.curves = curves(w);
    return out;
  }

  void finish(CompareFacts& facts) const {
    for (std::size_t w = 0; w < ways_.size(); ++w) {
      bool finite = true;
      for (Index k = 0; k <= n_folds(); ++k) finite = finite && outcome(k, w).finite();
      if (finite) {
        facts.candidates.push_back(candidate(w));
      } else {
        facts.warnings.push_back(ways_[w].name + " is left out: its training diverged; give a smaller --learning-rate");
      }
    }
    if (facts.candidates.empty())
      throw Error(ErrorKind::run, "training diverged everywhere; give a smaller --learning-rate");
    const auto best = std::ranges::min_element(facts.candidates, {}, &Candidate::mean);
    facts.best = static_cast<std::size_t>(best - facts.candidates.begin());
    for (Candidate& one : facts.candidates) {
      std::vector<double> differences;
      for (std::size_t k = 0; k < weights_.size(); ++k) differences.push_back(one.fold_errors[k] - best->fold_errors[k]);
      const FoldMean difference = fold_mean(differences, weights_);
      one.difference = difference.mean;
      one.difference_error = difference.standard_error;
    }
    facts.n_folds = n_folds();
    facts.null_error = null_error();
  }

  /// Of the mean, or the shares of the classes, of the other folds.
  double null_error() const {
    std::vector<double> errors;
    for (Index k = 0; k < n_folds(); ++k) {
      const RawRows training = select_rows(problem_.training, problem_.inputs(), rows_without(k, k));
      const RawRows judged = select_rows(problem_.training, problem_.inputs(), rows_[at(k)]);
      errors.push_back(null_error(training, judged));
    }
    return fold_mean(errors, weights_).mean;
  }

  double null_error(const RawRows& training, const RawRows& judged) const {
    const auto weight = [](const RawRows& rows, Index i) { return rows.weights.empty() ? 1.0 : rows.weights[at(i)]; };
    const bool classes = !problem_.classes.empty();
    std::vector<double> share(std::max<std::size_t>(1, problem_.classes.size()), 0.0);
    double total = 0, mean = 0, judged_total = 0, out = 0;
    for (Index i = 0; i < training.n; ++i) {
      total += weight(training, i);
      mean += weight(training, i) * training.response[at(i)];
      if (classes) share[static_cast<std::size_t>(training.response[at(i)])] += weight(training, i);
    }
    const auto likeliest = static_cast<double>(std::ranges::max_element(share) - share.begin());
    for (Index i = 0; i < judged.n; ++i) {
      const double y = judged.response[at(i)], w = weight(judged, i);
      judged_total += w;
      if (!classes) {
        out += w * (y - mean / total) * (y - mean / total);
      } else if (spec_.measure == MeasureChoice::error) {
        out += w * (y == likeliest ? 0 : 1);
      } else {
        out -= 2 * w * std::log(share[static_cast<std::size_t>(y)] / total);
      }
    }
    return out / judged_total;
  }

  const CompareSpec& spec_;
  const TrainProblem& problem_;
  const Context& context_;
  Context single_;
  std::vector<Way> ways_;
  std::vector<std::vector<Index>> rows_;                  ///< of each fold
  std::vector<double> weights_;                           ///< of each fold
  std::vector<std::vector<std::vector<double>>> losses_;  ///< [way][outer k · folds + inner j][choice]
  std::vector<Outcome<T>> outcomes_;                      ///< [fold, last: all rows][way]
  std::vector<double> seconds_;
  std::mutex mutex_;
  Index steps_ = 0, total_steps_ = 0;
};

}  // namespace

CompareFacts compare_networks(const CompareSpec& spec, const Table& table, const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const TrainSpec plain = train_spec(spec);
  const TrainProblem problem = make_train_problem(plain, table, {}, context);
  if (spec.measure == MeasureChoice::error && problem.classes.empty()) {
    throw Error(ErrorKind::argument, "--measure error is for classes; the target holds numbers: leave it out, or say mse");
  }
  if (spec.measure == MeasureChoice::mse && !problem.classes.empty()) {
    throw Error(ErrorKind::argument, "--measure mse is for numbers; the target holds classes: say deviance or error");
  }
  CompareFacts facts;
  facts.warnings = problem.warnings;
  facts.source = table.source.substr(table.source.find_last_of('/') + 1);
  facts.target = problem.target;
  facts.loss = to_string(problem.loss);
  facts.measure = problem.classes.empty() ? "mse" : spec.measure == MeasureChoice::error ? "error" : "deviance";
  facts.rule = "min";
  facts.feature_names = problem.feature_names;
  facts.n_samples = problem.training.n;
  facts.standardize = plain.standardises();
  facts.hidden = spec.hidden;
  facts.epochs = plain.epochs;
  facts.options = shared_options(spec);
  spec.precision == Precision::float64 ? NetworkContest<double>(spec, problem, context).run(facts)
                                       : NetworkContest<float>(spec, problem, context).run(facts);
  facts.advice = advise(facts);
  facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return facts;
}

}  // namespace riata
