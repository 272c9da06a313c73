#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/types.hpp"
#include "riata/design/design.hpp"

/// What the files of the Python module share. Bindings convert; they hold no logic and no numerics.
namespace riata::python {

namespace nb = nanobind;

// One function a concept, each in its own file.
void bind_errors(nb::module_& module);
void bind_design(nb::module_& module);
void bind_problem(nb::module_& module);
void bind_path(nb::module_& module);
void bind_cross_validation(nb::module_& module);
void bind_table(nb::module_& module);
void bind_fit(nb::module_& module);
void bind_compare(nb::module_& module);
void bind_network(nb::module_& module);
void bind_train(nb::module_& module);

/// The matrix X over memory of Python's, which the design keeps alive.
struct DesignHandle {
  DesignPtr design;
};

/// A vector of doubles as somebody gave it: contiguous, read-only.
using Vector = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
/// The same in columns, one an output.
using Columns = nb::ndarray<const double, nb::ndim<2>, nb::f_contig, nb::device::cpu>;

inline std::span<const double> span_of(const Vector& vector) { return {vector.data(), vector.shape(0)}; }

/// A NumPy array that owns the vector.
template <class T>
nb::object to_array(std::vector<T>&& values) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  T* data = owned->data();
  const std::size_t size = owned->size();
  nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {size}, owner));
}

/// A NumPy array of shape (rows, cols) that owns the vector, which holds it row by row.
template <class T>
nb::object to_matrix(std::vector<T>&& values, std::size_t rows, std::size_t cols) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  T* data = owned->data();
  nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<2>>(data, {rows, cols}, owner));
}

/// Keeps a Python object alive from C++ memory that may outlive the GIL's holder.
std::shared_ptr<const void> keep_alive(nb::object object);

/// Runs `work` without the GIL. Python's signals are looked at meanwhile: Ctrl-C stops the engine at its next safe point,
/// and KeyboardInterrupt is raised. threads: 0 means all cores; 1 in a child that was forked after threads had started.
/// `entries`: how many numbers the work reads, more or less; where they are few it is done before anybody could interrupt
/// it, and no second thread is started.
void run(int threads, double entries, const std::function<void(const Context&)>& work);

}  // namespace riata::python
