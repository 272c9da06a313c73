#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include "binding.hpp"
#include "riata/core/version.hpp"

NB_MODULE(_engine, module) {
  module.doc() = "riata's engine: arrays and options in, results out";
  module.attr("__version__") = riata::version();
  riata::python::bind_errors(module);
  riata::python::bind_design(module);
  riata::python::bind_path(module);
  riata::python::bind_cross_validation(module);
  riata::python::bind_problem(module);
  riata::python::bind_table(module);
  riata::python::bind_fit(module);
  riata::python::bind_compare(module);
  riata::python::bind_network(module);
  riata::python::bind_train(module);
}
