#pragma once

#include <span>
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

/// Whether the row has a positive weight, as all have where there are none.
bool row_counts(std::span<const double> weights, Index row);

/// A column of finite numbers without a missing cell in rows that count. `what` names it in the error ("offset").
std::vector<double> read_complete_numbers(const Table& table, Index position, const char* what,
                                          std::span<const double> weights);
/// Numbers ≥ 0, not all zero.
std::vector<double> read_weights(const Table& table, Index position);
std::vector<std::string> read_row_labels(const Table& table, Index position, const char* what,
                                         std::span<const double> weights);

/// values[k] = values[kept[k]]; an empty vector stays empty.
template <class T>
void keep_rows(std::vector<T>& values, const std::vector<Index>& kept) {
  if (values.empty()) return;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const auto from = static_cast<std::size_t>(kept[k]);
    if (from != k) values[k] = std::move(values[from]);  // text that is moved onto itself would be gone
  }
  values.resize(kept.size());
}

/// Throws Error(input) at that cell; row −1: about the column.
[[noreturn]] void refuse_cell(const Table& table, Index row, Index position, const std::string& message);

}  // namespace riata
