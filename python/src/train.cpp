#include "riata/app/train.hpp"

#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "binding.hpp"
#include "predictions.hpp"
#include "riata/app/checkpoint_folder.hpp"
#include "riata/app/run_network.hpp"
#include "riata/core/atomic_file.hpp"
#include "settings.hpp"

namespace riata::python {
namespace {

/// A training just done, or a network that was loaded: then there are no timings and no twin.
struct TrainHandle {
  TrainFacts facts;
  bool loaded = false;

  std::string json() const { return loaded ? inspect_json(facts.model) : train_json(facts); }
  std::string text(Index width) const {
    const TextStyle style{.width = width, .colour = false};
    return loaded ? inspect_text(facts.model, style) : train_text(facts, style);
  }
  std::string html() const { return loaded ? network_html(facts.model) : train_html(facts); }
};

TrainHandle train(const Settings& settings, const Table& table, const Table* validation, const Table* test,
                  const std::optional<nb::bytes>& weights, int threads, const Note& note) {
  auto spec = spec_of<TrainSpec>(settings);
  TrainInputs inputs;
  if (validation != nullptr) inputs.validation = *validation;
  if (validation != nullptr) spec.validation = "validation";
  if (test != nullptr) inputs.test = *test;
  if (test != nullptr) spec.test = "test";
  if (weights) inputs.initial_weights = read_safetensors({weights->c_str(), weights->size()}, spec.initial_weights);
  check(spec);
  TrainWatch watch;
  keep_in_folder(spec, note, inputs, watch);
  TrainHandle out;
  run(threads, work_of(table, 1000),
      [&](const Context& context) { out.facts = run_train(spec, table, inputs, watch, context); });
  return out;
}

nb::object predict(const TrainHandle& handle, const Settings& settings, const Table& table, int threads) {
  const auto spec = spec_of<PredictSpec>(settings);
  Predictions out;
  run(threads, work_of(table, 10),
      [&](const Context& context) { out = run_predict(spec, handle.facts.model, table, context); });
  return to_columns(std::move(out.columns));
}

std::string evaluate(const TrainHandle& handle, const Settings& settings, const Table& table, int threads) {
  const auto spec = spec_of<EvaluateSpec>(settings);
  std::string out;
  run(threads, work_of(table, 10), [&](const Context& context) {
    const NetworkModel& network = handle.facts.model;
    Model heading;
    heading.loss = to_string(network.network.loss);
    heading.penalty = network.penalty;
    heading.source = network.source;
    out = evaluate_json(heading, run_evaluate(spec, network, table, context));
  });
  return out;
}

nb::bytes model_bytes(const TrainHandle& handle) {
  const std::string bytes = write_network(handle.facts.model);
  return nb::bytes(bytes.data(), bytes.size());
}

TrainHandle from_bytes(const nb::bytes& bytes, const std::string& source) {
  TrainHandle out{{}, true};
  out.facts.model = read_network({bytes.c_str(), bytes.size()}, source);
  return out;
}

/// Name → array of its shape.
nb::dict parameters(const TrainHandle& handle) {
  nb::dict out;
  for (const NetworkParameter& one : handle.facts.model.parameters) {
    const auto rows = static_cast<std::size_t>(one.shape[0]);
    out[one.name.c_str()] = one.shape.size() == 1
                                ? to_array(std::vector<double>(one.values))
                                : to_matrix(std::vector<double>(one.values), rows, static_cast<std::size_t>(one.shape[1]));
  }
  return out;
}

}  // namespace

void bind_train(nb::module_& module) {
  nb::class_<TrainHandle>(module, "Training", "A trained network, or one that was loaded.")
      .def("json", &TrainHandle::json)
      .def("text", &TrainHandle::text, nb::arg("width") = 80)
      .def("html", &TrainHandle::html)
      .def(
          "save",
          [](const TrainHandle& self, const std::string& path) { write_whole(path, write_network(self.facts.model)); },
          nb::arg("path"), "Writes the model file, whole or not at all.")
      .def(
          "report", [](const TrainHandle& self, const std::string& path) { write_whole(path, self.html()); },
          nb::arg("path"), "Writes the page, whole or not at all.")
      .def("model_bytes", &model_bytes)
      .def("predict", &predict, nb::arg("settings"), nb::arg("table"), nb::arg("threads") = 1, "Name → values.")
      .def("evaluate", &evaluate, nb::arg("settings"), nb::arg("table"), nb::arg("threads") = 1)
      .def_prop_ro("parameters", &parameters)
      .def_prop_ro("warnings", [](const TrainHandle& self) { return self.facts.model.warnings; })
      .def_prop_ro("feature_names", [](const TrainHandle& self) { return self.facts.model.feature_names; });
  module.def(
      "train", &train, nb::arg("settings"), nb::arg("table"), nb::arg("validation").none(), nb::arg("test").none(),
      nb::arg("initial_weights").none(), nb::arg("threads"), nb::arg("note"),
      "initial_weights: what the file of that name in the settings holds. note: is told of checkpoints that are skipped.");
  module.def("network_from_bytes", &from_bytes, nb::arg("bytes"), nb::arg("source"));
}

}  // namespace riata::python
