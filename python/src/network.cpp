#include "riata/network/network.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <variant>

#include "binding.hpp"
#include "riata/core/error.hpp"
#include "riata/network/check_samples.hpp"
#include "riata/network/engine.hpp"
#include "riata/network/train.hpp"

namespace riata::python {
namespace {

using Features = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;
using Parameters = nb::ndarray<nb::ro, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

constexpr const char* kOneType = "all features are of one type, float64 or float32";

/// Rows without a response, by columns or row after row as they are.
template <class T>
Samples<T> samples_of(const Features& x) {
  if (x.dtype() != nb::dtype<T>()) throw Error(ErrorKind::argument, kOneType);
  const auto rows = static_cast<Index>(x.shape(0)), cols = static_cast<Index>(x.shape(1));
  const T* data = static_cast<const T*>(x.data());
  const auto goes = [&](std::size_t axis, Index stride) { return x.shape(axis) <= 1 || x.stride(axis) == stride; };
  Samples<T> out;
  out.features = {nullptr, rows, cols};
  if (goes(0, 1) && goes(1, rows)) {
    out.features.data = data;
  } else if (goes(0, cols) && goes(1, 1)) {
    out.by_rows = data;
  } else {
    throw Error(ErrorKind::argument, "features are contiguous, by columns or row after row");
  }
  return out;
}

bool is_single(const Features& x) { return x.dtype() == nb::dtype<float>(); }

/// Compressed sparse rows.
struct SparseFeatures {
  Index rows = 0, cols = 0;
  nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu> starts;
  nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu> columns;
  Parameters values;
};

/// Rows to train or to judge on: arrays of Python's, which it keeps alive.
struct SampleHandle {
  std::variant<Features, SparseFeatures> features;
  Vector response;
  std::optional<Vector> weights;

  template <class T>
  Samples<T> as() const {
    Samples<T> out;
    if (const auto* sparse = std::get_if<SparseFeatures>(&features)) {
      if (sparse->values.dtype() != nb::dtype<T>()) throw Error(ErrorKind::argument, kOneType);
      out.features = {nullptr, sparse->rows, sparse->cols};
      out.sparse = {sparse->starts.data(), sparse->columns.data(), static_cast<const T*>(sparse->values.data())};
    } else {
      out = samples_of<T>(std::get<Features>(features));
    }
    out.response = span_of(response);
    if (weights) out.weights = span_of(*weights);
    return out;
  }
  bool single() const {
    const auto* sparse = std::get_if<SparseFeatures>(&features);
    return sparse != nullptr ? sparse->values.dtype() == nb::dtype<float>() : is_single(std::get<Features>(features));
  }
};

SampleHandle sparse_samples(Index rows, Index cols, SparseFeatures parts, Vector response, std::optional<Vector> weights) {
  const auto n = static_cast<std::size_t>(rows);
  if (parts.starts.shape(0) != n + 1 || parts.starts(0) < 0 ||
      !std::is_sorted(parts.starts.data(), parts.starts.data() + n + 1) ||
      static_cast<std::size_t>(parts.starts(n)) > std::min(parts.columns.shape(0), parts.values.shape(0))) {
    throw Error(ErrorKind::argument, "row starts do not fit the shape");
  }
  parts.rows = rows;
  parts.cols = cols;
  return {std::move(parts), std::move(response), std::move(weights)};
}

/// Where a training that is continued had got to.
struct Progress {
  Index epoch = 0, step = 0;
  double momentum_product = 1;
  Parameters optimizer;
  Vector losses;  ///< of its epochs
};

template <class T>
Network<T> network_of(const NetworkSpec& spec, const Parameters& parameters) {
  Network<T> network(spec);
  if (parameters.dtype() != nb::dtype<T>() || parameters.shape(0) != network.parameters().size()) {
    throw Error(ErrorKind::argument, "the parameters do not fit the network");
  }
  const T* data = static_cast<const T*>(parameters.data());
  std::copy_n(data, parameters.shape(0), network.parameters().begin());
  return network;
}

template <class T>
TrainState<T> state_of(const Network<T>& network, const Progress& progress) {
  TrainState<T> state;
  state.epoch = progress.epoch;
  state.step = progress.step;
  state.momentum_product = progress.momentum_product;
  state.parameters.assign(network.parameters().begin(), network.parameters().end());
  const T* slots = static_cast<const T*>(progress.optimizer.data());
  state.optimizer.assign(slots, slots + progress.optimizer.shape(0));
  state.history.resize(static_cast<std::size_t>(progress.epoch));
  const auto losses = span_of(progress.losses);
  for (std::size_t k = 0; k < std::min(losses.size(), state.history.size()); ++k) {
    state.history[k].training_loss = losses[k];
  }
  return state;
}

nb::object curve(std::span<const EpochRecord> history, double EpochRecord::*member) {
  std::vector<double> out;
  for (const EpochRecord& record : history) out.push_back(record.*member);
  return to_array(std::move(out));
}

template <class T>
nb::dict told(TrainResult<T>&& result, Index first_epoch) {
  nb::dict out;
  const auto history = std::span<const EpochRecord>(result.history).subspan(static_cast<std::size_t>(first_epoch));
  out["parameters"] = to_array(std::vector<T>(result.network.parameters().begin(), result.network.parameters().end()));
  out["training_loss"] = curve(history, &EpochRecord::training_loss);
  out["validation_loss"] = curve(history, &EpochRecord::validation_loss);
  out["validation_accuracy"] = curve(history, &EpochRecord::validation_accuracy);
  out["best_epoch"] = result.best_epoch;
  out["epoch"] = result.state.epoch;
  out["step"] = result.state.step;
  out["momentum_product"] = result.state.momentum_product;
  out["optimizer"] = to_array(std::move(result.state.optimizer));
  out["message"] = result.message;
  return out;
}

template <class T>
nb::dict train_in(const NetworkSpec& spec, const SampleHandle& training, const SampleHandle* validation,
                  const TrainOptions& options, const std::optional<Parameters>& parameters, const Progress* progress,
                  int threads) {
  TrainData<T> data{training.as<T>(), {}, {}};
  if (validation != nullptr) data.validation = validation->as<T>();
  Network<T> start = parameters ? network_of<T>(spec, *parameters) : initial_network<T>(spec, options.seed);
  std::optional<TrainState<T>> resume;
  if (progress != nullptr) resume = state_of(start, *progress);
  const double work = static_cast<double>(options.epochs) * static_cast<double>(data.training.features.rows) *
                      static_cast<double>(start.parameters().size());
  TrainResult<T> result;
  run(threads, work, [&](const Context& context) {
    result = riata::train(std::move(start), data, options, context, {}, resume ? &*resume : nullptr);
  });
  return told(std::move(result), progress != nullptr ? progress->epoch : 0);
}

nb::dict train(const NetworkSpec& spec, const SampleHandle& training, const SampleHandle* validation,
               const TrainOptions& options, const std::optional<Parameters>& parameters, const Progress* progress,
               int threads) {
  return training.single() ? train_in<float>(spec, training, validation, options, parameters, progress, threads)
                           : train_in<double>(spec, training, validation, options, parameters, progress, threads);
}

template <class T>
nb::object eta_in(const NetworkSpec& spec, const Parameters& parameters, const Features& x, int threads) {
  const Network<T> network = network_of<T>(spec, parameters);
  const std::size_t n = x.shape(0), outputs = static_cast<std::size_t>(spec.outputs);
  auto eta = std::make_unique<std::vector<double>>(n * outputs);
  const Matrix out{eta->data(), static_cast<Index>(n), spec.outputs};
  run(threads, static_cast<double>(n * network.parameters().size()),
      [&](const Context& context) { forward(network, samples_of<T>(x), out, context); });
  double* const data = eta->data();
  nb::capsule owner(eta.release(), [](void* p) noexcept { delete static_cast<std::vector<double>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, double, nb::ndim<2>>(data, {n, outputs}, owner, {1, static_cast<std::int64_t>(n)}));
}

nb::object eta(const NetworkSpec& spec, const Parameters& parameters, const Features& x, int threads) {
  return is_single(x) ? eta_in<float>(spec, parameters, x, threads) : eta_in<double>(spec, parameters, x, threads);
}

/// (1/Σw) Σ w ℓ and its gradient, for optimisers that are not the engine's.
class Objective {
 public:
  Objective(NetworkSpec spec, SampleHandle samples) : network_(std::move(spec)), rows_(std::move(samples)) {
    const Samples<double> rows = rows_.as<double>();
    check_samples(network_.spec(), rows, "training");
    samples_.pack(rows);
    engine_ = std::make_unique<Engine<double>>(network_, samples_.n_blocks(), std::min(rows.features.rows, kBlockRows));
  }

  std::pair<double, nb::object> at(const Parameters& parameters, int threads) {
    const std::size_t size = network_.parameters().size();
    if (parameters.dtype() != nb::dtype<double>() || parameters.shape(0) != size) {
      throw Error(ErrorKind::argument, "the parameters do not fit the network");
    }
    const double unit = 1 / samples_.weight_sum();
    std::vector<double> gradient(size);
    double loss = 0;
    const double work = static_cast<double>(samples_.n_blocks() * kBlockRows) * static_cast<double>(size);
    run(threads, work, [&](const Context& context) {
      const auto* w = static_cast<const double*>(parameters.data());
      loss = unit * engine_->gradient(w, samples_, unit, {}, gradient.data(), context).loss;
    });
    return {loss, to_array(std::move(gradient))};
  }

 private:
  Network<double> network_;
  SampleHandle rows_;  ///< sparse ones are not packed
  PackedSamples<double> samples_;
  std::unique_ptr<Engine<double>> engine_;
};

WeightGroups groups_by_name(const std::string& name) {
  if (name == "none") return WeightGroups::none;
  if (name == "inputs") return WeightGroups::inputs;
  if (name == "units") return WeightGroups::units;
  if (name == "both") return WeightGroups::both;
  throw Error(ErrorKind::argument, "groups: give none, inputs, units or both");
}

/// By scikit-learn's names, with its numbers for adaptive.
ScheduleOptions schedule_by_name(const std::string& name) {
  ScheduleOptions out;
  if (name == "constant") return out;
  if (name == "cosine") {
    out.kind = ScheduleOptions::Kind::cosine;
  } else if (name == "plateau") {
    out.kind = ScheduleOptions::Kind::plateau;
  } else if (name == "invscaling") {
    out.kind = ScheduleOptions::Kind::inverse;
  } else if (name == "adaptive") {
    out.kind = ScheduleOptions::Kind::adaptive;
    out.factor = 0.2;
  } else {
    throw Error(ErrorKind::argument, "learning_rate: give constant, cosine, plateau, invscaling or adaptive");
  }
  return out;
}

void set_optimizer(TrainOptions& options, const std::string& kind, double learning_rate, double momentum, bool nesterov,
                   double beta1, double beta2, double epsilon, double weight_decay) {
  options.optimizer = {.kind = optimizer_by_name(kind),
                       .learning_rate = learning_rate,
                       .momentum = momentum,
                       .nesterov = nesterov,
                       .beta1 = beta1,
                       .beta2 = beta2,
                       .epsilon = epsilon,
                       .weight_decay = weight_decay};
}

void bind_options(nb::module_& module) {
  nb::class_<TrainOptions>(module, "TrainOptions", "How a network is trained.")
      .def(nb::init<>())
      .def_rw("epochs", &TrainOptions::epochs)
      .def_rw("batch_size", &TrainOptions::batch_size)
      .def_rw("shuffle", &TrainOptions::shuffle)
      .def_rw("clip_norm", &TrainOptions::clip_norm)
      .def_rw("dropout", &TrainOptions::dropout)
      .def_rw("input_dropout", &TrainOptions::input_dropout)
      .def_rw("patience", &TrainOptions::patience)
      .def_rw("stall", &TrainOptions::stall)
      .def_rw("stall_tolerance", &TrainOptions::stall_tolerance)
      .def_rw("seed", &TrainOptions::seed)
      .def("set_optimizer", &set_optimizer, nb::arg("kind"), nb::arg("learning_rate"), nb::arg("momentum"),
           nb::arg("nesterov"), nb::arg("beta1"), nb::arg("beta2"), nb::arg("epsilon"), nb::arg("weight_decay"))
      .def(
          "set_penalty",
          [](TrainOptions& self, const std::string& name, double l1_ratio, double lambda, const std::string& groups) {
            self.penalty = penalty_by_name(name, l1_ratio);
            self.lambda = lambda;
            self.groups = groups_by_name(groups);
          },
          nb::arg("name"), nb::arg("l1_ratio"), nb::arg("strength"), nb::arg("groups"))
      .def(
          "set_schedule",
          [](TrainOptions& self, const std::string& name, double power, double seen, double rows, double floor) {
            self.schedule = schedule_by_name(name);
            self.schedule.power = power;
            self.schedule.seen = seen;
            self.schedule.rows = rows;
            self.schedule.floor = floor;
          },
          nb::arg("name"), nb::arg("power"), nb::arg("seen"), nb::arg("rows"), nb::arg("floor"));
}

}  // namespace

void bind_network(nb::module_& module) {
  bind_options(module);
  nb::class_<NetworkSpec>(module, "NetworkSpec", "Sizes, activation and loss of a multilayer perceptron.")
      .def(
          "__init__",
          [](NetworkSpec* self, Index inputs, std::vector<Index> hidden, Index outputs, const std::string& activation,
             const std::string& loss) {
            new (self) NetworkSpec{.inputs = inputs,
                                   .hidden = std::move(hidden),
                                   .outputs = outputs,
                                   .activation = activation_by_name(activation),
                                   .loss = network_loss_by_name(loss)};
          },
          nb::arg("inputs"), nb::arg("hidden"), nb::arg("outputs"), nb::arg("activation"), nb::arg("loss"));
  nb::class_<SampleHandle>(module, "Samples", "Rows to train or to judge on, over memory that is not copied.")
      .def(
          "__init__",
          [](SampleHandle* self, Features features, Vector response, std::optional<Vector> weights) {
            new (self) SampleHandle{std::move(features), std::move(response), std::move(weights)};
          },
          nb::arg("features"), nb::arg("response"), nb::arg("weights").none() = nb::none())
      .def_static(
          "of_sparse",
          [](Index rows, Index cols, decltype(SparseFeatures::starts) starts, decltype(SparseFeatures::columns) columns,
             Parameters values, Vector response, std::optional<Vector> weights) {
            return sparse_samples(rows, cols, {0, 0, std::move(starts), std::move(columns), std::move(values)},
                                  std::move(response), std::move(weights));
          },
          nb::arg("rows"), nb::arg("cols"), nb::arg("starts"), nb::arg("columns"), nb::arg("values"), nb::arg("response"),
          nb::arg("weights").none() = nb::none(), "Compressed sparse rows.");
  nb::class_<Objective>(module, "NetworkObjective", "The data loss of a network and its gradient, float64.")
      .def(
          "__init__",
          [](Objective* self, const NetworkSpec& spec, const SampleHandle& samples) { new (self) Objective(spec, samples); },
          nb::arg("network"), nb::arg("samples"))
      .def("__call__", &Objective::at, nb::arg("parameters"), nb::arg("threads") = 1);
  nb::class_<Progress>(module, "Progress", "Where a training that is continued had got to.")
      .def(
          "__init__",
          [](Progress* self, Index epoch, Index step, double momentum_product, Parameters optimizer, Vector losses) {
            new (self) Progress{epoch, step, momentum_product, std::move(optimizer), std::move(losses)};
          },
          nb::arg("epoch"), nb::arg("step"), nb::arg("momentum_product"), nb::arg("optimizer"), nb::arg("losses"));
  module.def("train_network", &train, nb::arg("network"), nb::arg("training"), nb::arg("validation").none(),
             nb::arg("options"), nb::arg("parameters").none() = nb::none(), nb::arg("progress").none() = nb::none(),
             nb::arg("threads") = 1, "Parameters, curves, and where to go on from.");
  module.def("network_eta", &eta, nb::arg("network"), nb::arg("parameters"), nb::arg("features"), nb::arg("threads") = 1,
             "What the last layer gives, shape (rows, outputs).");
}

}  // namespace riata::python
