#pragma once

#include <string>
#include <vector>

#include "riata/data/dataset.hpp"

/// The columns that say something about rows: target, weights, offset, folds, groups. Position −1: there is no such column.
namespace riata {

struct Target {
  Response response;
  std::vector<Index> missing;  ///< rows whose target is missing
};

Target read_target(const Table& table, Index position);
/// After rows were dropped: only classes that are still there, looks_like_classes judged anew.
void keep_rows(Response& response, const std::vector<Index>& kept);

/// A column of finite numbers without a missing cell. `what` names it in the error ("weight").
std::vector<double> read_complete_numbers(const Table& table, Index position, const char* what);
/// Numbers ≥ 0, not all zero.
std::vector<double> read_weights(const Table& table, Index position);
std::vector<std::string> read_row_labels(const Table& table, Index position, const char* what);

/// values[k] = values[kept[k]]; an empty vector stays empty.
template <class T>
void keep_rows(std::vector<T>& values, const std::vector<Index>& kept) {
  if (values.empty()) return;
  for (std::size_t k = 0; k < kept.size(); ++k) values[k] = std::move(values[static_cast<std::size_t>(kept[k])]);
  values.resize(kept.size());
}

/// Throws Error(input) at that cell; row −1: about the column.
[[noreturn]] void refuse_cell(const Table& table, Index row, Index position, const std::string& message);

}  // namespace riata
