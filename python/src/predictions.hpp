#pragma once

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "binding.hpp"
#include "riata/report/csv.hpp"

namespace riata::python {

/// Name → an array of numbers, or a list of texts.
inline nb::dict to_columns(std::vector<CsvColumn>&& columns) {
  nb::dict out;
  for (CsvColumn& column : columns) {
    const char* name = column.name.c_str();
    out[name] = column.texts.empty() ? to_array(std::move(column.numbers)) : nb::cast(column.texts);
  }
  return out;
}

}  // namespace riata::python
