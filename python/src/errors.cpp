#include "riata/core/error.hpp"

#include "binding.hpp"

namespace riata::python {
namespace {

PyObject* exception_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_supported: return PyExc_NotImplementedError;
    case ErrorKind::run: return PyExc_RuntimeError;
    default: return PyExc_ValueError;
  }
}

}  // namespace

void bind_errors(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      PyErr_SetString(exception_of(error.kind()), error.what());
    }
  });
}

}  // namespace riata::python
