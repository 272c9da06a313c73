#include "riata/core/file_error.hpp"

#include <nanobind/stl/string.h>

#include <new>

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
    } catch (const FileError& error) {  // OSError makes FileNotFoundError and the like of the number
      const nb::object parts = nb::make_tuple(error.code(), error.message(), error.where());
      PyErr_SetObject(PyExc_OSError, parts.ptr());
    } catch (const Error& error) {
      PyErr_SetString(exception_of(error.kind()), error.what());
    } catch (const std::bad_alloc&) {
      PyErr_SetString(
          PyExc_MemoryError,
          "there is too little memory left for what the computation keeps besides the data (docs/python.md, Data)");
    }
  });
}

}  // namespace riata::python
