#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "binding.hpp"
#include "riata/core/error.hpp"
#include "riata/selection/selection.hpp"

namespace riata::python {
namespace {

using Positions = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

std::vector<Index> to_vector(const Positions& positions) {
  return {positions.data(), positions.data() + positions.shape(0)};
}

/// scikit-learn's form: (training rows, validation rows) for each fold.
Folds folds_from_splits(Index n_rows, const std::vector<std::pair<Positions, Positions>>& splits) {
  std::vector<RowSplit> out;
  out.reserve(splits.size());
  for (const auto& [training, validation] : splits) out.push_back({to_vector(training), to_vector(validation)});
  return split_folds(n_rows, std::move(out));
}

/// folds × λ.
nb::object fold_means(const CrossValidation& cv) {
  std::vector<double> out;
  for (const std::vector<double>& fold : cv.fold_mean) out.insert(out.end(), fold.begin(), fold.end());
  return to_matrix(std::move(out), cv.fold_mean.size(), cv.mean.size());
}

nb::object frequency_at(const CrossValidation& cv, Index index) {
  for (const auto& [at, shares] : cv.selection_frequency) {
    if (at == index) return to_array(std::vector<double>(shares));
  }
  throw Error(ErrorKind::argument, "selection frequencies are kept for the chosen λ alone");
}

}  // namespace

void bind_cross_validation(nb::module_& module) {
  nb::class_<Folds>(module, "Folds", "Which rows each fold trains on and is judged on.").def_ro("n_folds", &Folds::n_folds);
  module.def("folds_from_splits", &folds_from_splits, nb::arg("n_rows"), nb::arg("splits"),
             "Folds from pairs of row positions: training, validation.");
  nb::class_<CrossValidation>(module, "CrossValidation", "Errors of every λ, averaged over folds.")
      .def_ro("n_folds", &CrossValidation::n_folds)
      .def_prop_ro("mean", [](const CrossValidation& cv) { return to_array(std::vector<double>(cv.mean)); })
      .def_prop_ro("standard_error",
                   [](const CrossValidation& cv) { return to_array(std::vector<double>(cv.standard_error)); })
      .def_prop_ro("fold_means", &fold_means, "Shape (folds, λ).")
      .def_ro("paths", &CrossValidation::paths, "Of the folds, where they were kept.")
      .def_ro("index_min", &CrossValidation::index_min)
      .def_ro("index_1se", &CrossValidation::index_1se)
      .def_prop_ro("status", [](const CrossValidation& cv) { return std::string(to_string(cv.status)); })
      .def("selection_frequency", &frequency_at, nb::arg("index"));
}

}  // namespace riata::python
