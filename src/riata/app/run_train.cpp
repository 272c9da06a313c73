#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "riata/app/initial_weights.hpp"
#include "riata/app/option.hpp"
#include "riata/app/train_checkpoint.hpp"
#include "riata/app/train_data.hpp"
#include "riata/app/train_grid.hpp"
#include "riata/app/train_options.hpp"
#include "riata/app/train_twin.hpp"
#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/network/optimizer.hpp"
#include "riata/report/diagnosis_words.hpp"

namespace riata {
namespace {

constexpr double kStates = 8;  // copies of the parameters: gradient, moments, the best, the last good …

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

/// The engine's rows with losses on the scale of the response.
std::vector<EpochRow> history_of(const std::vector<EpochRecord>& records, double factor) {
  std::vector<EpochRow> out;
  for (const EpochRecord& one : records) {
    out.push_back({.epoch = one.epoch,
                   .training_loss = one.training_loss * factor,
                   .validation_loss = one.validation_loss * factor,
                   .test_loss = one.test_loss * factor,
                   .training_accuracy = one.training_accuracy,
                   .validation_accuracy = one.validation_accuracy,
                   .test_accuracy = one.test_accuracy,
                   .weight_norm = one.weight_norm});
  }
  return out;
}

template <class T>
void take_parameters(const Network<T>& network, NetworkModel& model) {
  model.parameters.clear();
  for (const ParameterBlock& block : network.blocks()) {
    const std::span<const T> values = network.of(block);
    NetworkParameter one{.name = block.name, .shape = {block.rows, block.cols}, .values = {values.begin(), values.end()}};
    if (block.is_bias) one.shape = {block.rows};
    model.parameters.push_back(std::move(one));
  }
}

/// Loss of the null model on rows: the training mean or the training shares of the classes, whatever the features.
template <class T>
double null_loss(const TrainProblem& problem, const Samples<T>& training, const Samples<T>& judged, const Context& context) {
  NetworkSpec spec{.inputs = problem.inputs(), .hidden = {}, .outputs = problem.outputs(), .loss = problem.loss};
  Network<T> null(spec);
  const auto n = static_cast<std::size_t>(training.features.rows);
  std::vector<double> share(at(std::max<Index>(2, problem.outputs())), 0.0);
  double total = 0, mean = 0, exposure = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = training.weights.empty() ? 1 : training.weights[i];
    const double offset = training.offset.empty() || problem.loss == NetworkLoss::poisson ? 0 : training.offset[i];
    total += w;
    if (problem.loss == NetworkLoss::poisson) exposure += w * (training.offset.empty() ? 1 : std::exp(training.offset[i]));
    mean += w * (training.response[i] - (problem.classes.empty() ? offset : 0));
    if (!problem.classes.empty()) share[static_cast<std::size_t>(training.response[i])] += w;
  }
  mean /= total;
  const std::span<T> bias = null.of(null.blocks()[1]);
  switch (problem.loss) {
    case NetworkLoss::logistic: bias[0] = static_cast<T>(std::log(share[1] / share[0])); break;
    case NetworkLoss::multinomial:
      for (std::size_t k = 0; k < bias.size(); ++k) bias[k] = static_cast<T>(std::log(share[k] / total));
      break;
    case NetworkLoss::poisson: bias[0] = static_cast<T>(std::log(std::max(mean * total, 1e-300) / exposure)); break;
    default: bias[0] = static_cast<T>(mean);
  }
  return score(null, judged, context).loss;
}

/// Where the entries of sparse rows are.
std::string places_of(const RowEntries& rows) {
  const auto bytes = [](const auto& list) {
    return std::string(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(list[0]));
  };
  return bytes(rows.starts) + bytes(rows.positions);
}

/// Rows that were held out and what the network says of them, for a page. Classes beyond two have no such figure.
std::optional<RowFacts> held_out(const TrainProblem& problem, const NetworkModel& model, const Context& context) {
  if (!problem.validation || problem.outputs() != 1) return std::nullopt;
  const RawRows& rows = *problem.validation;
  RowFacts out;
  out.origin = RowFacts::Origin::held_out;
  out.observed = rows.response;
  std::vector<double> eta(at(rows.design->rows()));
  network_eta(model, *rows.design, Matrix(eta.data(), rows.design->rows(), 1), context);
  for (std::size_t i = 0; i < at(rows.n); ++i) {
    double& one = out.predicted.emplace_back();
    one = model.response_shift + model.response_unit * eta[at(rows.rows[i])] + (rows.offset.empty() ? 0 : rows.offset[i]);
    if (problem.loss == NetworkLoss::logistic) one = 1 / (1 + std::exp(-one));
    if (problem.loss == NetworkLoss::poisson) one = std::exp(one);
  }
  return out;
}

LearningCurves curves_of(const NetworkModel& model) {
  LearningCurves out;
  for (const EpochRow& row : model.history) {
    out.epoch.push_back(static_cast<double>(row.epoch));
    out.training_loss.push_back(row.training_loss);
    out.validation_loss.push_back(row.validation_loss);
    out.training_accuracy.push_back(row.training_accuracy);
    out.validation_accuracy.push_back(row.validation_accuracy);
  }
  out.null_loss = model.null_loss;
  out.n_validation = model.n_validation;
  return out;
}

double n_parameters(const NetworkSpec& network) {
  double below = static_cast<double>(network.inputs),
         count = network.skip ? below * static_cast<double>(network.outputs) : 0;
  const auto add = [&](Index units) {
    count += (below + 1) * static_cast<double>(units);
    below = static_cast<double>(units);
  };
  for (const Index units : network.hidden) add(units);
  add(network.outputs);
  return count;
}

NetworkModel describe(const TrainSpec& spec, const TrainProblem& problem, const Table& table) {
  NetworkModel model;
  model.riata = version();
  model.options = recorded_options(spec);
  model.source = base_name(table.source);
  model.coding = problem.coding;
  model.feature_names = problem.feature_names;
  model.target = problem.target;
  model.weights_column = spec.weights.empty() ? "" : table.column_name(table.find(spec.weights));
  model.offset_column = spec.offset.empty() ? "" : table.column_name(table.find(spec.offset));
  model.classes = problem.classes;
  model.n_samples = problem.training.n;
  model.n_validation = problem.validation ? problem.validation->n : 0;
  model.n_test = problem.test ? problem.test->n : 0;
  model.total_weight = problem.total_weight();
  model.network = network_spec(spec, problem);
  model.precision = spec.precision;
  model.penalty = penalty_words(spec);
  model.l1_ratio = l1_ratio_of(spec);
  model.weight_decay = spec.weight_decay;
  model.optimizer = optimizer_words(spec);
  model.standardize = spec.standardises();
  model.intercept = spec.intercept;
  model.centre = problem.scaling.centre;
  model.scale = problem.scaling.scale;
  model.response_shift = problem.scaling.shift;
  model.response_unit = problem.scaling.unit;
  model.warnings = problem.warnings;
  if (const std::string decay = decay_words(spec); !decay.empty()) model.warnings.push_back(decay);
  return model;
}

template <class T>
[[noreturn]] void fail_diverged(const TrainSpec& spec, const TrainResult<T>& result, bool kept) {
  const std::string decay = decay_words(spec);
  std::string message =
      decay.empty() ? result.message : fmt::format("training diverged at step {}; {}", result.diverged_step, decay);
  if (kept) {
    message += fmt::format(
        "; the last good state, of epoch {}, is in {}: --resume goes on from it with another "
        "--learning-rate or --clip-norm",
        result.state.epoch, printable(spec.checkpoint));
  }
  throw Error(ErrorKind::run, message);
}

/// The last epoch that another --learning-rate trained; 0: none. On a plateau and under adaptive rates it may have changed
/// by itself: then nothing is known of any epoch, or of all but the last.
template <class T>
Index last_of_another_rate(const TrainOptions& options, const TrainState<T>& state) {
  using Kind = ScheduleOptions::Kind;
  if (options.schedule.kind == Kind::plateau) return 0;
  const Index first = options.schedule.kind == Kind::adaptive ? std::max<Index>(1, state.epoch) : 1;
  for (Index epoch = std::ssize(state.history); epoch >= first; --epoch) {
    const double rate = scheduled_rate(options, epoch - 1, state.rate_factor);
    if (state.history[at(epoch - 1)].learning_rate != rate) return epoch;
  }
  return 0;
}

/// One run of the engine and what becomes of it, in one precision.
template <class T>
class Run {
 public:
  Run(const TrainSpec& spec, const TrainProblem& problem, const TrainInputs& inputs, const TrainWatch& watch,
      const Context& context)
      : spec_(spec),
        problem_(problem),
        inputs_(inputs),
        watch_(watch),
        context_(context),
        training_(problem.training, problem.inputs(), problem.scaling) {
    data_.training = training_.samples();
    if (problem.validation) {
      validation_.emplace(*problem.validation, problem.inputs(), problem.scaling);
      data_.validation = validation_->samples();
    }
    if (problem.test) {
      test_.emplace(*problem.test, problem.inputs(), problem.scaling);
      data_.test = test_->samples();
    }
  }

  /// Loss of the engine's units, times this: loss of the response's units.
  double factor() const { return problem_.scaling.unit * problem_.scaling.unit; }

  /// Where training starts (with --seeds, the first of the starts); weights of features that are left out (a penalty factor
  /// of inf) are 0, and biases under --no-intercept.
  Network<T> start(Index which = 0) const {
    const NetworkSpec spec = network_spec(spec_, problem_);
    Network<T> network = inputs_.initial_weights ? given_network<T>(spec, *inputs_.initial_weights, spec_.initial_weights)
                                                 : initial_network<T>(spec, static_cast<std::uint64_t>(spec_.seed + which));
    for (const ParameterBlock& block : network.blocks()) {
      if (block.is_bias && !spec_.intercept) std::ranges::fill(network.of(block), T{0});
      if (block.is_bias || block.layer > 0) continue;
      for (Index k = 0; k < block.size() && !problem_.input_factors.empty(); ++k) {
        if (!std::isfinite(problem_.input_factors[at(k % block.cols)])) network.of(block)[at(k)] = T{0};
      }
    }
    return network;
  }

  /// Where the network of λ starts: with --warm-start after those of the smaller λ of the grid.
  Network<T> start_of(double lambda, const std::vector<double>& lambdas) const {
    if (!spec_.warms()) return start();
    std::vector<TrainOptions> smaller;
    for (const double one : lambdas) {
      if (one < lambda) smaller.push_back(train_options(spec_, problem_, one));
    }
    const std::vector<TrainResult<T>> path = train_warm<T>(start(), data_, smaller, context_);
    const auto last = std::ranges::find(path, Status::converged, &TrainResult<T>::status);
    return last == path.end() ? start() : last->network;
  }

  void train_model(double lambda, const std::vector<double>& lambdas, TrainFacts& facts) const {
    const TrainOptions options = train_options(spec_, problem_, lambda);
    const std::string fingerprint = this->fingerprint(lambda);
    TrainHooks<T> hooks;
    hooks.on_epoch = [&](const EpochRecord& record) {
      if (watch_.on_epoch) watch_.on_epoch(history_of({record}, factor())[0]);
      if (context_.on_progress) context_.on_progress({"training", record.epoch, spec_.epochs});
    };
    if (watch_.on_checkpoint) {
      hooks.on_checkpoint = [&](const TrainState<T>& state) {
        watch_.on_checkpoint(write_checkpoint(state, fingerprint), state.epoch);
      };
      hooks.checkpoint_every = spec_.every.value_or(kDefaultEvery);
    }
    std::optional<TrainState<T>> resume;
    if (inputs_.checkpoint) resume = read_checkpoint<T>(*inputs_.checkpoint, fingerprint, inputs_.checkpoint_name);
    if (resume && resume->epoch > spec_.epochs) {
      facts.model.warnings.push_back(
          fmt::format("the checkpoint is of epoch {0}, beyond --epochs {1}: nothing is trained, and the network is that of "
                      "epoch {0}",
                      resume->epoch, spec_.epochs));
    }
    const TrainResult<T> result =
        train(start_of(lambda, lambdas), data_, options, context_, hooks, resume ? &*resume : nullptr);
    const bool stopped = result.status == Status::interrupted || result.status == Status::diverged;
    if (stopped && watch_.on_checkpoint) {
      watch_.on_checkpoint(write_checkpoint(result.state, fingerprint), result.state.epoch);
    }
    if (result.status == Status::diverged) fail_diverged(spec_, result, watch_.on_checkpoint != nullptr);
    const Index last = resume ? last_of_another_rate(options, *resume) : 0;
    if (last > 0 && result.stopped_epoch > last) {
      facts.model.warnings.push_back(fmt::format("from epoch {} on the learning rate is not that of before", last + 1));
    }
    NetworkModel& model = facts.model;
    take_parameters(result.network, model);
    model.lambda = lambda;
    model.objective = objective_words(spec_, problem_);
    model.history = history_of(result.history, factor());
    model.best_epoch = result.best_epoch;
    model.stopped_epoch = result.stopped_epoch;
    model.status = result.status;
    model.null_loss =
        factor() * null_loss<T>(problem_, data_.training, data_.validation ? *data_.validation : data_.training, context_);
    if (spec_.twin && result.status != Status::interrupted) facts.twin = twin_of(facts.model);
  }

  const TrainData<T>& data() const { return data_; }

 private:
  static constexpr Index kDefaultEvery = 10;

  std::string fingerprint(double lambda) const {
    std::vector<std::string> texts = {to_text(lambda)};
    for (const auto& [name, value] : recorded_options(spec_)) {
      const bool sets_rates = spec_.schedule.kind == ScheduleOptions::Kind::cosine && spec_.schedule.length == 0;
      if (name == "epochs" && !sets_rates) continue;                 // more epochs may follow
      if (name == "learning-rate" || name == "clip-norm") continue;  // and go on after divergence
      texts.emplace_back(name).append("=").append(value);
    }
    std::vector<std::span<const double>> numbers;
    for (const RawRows* rows : {&problem_.training, problem_.validation ? &*problem_.validation : nullptr}) {
      if (rows == nullptr) continue;
      if (rows->entries) {
        texts.push_back(places_of(*rows->entries));
        numbers.emplace_back(rows->entries->values);
      }
      RawColumns columns(*rows);
      for (Index j = 0; j < problem_.inputs() && !rows->entries; ++j) texts.push_back(fingerprint_of({}, {columns.of(j)}));
      for (const auto* part : {&rows->response, &rows->weights, &rows->offset}) numbers.emplace_back(*part);
    }
    return fingerprint_of(texts, numbers);
  }

  TwinFacts twin_of(const NetworkModel& model) const {
    const TrainOptions options = unregularised(train_options(spec_, problem_, 0));
    const TrainResult<T> result = train(start(), data_, options, context_);
    NetworkModel other;
    take_parameters(result.network, other);
    other.history = history_of(result.history, factor());
    other.best_epoch = result.best_epoch;
    other.stopped_epoch = result.stopped_epoch;
    return compare_with_twin(spec_, model, other);
  }

  const TrainSpec& spec_;
  const TrainProblem& problem_;
  const TrainInputs& inputs_;
  const TrainWatch& watch_;
  const Context& context_;
  ScaledRows<T> training_;
  std::optional<ScaledRows<T>> validation_, test_;
  TrainData<T> data_;
};

template <class T>
void run_in(const TrainSpec& spec, const TrainProblem& problem, const TrainInputs& inputs, const TrainWatch& watch,
            const Context& context, TrainFacts& facts) {
  const std::vector<double> lambdas = train_lambdas(spec, problem, context);
  const Run<T> run(spec, problem, inputs, watch, context);
  double lambda = lambdas.front();
  if (lambdas.size() > 1 || spec.folds.value_or(0) > 0 || !spec.fold_column.empty()) {
    std::vector<Network<T>> starts;
    for (Index k = 0; k < spec.seeds; ++k) starts.push_back(run.start(k));
    lambda = judge_grid<T>(spec, problem, starts, lambdas, facts, context);
  }
  run.train_model(lambda, lambdas, facts);
}

}  // namespace

TrainFacts run_train(const TrainSpec& spec, const Table& table, const TrainInputs& inputs, const TrainWatch& watch,
                     const Context& context) {
  check(spec);
  if (!spec.initial_weights.empty() && !inputs.initial_weights) {
    throw Error(ErrorKind::argument, "--initial-weights: what the file holds was not given");
  }
  const auto start = std::chrono::steady_clock::now();
  const TrainProblem problem = make_train_problem(spec, table, inputs, context);
  const double size = spec.precision == Precision::float64 ? sizeof(double) : sizeof(float);
  require_memory(kStates * size * n_parameters(network_spec(spec, problem)), "a network of this size", table.source,
                 context);
  TrainFacts facts;
  facts.model = describe(spec, problem, table);
  facts.log_every = spec.log_every;
  spec.precision == Precision::float64 ? run_in<double>(spec, problem, inputs, watch, context, facts)
                                       : run_in<float>(spec, problem, inputs, watch, context, facts);
  const bool regularised = facts.model.lambda > 0 || spec.weight_decay > 0;
  facts.diagnosis = diagnose(curves_of(facts.model), regularised);
  facts.diagnosis_text = diagnosis_words(
      facts.diagnosis, problem.classes.empty() ? "predicting the mean" : "predicting the shares of the classes");
  facts.model.verdict = to_string(facts.diagnosis.verdict);
  facts.model.diagnosis = facts.diagnosis_text;
  facts.model.diagnosis_epoch = static_cast<Index>(facts.diagnosis.epoch.value_or(0));
  if (!facts.grid.empty()) facts.model.search = facts;
  facts.model.twin = facts.twin;
  if (!spec.report.empty() && facts.model.status != Status::interrupted) {
    facts.rows = held_out(problem, facts.model, context);
  }
  facts.seconds_train = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return facts;
}

}  // namespace riata
