#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "riata/app/option.hpp"
#include "riata/core/error.hpp"
#include "riata/data/table.hpp"

namespace riata::python {

/// Options as text, by their names without dashes.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// Checked by the one table of options that the command line has too.
template <class Spec>
Spec spec_of(const Settings& settings) {
  Spec spec;
  for (const auto& [name, text] : settings) {
    const auto& rows = options<Spec>();
    const auto row = std::ranges::find_if(rows, [&](const auto& one) { return one.name() == "--" + name; });
    if (row == rows.end()) throw Error(ErrorKind::argument, "there is no option '" + name + "'");
    row->set(spec, text);
  }
  return spec;
}

/// How many numbers so many passes over a table read.
inline double work_of(const Table& table, double passes) {
  return passes * static_cast<double>(table.rows) * static_cast<double>(table.n_columns());
}

}  // namespace riata::python
