#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"
#include "riata/core/json_writer.hpp"
#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/model/coding_json.hpp"
#include "riata/model/network_model.hpp"
#include "riata/model/prune_network.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKind = "riata network";
constexpr Index kHistoryColumns = 8;
constexpr Index kMost = std::numeric_limits<Index>::max();
constexpr int kDeepest = 8;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

[[noreturn]] void refuse(const std::string& source, const std::string& message) {
  throw Error(ErrorKind::input, message, source);
}

std::string description(const NetworkModel& model) {
  JsonWriter out;
  out.begin_object();
  out.key("options");
  out.begin_array();
  for (const auto& [name, value] : model.options) out.value(std::vector<std::string>{name, value});
  out.end_array();
  out.member("source", model.source);
  out.member("target", model.target);
  out.member("weights_column", model.weights_column);
  out.member("offset_column", model.offset_column);
  out.member("classes", model.classes);
  out.member("n_samples", model.n_samples);
  out.member("n_validation", model.n_validation);
  out.member("n_test", model.n_test);
  out.member("total_weight", model.total_weight);
  out.member("hidden", model.network.hidden);
  out.member("outputs", model.network.outputs);
  out.member("activation", to_string(model.network.activation));
  out.member("loss", to_string(model.network.loss));
  out.member("precision", model.precision == Precision::float64 ? "float64" : "float32");
  out.member("penalty", model.penalty);
  out.member("objective", model.objective);
  out.member("optimizer", model.optimizer);
  out.member("lambda", model.lambda);
  out.member("l1_ratio", model.l1_ratio);
  out.member("weight_decay", model.weight_decay);
  out.member("standardize", model.standardize);
  out.member("intercept", model.intercept);
  out.member("skip", model.network.skip);
  out.member("response_shift", model.response_shift);
  out.member("response_unit", model.response_unit);
  out.member("null_loss", model.null_loss);
  out.member("verdict", model.verdict);
  out.member("diagnosis", model.diagnosis);
  out.member("diagnosis_epoch", model.diagnosis_epoch);
  out.member("best_epoch", model.best_epoch);
  out.member("stopped_epoch", model.stopped_epoch);
  out.member("status", to_string(model.status));
  out.member("warnings", model.warnings);
  out.key("coding");
  write_coding(out, model.coding);
  out.member("feature_names", model.feature_names);
  out.member("dropped_features", model.dropped_features);
  if (model.search) {
    out.key("search");
    write_lambda_search(out, *model.search);
  }
  if (model.twin) {
    out.key("twin");
    write_twin_facts(out, *model.twin);
  }
  if (model.calibration) {
    out.key("calibration");
    write_calibration(out, *model.calibration);
  }
  out.end_object();
  return std::move(out.text());
}

Tensor history_tensor(const NetworkModel& model) {
  std::vector<double> cells;
  for (const EpochRow& row : model.history) {
    for (const double one : {static_cast<double>(row.epoch), row.training_loss, row.validation_loss, row.test_loss,
                             row.training_accuracy, row.validation_accuracy, row.test_accuracy, row.weight_norm}) {
      cells.push_back(std::isfinite(one) ? one : 0);
    }
  }
  return make_tensor("history", {std::ssize(model.history), kHistoryColumns}, cells);
}

/// Which cells of the history hold a number.
Tensor presence_tensor(const NetworkModel& model) {
  std::vector<Index> present;
  for (const EpochRow& row : model.history) {
    Index bits = 0, bit = 1;
    for (const double one : {static_cast<double>(row.epoch), row.training_loss, row.validation_loss, row.test_loss,
                             row.training_accuracy, row.validation_accuracy, row.test_accuracy, row.weight_norm}) {
      bits += std::isfinite(one) ? bit : 0;
      bit *= 2;
    }
    present.push_back(bits);
  }
  return make_integer_tensor("history.present", {std::ssize(model.history)}, present);
}

const Tensor& needed(const Safetensors& file, const std::string& name, const std::vector<Index>& shape,
                     const std::string& source) {
  const Tensor* found = file.find(name);
  if (found == nullptr) refuse(source, "the tensor '" + name + "' is missing");
  if (found->shape != shape) refuse(source, "the tensor '" + name + "' does not have the shape of the network");
  return *found;
}

void read_history(const Safetensors& file, NetworkModel& model, const std::string& source) {
  const Tensor* table = file.find("history");
  if (table == nullptr || table->shape.size() != 2) refuse(source, "the tensor 'history' is missing, or is no table");
  const Index rows = table->shape[0];
  const std::vector<double> cells = needed(file, "history", {rows, kHistoryColumns}, source).numbers(source);
  const std::vector<Index> present = needed(file, "history.present", {rows}, source).integers(source);
  for (Index i = 0; i < rows; ++i) {
    EpochRow row;
    double epoch = 0;
    Index bit = 1, column = 0;
    for (double* into : {&epoch, &row.training_loss, &row.validation_loss, &row.test_loss, &row.training_accuracy,
                         &row.validation_accuracy, &row.test_accuracy, &row.weight_norm}) {
      if ((present[at(i)] & bit) != 0) *into = cells[at(i * kHistoryColumns + column)];
      bit *= 2;
      ++column;
    }
    if (!(epoch >= 0 && epoch < 1e15)) refuse(source, "the history holds an epoch that is none");
    row.epoch = static_cast<Index>(epoch);
    model.history.push_back(row);
  }
}

void read_settings(const JsonReader& in, NetworkModel& model) {
  const JsonReader options = in.member("options");
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::vector<std::string> pair = options.element(i).texts();
    if (pair.size() != 2) options.element(i).fail("an option is a name and a value");
    model.options.emplace_back(pair[0], pair[1]);
  }
  model.source = in.member("source").text();
  model.target = in.member("target").text();
  model.weights_column = in.member("weights_column").text();
  model.offset_column = in.member("offset_column").text();
  model.classes = in.member("classes").texts();
  model.n_samples = in.member("n_samples").index(1, kMost);
  model.n_validation = in.member("n_validation").index(0, kMost);
  model.n_test = in.member("n_test").index(0, kMost);
  model.total_weight = in.member("total_weight").finite();
  const std::string precision = in.member("precision").text();
  if (precision != "float32" && precision != "float64") in.member("precision").fail("it is neither float32 nor float64");
  model.precision = precision == "float64" ? Precision::float64 : Precision::float32;
  model.penalty = in.member("penalty").text();
  model.objective = in.member("objective").text();
  model.optimizer = in.member("optimizer").text();
  model.lambda = in.member("lambda").finite();
  model.l1_ratio = in.member("l1_ratio").finite();
  model.weight_decay = in.member("weight_decay").finite();
  model.standardize = in.member("standardize").boolean();
  model.response_shift = in.member("response_shift").finite();
  model.response_unit = in.member("response_unit").finite();
  if (!(model.response_unit > 0)) in.member("response_unit").fail("it is not above 0");
  model.null_loss = in.member("null_loss").finite_or_nan();
  model.verdict = in.member("verdict").text();
  model.diagnosis = in.member("diagnosis").text();
  model.diagnosis_epoch = in.member("diagnosis_epoch").index(0, kMost);
  model.best_epoch = in.member("best_epoch").index(0, kMost);
  model.stopped_epoch = in.member("stopped_epoch").index(0, kMost);
  model.status = read_status(in.member("status"));
  model.warnings = in.member("warnings").texts();
  if (in.has("search")) model.search = read_lambda_search(in.member("search"));
  if (in.has("twin")) model.twin = read_twin_facts(in.member("twin"));
  if (in.has("calibration")) model.calibration = read_calibration(in.member("calibration"));
}

void read_shape(const JsonReader& in, NetworkModel& model) {
  model.coding = read_coding(in.member("coding"));
  model.feature_names = in.member("feature_names").texts();
  if (model.feature_names != model.coding.column_names()) {
    in.member("feature_names").fail("the names are not those of the coding");
  }
  if (model.feature_names.empty()) in.member("feature_names").fail("there is none");
  model.network.inputs = std::ssize(model.feature_names);
  const JsonReader hidden = in.member("hidden");
  for (std::size_t i = 0; i < hidden.size(); ++i) model.network.hidden.push_back(hidden.element(i).index(1, Index{1} << 31));
  model.network.outputs = in.member("outputs").index(1, Index{1} << 31);
  try {
    model.network.activation = activation_by_name(in.member("activation").text());
    model.network.loss = network_loss_by_name(in.member("loss").text());
  } catch (const Error& error) {
    in.fail(error.message());
  }
  const bool multinomial = model.network.loss == NetworkLoss::multinomial;
  const bool classes = multinomial || model.network.loss == NetworkLoss::logistic;
  const Index expected = multinomial ? model.network.outputs : classes ? 2 : 0;
  if (std::ssize(model.classes) != expected) in.member("classes").fail("their number is not that of the outputs");
  if (!multinomial && model.network.outputs != 1) in.member("outputs").fail("this loss has one output");
}

}  // namespace

std::string write_network(const NetworkModel& whole) {
  const NetworkModel model = pruned(whole);
  Safetensors file;
  file.metadata = {{"kind", kKind},
                   {"format_version", std::to_string(kNetworkFormat)},
                   {"riata", model.riata},
                   {"description", description(model)}};
  const Tensor::Type type = model.precision == Precision::float64 ? Tensor::Type::float64 : Tensor::Type::float32;
  const Index p = std::ssize(model.feature_names);
  file.tensors.push_back(make_tensor("scaling.centre", {p}, model.centre));
  file.tensors.push_back(make_tensor("scaling.scale", {p}, model.scale));
  file.tensors.push_back(history_tensor(model));
  file.tensors.push_back(presence_tensor(model));
  for (const NetworkParameter& one : model.parameters) {
    file.tensors.push_back(make_tensor(one.name, one.shape, one.values, type));
  }
  return write_safetensors(file);
}

NetworkModel read_network(std::string_view bytes, const std::string& source) {
  const Safetensors file = read_safetensors(bytes, source);
  const std::string* kind = file.text("kind");
  if (kind == nullptr || *kind != kKind) {
    refuse(source, "holds tensors but no riata network; give a file that riata train --model has written");
  }
  if (!file.checked) refuse(source, "has no checksum: the file is altered");
  const std::string* format = file.text("format_version");
  const auto number = format == nullptr ? std::nullopt : parse_index(*format);
  if (!number || *number < 1) refuse(source, "has no format number: the file is damaged");
  if (*number > kNetworkFormat) {
    refuse(source, "has format " + std::to_string(*number) + ", this riata reads up to " + std::to_string(kNetworkFormat) +
                       "; use a newer riata");
  }
  const std::string* text = file.text("description");
  if (text == nullptr) refuse(source, "has no description: the file is damaged");
  const auto bounded = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) refuse(source, "its description is nested too deeply");
    return true;
  };
  const auto parsed = [&] {
    try {
      return Json::parse(text->begin(), text->end(), bounded);
    } catch (const Json::exception&) {
      refuse(source, "its description is not well-formed JSON: the file is damaged");
    }
  };
  const Json document = parsed();
  const JsonReader in(document, source);
  NetworkModel model;
  if (const std::string* version = file.text("riata")) model.riata = *version;
  read_settings(in, model);
  read_shape(in, model);
  if (*number >= 2) model.dropped_features = in.member("dropped_features").texts();
  if (*number >= 3) {
    model.intercept = in.member("intercept").boolean();
    model.network.skip = in.member("skip").boolean();
    if (model.network.skip && model.network.hidden.empty()) in.member("skip").fail("there is no layer to go past");
  }
  const Index p = model.network.inputs;
  model.centre = needed(file, "scaling.centre", {p}, source).numbers(source);
  model.scale = needed(file, "scaling.scale", {p}, source).numbers(source);
  const bool positive = std::ranges::all_of(model.scale, [](double one) { return one > 0; });
  if (!positive) refuse(source, "the tensor 'scaling.scale' holds a scale that is not above 0");
  Index below = p;
  for (Index layer = 0; layer <= std::ssize(model.network.hidden); ++layer) {
    const bool last = layer == std::ssize(model.network.hidden);
    const Index units = last ? model.network.outputs : model.network.hidden[at(layer)];
    const std::string name = "layers." + std::to_string(layer);
    for (auto& [part, shape] : {std::pair{".weight", std::vector<Index>{units, below}}, {".bias", {units}}}) {
      model.parameters.push_back({name + part, shape, needed(file, name + part, shape, source).numbers(source)});
    }
    below = units;
  }
  if (model.network.skip) {
    const std::vector<Index> shape = {model.network.outputs, p};
    model.parameters.push_back({"skip.weight", shape, needed(file, "skip.weight", shape, source).numbers(source)});
  }
  read_history(file, model, source);
  return model;
}

}  // namespace riata
