#pragma once

#include <fstream>
#include <iterator>
#include <riata/riata.hpp>
#include <sstream>
#include <string>
#include <vector>

/// A table of numbers, column-major, as the examples need it: every cell a number, the last column the response.
struct Numbers {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;

  /// The features, without a copy.
  riata::DesignPtr design() const {
    std::vector<const double*> pointers;
    for (std::size_t j = 0; j + 1 < columns.size(); ++j) pointers.push_back(columns[j].data());
    return riata::dense_columns(pointers, static_cast<riata::Index>(columns[0].size()), nullptr);
  }
  const std::vector<double>& response() const { return columns.back(); }
};

inline Numbers read_numbers(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw riata::Error(riata::ErrorKind::input, "cannot be opened", file);
  Numbers table;
  std::string line, cell;
  std::getline(in, line);
  for (std::istringstream cells(line); std::getline(cells, cell, ',');) table.names.push_back(cell);
  table.columns.resize(table.names.size());
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    for (auto& column : table.columns) {
      std::getline(cells, cell, ',');
      column.push_back(std::stod(cell));
    }
  }
  return table;
}
