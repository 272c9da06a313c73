#include <nanobind/stl/function.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "binding.hpp"
#include "riata/app/checkpoint_folder.hpp"
#include "riata/app/diagnose.hpp"
#include "riata/app/run.hpp"
#include "riata/core/atomic_file.hpp"
#include "settings.hpp"

namespace riata::python {
namespace {

CompareFacts compare(const Settings& settings, const Table& table, int threads, const Note& note) {
  const auto spec = spec_of<CompareSpec>(settings);
  check(spec);
  const KeptParts parts = keep_in_folder(spec, note);
  CompareFacts out;
  run(threads, work_of(table, 1000), [&](const Context& context) { out = run_compare(spec, table, context, parts); });
  return out;
}

DiagnoseFacts diagnose(const Settings& settings, const Table& table) {
  return run_diagnose(spec_of<DiagnoseSpec>(settings), table);
}

nb::dict curves(const DiagnoseFacts& facts) {
  nb::dict out;
  const auto add = [&](const char* name, const std::vector<double>& values, const std::string& column) {
    if (!column.empty()) out[name] = to_array(std::vector<double>(values));
  };
  out["epoch"] = to_array(std::vector<double>(facts.curves.epoch));
  add("training_loss", facts.curves.training_loss, facts.training_loss);
  add("validation_loss", facts.curves.validation_loss, facts.validation_loss);
  add("training_accuracy", facts.curves.training_accuracy, facts.training_accuracy);
  add("validation_accuracy", facts.curves.validation_accuracy, facts.validation_accuracy);
  return out;
}

}  // namespace

void bind_compare(nb::module_& module) {
  nb::class_<CompareFacts>(module, "Comparison", "Penalties side by side.")
      .def("json", &compare_json)
      .def(
          "text",
          [](const CompareFacts& self, Index width) { return compare_text(self, {.width = width, .colour = false}); },
          nb::arg("width") = 80)
      .def("html", &compare_html)
      .def(
          "report", [](const CompareFacts& self, const std::string& path) { write_whole(path, compare_html(self)); },
          nb::arg("path"));
  nb::class_<DiagnoseFacts>(module, "Diagnosis", "Learning curves judged.")
      .def("json", &diagnose_json)
      .def(
          "text",
          [](const DiagnoseFacts& self, Index width) { return diagnose_text(self, {.width = width, .colour = false}); },
          nb::arg("width") = 80)
      .def("html", &diagnose_html)
      .def(
          "report", [](const DiagnoseFacts& self, const std::string& path) { write_whole(path, diagnose_html(self)); },
          nb::arg("path"))
      .def_prop_ro("curves", &curves, "Name → a number an epoch; only what the log has.");
  module.def("compare", &compare, nb::arg("settings"), nb::arg("table"), nb::arg("threads"), nb::arg("note"),
             "note: is told of finished trainings that are skipped.");
  module.def("diagnose", &diagnose, nb::arg("settings"), nb::arg("table"));
}

}  // namespace riata::python
