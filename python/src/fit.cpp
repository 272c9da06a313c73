#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "binding.hpp"
#include "predictions.hpp"
#include "riata/app/option.hpp"
#include "riata/app/run.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "settings.hpp"

namespace riata::python {
namespace {

/// A fit just made, or a model that was loaded: then there are no timings and no trajectory.
struct FitHandle {
  FitFacts facts;
  bool loaded = false;

  std::optional<Index> chosen() const { return inspect_lambda(facts.model, {}); }
  std::string json() const { return loaded ? inspect_json(facts.model, chosen()) : fit_json(facts); }
  std::string text(Index width) const {
    const TextStyle style{.width = width, .colour = false};
    return loaded ? inspect_text(facts.model, chosen(), style) : fit_text(facts, style);
  }
  std::string html() const { return loaded ? model_html(facts.model) : fit_html(facts); }
};

FitHandle fit(const Settings& settings, const Table& table, int threads) {
  const auto spec = spec_of<FitSpec>(settings);
  FitHandle out;
  run(threads, work_of(table, 1000), [&](const Context& context) { out.facts = run_fit(spec, table, context); });
  return out;
}

nb::object predict(const FitHandle& handle, const Settings& settings, const Table& table, int threads) {
  const auto spec = spec_of<PredictSpec>(settings);
  Predictions out;
  run(threads, work_of(table, 1),
      [&](const Context& context) { out = run_predict(spec, handle.facts.model, table, context); });
  return to_columns(std::move(out.columns));
}

std::string evaluate(const FitHandle& handle, const Settings& settings, const Table& table, int threads) {
  const auto spec = spec_of<EvaluateSpec>(settings);
  std::string out;
  run(threads, work_of(table, 1), [&](const Context& context) {
    out = evaluate_json(handle.facts.model, run_evaluate(spec, handle.facts.model, table, context));
  });
  return out;
}

nb::bytes model_bytes(const FitHandle& handle) {
  const std::string bytes = write_model(handle.facts.model);
  return nb::bytes(bytes.data(), bytes.size());
}

FitHandle from_bytes(const nb::bytes& bytes, const std::string& source) {
  FitHandle out{{}, true};
  out.facts.model = read_model({bytes.c_str(), bytes.size()}, source);
  return out;
}

}  // namespace

void bind_fit(nb::module_& module) {
  nb::class_<FitHandle>(module, "Fit", "A fit, or a model that was loaded.")
      .def("json", &FitHandle::json)
      .def("text", &FitHandle::text, nb::arg("width") = 80)
      .def("html", &FitHandle::html)
      .def(
          "save", [](const FitHandle& self, const std::string& path) { write_whole(path, write_model(self.facts.model)); },
          nb::arg("path"), "Writes the model file, whole or not at all.")
      .def(
          "report", [](const FitHandle& self, const std::string& path) { write_whole(path, self.html()); }, nb::arg("path"),
          "Writes the page, whole or not at all.")
      .def("model_bytes", &model_bytes)
      .def("predict", &predict, nb::arg("settings"), nb::arg("table"), nb::arg("threads") = 1)
      .def("evaluate", &evaluate, nb::arg("settings"), nb::arg("table"), nb::arg("threads") = 1)
      .def_prop_ro("target", [](const FitHandle& self) { return self.facts.model.target; })
      .def_prop_ro("warnings", [](const FitHandle& self) { return self.facts.model.warnings; })
      .def_prop_ro("feature_names", [](const FitHandle& self) { return self.facts.model.feature_names; });
  module.def("fit", &fit, nb::arg("settings"), nb::arg("table"), nb::arg("threads") = 1);
  module.def("write_whole", &write_whole, nb::arg("path"), nb::arg("text"), "Writes a file, whole or not at all.");
  module.def("model_from_bytes", &from_bytes, nb::arg("bytes"), nb::arg("source"));
}

}  // namespace riata::python
