#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "riata/data/coded_design.hpp"
#include "riata/data/roles.hpp"

namespace riata {

/// The features of a table as read, in the order of storage: float64, float32, matrix, categorical.
struct RawFeatures {
  std::vector<Index> positions;  ///< of the features in the table
  std::vector<FeatureCells> cells;
  std::vector<std::vector<std::string>> levels;  ///< of categorical features
  std::optional<MatrixBlock> matrix;
};

RawFeatures read_features(const Table& table, const RolePositions& roles);

/// One numeric feature. `finite`: the table's matrix holds neither NaN nor infinities (see matrix_is_finite).
FeatureCells read_numeric_feature(const Table& table, Index position, bool finite);
bool matrix_is_finite(const Table& table);
FeatureCells label_cells(std::vector<std::int32_t> codes);

/// Throw Error(input) naming the first missing cell; a column without any value. Rows of weight zero do not count.
void refuse_missing(const Table& table, const RawFeatures& raw, std::span<const double> weights);
void refuse_empty_columns(const Table& table, const RawFeatures& raw, std::span<const double> weights);

/// Marks the rows that have a missing cell.
void drop_incomplete(const RawFeatures& raw, std::vector<bool>& dropped);
void keep_rows(RawFeatures& raw, const std::vector<Index>& kept);

/// "1 row", "2 rows".
std::string count_text(Index count, const char* one, const char* many);

}  // namespace riata
