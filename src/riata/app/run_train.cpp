#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "riata/app/initial_weights.hpp"
#include "riata/app/option.hpp"
#include "riata/app/train_checkpoint.hpp"
#include "riata/app/train_data.hpp"
#include "riata/app/train_fingerprint.hpp"
#include "riata/app/train_grid.hpp"
#include "riata/app/train_null_model.hpp"
#include "riata/app/train_options.hpp"
#include "riata/app/train_twin.hpp"
#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/network/optimizer.hpp"
#include "riata/report/calibration.hpp"
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

/// Rows that were held out and what the network says of them, for a page. Classes beyond two have no such figure.
std::optional<RowFacts> held_out(const TrainProblem& problem, const NetworkModel& model, const Context& context) {
  if (!problem.validation || problem.outputs() != 1) return std::nullopt;
  const RawRows& rows = *problem.validation;
  RowFacts out;
  out.origin = RowFacts::Origin::held_out;
  std::vector<double> eta(at(rows.design->rows()));
  network_eta(model, *rows.design, Matrix(eta.data(), rows.design->rows(), 1), context);
  for (std::size_t i = 0; i < at(rows.n); ++i) {
    const double weight = rows.weights.empty() ? 1.0 : rows.weights[i];
    if (!(weight > 0)) continue;
    out.observed.push_back(rows.response[i]);
    out.weights.push_back(weight);
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
  if (decay.empty() && !spec.standardises()) message += "; standardised features (--standardize) bear larger steps";
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
        training_(problem.training, problem.inputs(), problem.scaling, spec.batch_size) {
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

  /// Where the network of λ starts: with --warm-start after those of the smaller λ of the grid. Part `number` of what is
  /// kept is how far that walk came.
  Network<T> start_of(double lambda, const NetworkGrid<T>& grid, Index number) const {
    Network<T> from = start();
    if (!spec_.warms()) return from;
    std::vector<TrainOptions> smaller;
    for (const double one : grid.lambdas) {
      if (one < lambda) smaller.push_back(train_options(spec_, problem_, one));
    }
    Index left = std::ssize(smaller);
    const Index first = std::ssize(grid.lambdas) - left;
    const GridPart<T>* walked = grid.parts.find(number);
    const bool fits = walked != nullptr && walked->numbers.size() == 1 && walked->numbers[0] >= static_cast<double>(first) &&
                      walked->parameters.size() == from.parameters().size();
    if (fits) {
      left = std::clamp<Index>(std::lround(walked->numbers[0]) - first, 0, left);
      std::ranges::copy(walked->parameters, from.parameters().begin());
    }
    train_warm<T>(from, data_, std::span(smaller).first(at(left)), context_, [&](Index k, const TrainResult<T>&) {
      const auto parameters = from.parameters();
      left = k;
      grid.parts.keep(number, {{static_cast<double>(first + k)}, {parameters.begin(), parameters.end()}});
    });
    if (left == 0) return from;
    throw Error(ErrorKind::run, "interrupted on the way to the chosen λ: " +
                                    (grid.parts.keeps() ? "what is finished is kept in " + printable(spec_.checkpoint) +
                                                              ", and --resume goes on from there"
                                                        : std::string("nothing is written")));
  }

  /// `start`: where the network starts, unless it goes on from a checkpoint.
  void train_model(double lambda, const std::function<Network<T>()>& start, TrainFacts& facts) const {
    const TrainOptions options = train_options(spec_, problem_, lambda);
    const std::string fingerprint = network_fingerprint(spec_, problem_, lambda);
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
        train(resume ? this->start() : start(), data_, options, context_, hooks, resume ? &*resume : nullptr);
    const bool stopped = result.status == Status::interrupted || result.status == Status::diverged;
    if (stopped && watch_.on_checkpoint) {
      watch_.on_checkpoint(write_checkpoint(result.state, fingerprint), result.state.epoch);
    }
    if (result.status == Status::diverged) fail_diverged(spec_, result, watch_.on_checkpoint && facts.grid.empty());
    const Index last = resume ? last_of_another_rate(options, *resume) : 0;
    if (last > 0 && result.stopped_epoch > last) {
      facts.model.warnings.push_back(fmt::format("from epoch {} on the learning rate is not that of before", last + 1));
    } else if (last > 0) {
      facts.model.warnings.push_back(fmt::format(
          "no epoch is left for this --learning-rate: epoch {}, the last, was trained with another; give more --epochs",
          last));
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

 private:
  static constexpr Index kDefaultEvery = 10;

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
  std::string fingerprint;
  if (inputs.parts.keep || !inputs.parts.found.empty()) {
    const Network<T> first = run.start();
    const auto bytes = std::as_bytes(std::span<const T>(first.parameters()));
    fingerprint = grid_fingerprint(spec, problem, lambdas, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  GridParts<T> parts(std::move(fingerprint), inputs.parts);
  if (lambdas.size() == 1 && !spec.has_folds()) {
    return run.train_model(
        lambdas.front(), [&] { return run.start(); }, facts);
  }
  const NetworkGrid<T> grid{spec, problem, lambdas, [&](Index which) { return run.start(which); }, parts};
  const double lambda = judge_grid(grid, facts, context);
  const Index last = grid.last_part(std::max<Index>(1, facts.n_folds));
  run.train_model(
      lambda, [&] { return run.start_of(lambda, grid, last); }, facts);
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
    if (facts.rows && problem.loss == NetworkLoss::logistic) facts.model.calibration = calibration_of(*facts.rows);
  }
  facts.seconds_train = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return facts;
}

}  // namespace riata
