#include "riata/path/path.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "binding.hpp"

namespace riata::python {
namespace {

/// One number a λ.
template <class Get>
nb::object each(const Path& path, Get get) {
  std::vector<double> out;
  out.reserve(path.points.size());
  for (const PathPoint& point : path.points) out.push_back(get(point));
  return to_array(std::move(out));
}

/// Coefficients as a matrix with one row a λ, rounded to float32 where `single`.
template <class T>
nb::object coefficients_as(const Path& path) {
  const std::size_t p = path.scale.size();
  std::vector<T> out(path.points.size() * p);
  for (std::size_t k = 0; k < path.points.size(); ++k) {
    const SparseCoefficients& b = path.points[k].coefficients;
    for (std::size_t i = 0; i < b.indices.size(); ++i) {
      out[k * p + static_cast<std::size_t>(b.indices[i])] = static_cast<T>(b.values[i]);
    }
  }
  return to_matrix(std::move(out), path.points.size(), p);
}

nb::object coefficients(const Path& path, bool single) {
  return single ? coefficients_as<float>(path) : coefficients_as<double>(path);
}

template <class T>
nb::object coefficients_at_as(const Path& path, std::size_t k) {
  std::vector<T> out(path.scale.size());
  const SparseCoefficients& b = path.points[k].coefficients;
  for (std::size_t i = 0; i < b.indices.size(); ++i)
    out[static_cast<std::size_t>(b.indices[i])] = static_cast<T>(b.values[i]);
  return to_array(std::move(out));
}

nb::object coefficients_at(const Path& path, std::size_t k, bool single) {
  if (k >= path.points.size()) throw nb::index_error("there is no such λ in the path");
  return single ? coefficients_at_as<float>(path, k) : coefficients_at_as<double>(path, k);
}

/// (starts, indices, values) of a compressed sparse matrix with one row a λ.
nb::object sparse_coefficients(const Path& path) {
  std::vector<Index> starts{0}, indices;
  std::vector<double> values;
  for (const PathPoint& point : path.points) {
    indices.insert(indices.end(), point.coefficients.indices.begin(), point.coefficients.indices.end());
    values.insert(values.end(), point.coefficients.values.begin(), point.coefficients.values.end());
    starts.push_back(static_cast<Index>(indices.size()));
  }
  return nb::make_tuple(to_array(std::move(starts)), to_array(std::move(indices)), to_array(std::move(values)));
}

nb::object leave_one_out(const Path& path, std::size_t k) {
  if (k >= path.points.size()) throw nb::index_error("there is no such λ in the path");
  return path.points[k].leave_one_out.empty() ? nb::none() : to_array(std::vector<double>(path.points[k].leave_one_out));
}

std::vector<std::string> statuses(const Path& path) {
  std::vector<std::string> out;
  for (const PathPoint& point : path.points) out.emplace_back(to_string(point.status));
  return out;
}

}  // namespace

void bind_path(nb::module_& module) {
  nb::class_<Path>(module, "Path", "Solutions by decreasing λ, on the original scale.")
      .def_prop_ro("lambdas", [](const Path& path) { return each(path, [](const PathPoint& q) { return q.lambda; }); })
      .def_prop_ro("intercepts", [](const Path& path) { return each(path, [](const PathPoint& q) { return q.intercept; }); })
      .def_prop_ro("objectives", [](const Path& path) { return each(path, [](const PathPoint& q) { return q.objective; }); })
      .def_prop_ro("deviance_ratios",
                   [](const Path& path) { return each(path, [](const PathPoint& q) { return q.deviance_ratio; }); })
      .def_prop_ro("degrees_of_freedom",
                   [](const Path& path) { return each(path, [](const PathPoint& q) { return q.degrees_of_freedom; }); })
      .def_prop_ro(
          "relative_gaps",
          [](const Path& path) { return each(path, [](const PathPoint& q) { return q.certificate.relative_gap; }); })
      .def_prop_ro("gaps",
                   [](const Path& path) {
                     const double unit = path.null_deviance / 2;
                     return each(path, [unit](const PathPoint& q) { return q.certificate.relative_gap * unit; });
                   })
      .def_prop_ro(
          "kkt_violations",
          [](const Path& path) { return each(path, [](const PathPoint& q) { return q.certificate.kkt_violation; }); })
      .def_prop_ro("leave_one_out_errors",
                   [](const Path& path) {
                     return each(path, [](const PathPoint& q) { return q.leave_one_out_error.value_or(NAN); });
                   })
      .def("leave_one_out", &leave_one_out, nb::arg("index"), "Predictions of each row by the fit without it; or none.")
      .def_prop_ro("gcv_errors",
                   [](const Path& path) { return each(path, [](const PathPoint& q) { return q.gcv_error.value_or(NAN); }); })
      .def_prop_ro("n_nonzero",
                   [](const Path& path) {
                     std::vector<Index> out;
                     for (const PathPoint& point : path.points) out.push_back(point.n_nonzero);
                     return to_array(std::move(out));
                   })
      .def_prop_ro("statuses", &statuses)
      .def_prop_ro("status", [](const Path& path) { return std::string(to_string(path.status)); })
      .def_ro("lambda_max", &Path::lambda_max)
      .def_ro("null_deviance", &Path::null_deviance)
      .def_ro("solver", &Path::solver)
      .def_ro("warnings", &Path::warnings)
      .def_prop_ro("n_features", [](const Path& path) { return path.scale.size(); })
      .def("coefficients_at", &coefficients_at, nb::arg("index"), nb::arg("single") = false)
      .def("coefficients", &coefficients, nb::arg("single") = false, "One row a λ.")
      .def("sparse_coefficients", &sparse_coefficients, "starts, indices, values: one row a λ.");
}

}  // namespace riata::python
