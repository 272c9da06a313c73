#include "riata/design/make_design.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <numeric>

#include "binding.hpp"
#include "riata/core/error.hpp"
#include "riata/loss/loss.hpp"

namespace riata::python {
namespace {

using Dense = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;
using Flat = nb::ndarray<nb::ro, nb::ndim<1>, nb::device::cpu>;

DesignHandle dense(nb::object array) {
  const auto x = nb::cast<Dense>(array);
  const auto owner = keep_alive(std::move(array));
  const auto rows = static_cast<Index>(x.shape(0)), cols = static_cast<Index>(x.shape(1));
  if (x.dtype() == nb::dtype<double>()) {
    return {strided(static_cast<const double*>(x.data()), rows, cols, x.stride(0), x.stride(1), owner)};
  }
  if (x.dtype() == nb::dtype<float>()) {
    return {strided(static_cast<const float*>(x.data()), rows, cols, x.stride(0), x.stride(1), owner)};
  }
  throw Error(ErrorKind::argument, "a dense matrix holds float64 or float32");
}

template <class T>
DesignHandle columns_of(const std::vector<Flat>& arrays, std::shared_ptr<const void> owner) {
  const std::size_t rows = arrays.front().shape(0);
  std::vector<const T*> columns;
  for (const Flat& array : arrays) {
    if (array.dtype() != nb::dtype<T>() || array.shape(0) != rows || array.stride(0) != 1) {
      throw Error(ErrorKind::argument, "the columns are of one length and one type, float64 or float32, each without gaps");
    }
    columns.push_back(static_cast<const T*>(array.data()));
  }
  return {dense_columns(std::move(columns), static_cast<Index>(rows), std::move(owner))};
}

DesignHandle columns(const nb::list& given) {
  const auto arrays = nb::cast<std::vector<Flat>>(given);
  if (arrays.empty()) throw Error(ErrorKind::argument, "a matrix has a column");
  auto owner = keep_alive(given);
  return arrays.front().dtype() == nb::dtype<float>() ? columns_of<float>(arrays, std::move(owner))
                                                      : columns_of<double>(arrays, std::move(owner));
}

template <class T, class I>
DesignHandle sparse_of(Index rows, Index cols, const Flat& starts, const Flat& indices, const Flat& values,
                       std::shared_ptr<const void> owner) {
  return {sparse_columns(rows, cols, static_cast<const I*>(starts.data()), static_cast<const I*>(indices.data()),
                         static_cast<const T*>(values.data()), std::move(owner))};
}

/// Compressed sparse columns; starts and indices of one type, int32 or int64.
DesignHandle sparse(Index rows, Index cols, nb::object starts_array, nb::object indices_array, nb::object values_array) {
  const auto starts = nb::cast<Flat>(starts_array), indices = nb::cast<Flat>(indices_array);
  const auto values = nb::cast<Flat>(values_array);
  if (static_cast<Index>(starts.shape(0)) != cols + 1)
    throw Error(ErrorKind::argument, "column starts do not fit the shape");
  const bool wide = indices.dtype() == nb::dtype<std::int64_t>();
  const bool floats = values.dtype() == nb::dtype<float>();
  const auto owner = keep_alive(nb::make_tuple(starts_array, indices_array, values_array));
  if (wide) {
    return floats ? sparse_of<float, std::int64_t>(rows, cols, starts, indices, values, owner)
                  : sparse_of<double, std::int64_t>(rows, cols, starts, indices, values, owner);
  }
  return floats ? sparse_of<float, std::int32_t>(rows, cols, starts, indices, values, owner)
                : sparse_of<double, std::int32_t>(rows, cols, starts, indices, values, owner);
}

/// intercept + X B, B of p × K: one column an output. `transposed`: the design is Xᵀ (compressed sparse rows read as
/// columns).
nb::object linear_predictor(const DesignHandle& handle, const Columns& coefficients, const Vector& intercepts,
                            bool transposed, int threads) {
  const Design& design = *handle.design;
  const Index rows = transposed ? design.cols() : design.rows(), cols = transposed ? design.rows() : design.cols();
  const auto outputs = static_cast<Index>(coefficients.shape(1));
  if (static_cast<Index>(coefficients.shape(0)) != cols || static_cast<Index>(intercepts.shape(0)) != outputs) {
    throw Error(ErrorKind::argument, "the coefficients do not fit the matrix");
  }
  const auto n = static_cast<std::size_t>(rows);
  auto eta = std::make_unique<std::vector<double>>(n * coefficients.shape(1));
  const ConstMatrix b{coefficients.data(), cols, outputs};
  const Matrix out{eta->data(), rows, outputs};
  run(threads, static_cast<double>(design.stored() * outputs), [&](const Context& context) {
    if (transposed) {
      design.transpose_multiply(0, b, out, {}, context);
    } else {
      std::vector<Index> all(coefficients.shape(0));
      std::iota(all.begin(), all.end(), Index{0});
      design.multiply(all, b, out, {}, context);
    }
    for (Index k = 0; k < outputs; ++k) {
      for (double& value : out.column(k)) value += intercepts.data()[k];
    }
  });
  double* const data = eta->data();
  nb::capsule owner(eta.release(), [](void* p) noexcept { delete static_cast<std::vector<double>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, double, nb::ndim<2>, nb::f_contig>(data, {n, coefficients.shape(1)}, owner,
                                                                            {1, static_cast<std::int64_t>(n)}));
}

/// E[y | η] for a loss by name.
nb::object inverse_link(const std::string& loss, const Vector& eta) {
  std::vector<double> out(eta.shape(0));
  loss_by_name(loss)->inverse_link(span_of(eta), out);
  return to_array(std::move(out));
}

}  // namespace

void bind_design(nb::module_& module) {
  nb::class_<DesignHandle>(module, "Design", "A matrix over the caller's memory, which is not copied.")
      .def_prop_ro("shape", [](const DesignHandle& h) { return nb::make_tuple(h.design->rows(), h.design->cols()); });
  module.def("dense", &dense, nb::arg("array"), "A float64 or float32 matrix of any strides, not copied.");
  module.def("columns", &columns, nb::arg("arrays"), "A matrix of which each column is an array of its own, not copied.");
  module.def("sparse", &sparse, nb::arg("rows"), nb::arg("cols"), nb::arg("starts"), nb::arg("indices"), nb::arg("values"),
             "Compressed sparse columns with int32 or int64 indices, not copied.");
  module.def("inverse_link", &inverse_link, nb::arg("loss"), nb::arg("eta"), "The expected response.");
  module.def("linear_predictor", &linear_predictor, nb::arg("design"), nb::arg("coefficients"), nb::arg("intercepts"),
             nb::arg("transposed") = false, nb::arg("threads") = 1, "intercepts + X @ coefficients, shape (rows, outputs).");
}

}  // namespace riata::python
