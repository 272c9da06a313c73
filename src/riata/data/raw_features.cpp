#include "riata/data/raw_features.hpp"

#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/row_columns.hpp"

namespace riata {
namespace {

using Place = FeatureCells::Place;

bool all_finite(const MatrixBlock& matrix) {
  const auto finite = [&](const auto* values) {
    if (matrix.layout == MatrixBlock::Layout::sparse_columns) {
      return std::all_of(values + matrix.column_starts[0], values + matrix.column_starts[matrix.cols],
                         [](auto x) { return std::isfinite(x); });
    }
    const bool by_rows = matrix.row_stride > matrix.column_stride;
    const Index outer = by_rows ? matrix.rows : matrix.cols, inner = by_rows ? matrix.cols : matrix.rows;
    const Index outer_step = by_rows ? matrix.row_stride : matrix.column_stride;
    const Index inner_step = by_rows ? matrix.column_stride : matrix.row_stride;
    for (Index a = 0; a < outer; ++a) {
      int wrong = 0;
      for (Index b = 0; b < inner; ++b) wrong |= !std::isfinite(values[a * outer_step + b * inner_step]);
      if (wrong != 0) return false;
    }
    return true;
  };
  return matrix.scalar == MatrixBlock::Scalar::float32 ? finite(static_cast<const float*>(matrix.values))
                                                       : finite(static_cast<const double*>(matrix.values));
}

/// Rows of a sparse column's entries that are NaN, increasing. Refuses an infinite one.
std::vector<Index> missing_entries(const Table& table, Index position) {
  const MatrixBlock& matrix = *table.matrix;
  const Index column = position - static_cast<Index>(table.columns.size());
  std::vector<Index> missing;
  for (Index k = matrix.column_starts[column]; k < matrix.column_starts[column + 1]; ++k) {
    const double value = matrix.scalar == MatrixBlock::Scalar::float32
                             ? static_cast<double>(static_cast<const float*>(matrix.values)[k])
                             : static_cast<const double*>(matrix.values)[k];
    if (std::isfinite(value)) continue;
    if (std::isinf(value)) read_numbers(table, position);  // names the cell
    missing.push_back(matrix.wide_indices ? static_cast<const std::int64_t*>(matrix.row_indices)[k]
                                          : static_cast<const std::int32_t*>(matrix.row_indices)[k]);
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

/// float64, float32, matrix, categorical: long runs make fast designs.
int storage_rank(const Table& table, Index position, bool categorical) {
  if (categorical) return 3;
  if (position >= static_cast<Index>(table.columns.size())) return 2;
  const std::string_view format = table.columns[static_cast<std::size_t>(position)].schema().format;
  return format == "f" || format == "e" ? 1 : 0;
}

/// Calls use(row) for every missing cell.
template <class Use>
void for_missing(const FeatureCells& cells, const Use& use) {
  for (Index i : cells.numbers.missing) use(i);
  for (std::size_t i = 0; i < cells.codes.size(); ++i) {
    if (cells.codes[i] == FeatureCells::kMissing) use(static_cast<Index>(i));
  }
}

}  // namespace

std::string count_text(Index count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

bool matrix_is_finite(const Table& table) { return table.matrix && all_finite(*table.matrix); }

/// A numeric feature: where it lies, or its numbers.
FeatureCells read_numeric_feature(const Table& table, Index position, bool finite) {
  FeatureCells cells;
  const auto n_columns = static_cast<Index>(table.columns.size());
  if (position < n_columns || (!finite && table.matrix->layout == MatrixBlock::Layout::dense)) {
    cells.numbers = read_numbers(table, position);
    return cells;
  }
  cells.place = Place::matrix;
  cells.matrix_column = position - n_columns;
  if (!finite) cells.numbers.missing = missing_entries(table, position);
  return cells;
}

FeatureCells label_cells(std::vector<std::int32_t> codes) {
  FeatureCells cells;
  cells.place = Place::labels;
  cells.codes = std::move(codes);
  return cells;
}

RawFeatures read_features(const Table& table, const RolePositions& roles) {
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t f = 0; f < roles.features.size(); ++f) {
    order.emplace_back(storage_rank(table, roles.features[f], roles.categorical[f]), f);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const bool finite = matrix_is_finite(table);
  RawFeatures raw;
  raw.matrix = table.matrix;
  raw.positions.reserve(order.size());
  raw.cells.reserve(order.size());
  raw.levels.reserve(order.size());
  for (const auto& [rank, f] : order) {
    const Index position = roles.features[f];
    raw.positions.push_back(position);
    if (roles.categorical[f]) {
      Labels labels = read_labels(table, position);
      raw.cells.push_back(label_cells(std::move(labels.codes)));
      raw.levels.push_back(std::move(labels.levels));
    } else {
      raw.cells.push_back(read_numeric_feature(table, position, finite));
      raw.levels.emplace_back();
    }
  }
  return raw;
}

void refuse_missing(const Table& table, const RawFeatures& raw, std::span<const double> weights) {
  Index first = table.rows, position = -1, columns = 0, total = 0;
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    Index here = 0;
    for_missing(raw.cells[f], [&](Index i) {
      if (!row_counts(weights, i)) return;
      ++here;
      if (i < first || (i == first && raw.positions[f] < position)) {
        first = i;
        position = raw.positions[f];
      }
    });
    total += here;
    columns += here > 0 ? 1 : 0;
  }
  if (total == 0) return;
  refuse_cell(table, first, position,
              "missing value (the first of " + count_text(total, "missing cell", "missing cells") + " in " +
                  count_text(columns, "column", "columns") + "); choose --missing drop, mean or indicator, or fill it in");
}

void refuse_empty_columns(const Table& table, const RawFeatures& raw, std::span<const double> weights) {
  Index counted = 0;
  for (Index i = 0; i < table.rows; ++i) counted += row_counts(weights, i) ? 1 : 0;
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    Index missing = 0;
    for_missing(raw.cells[f], [&](Index i) { missing += row_counts(weights, i) ? 1 : 0; });
    if (missing < counted) continue;
    refuse_cell(
        table, -1, raw.positions[f],
        "the column holds no value at all; leave it out with --exclude " + printable(table.column_name(raw.positions[f])));
  }
}

void drop_incomplete(const RawFeatures& raw, std::vector<bool>& dropped) {
  for (const FeatureCells& cells : raw.cells)
    for_missing(cells, [&](Index i) { dropped[static_cast<std::size_t>(i)] = true; });
}

void keep_rows(RawFeatures& raw, const std::vector<Index>& kept) {
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    FeatureCells& cells = raw.cells[f];
    if (cells.place == Place::numbers) cells.numbers = keep_rows(cells.numbers, kept);
    if (cells.place == Place::matrix) cells.numbers.missing = kept_positions(cells.numbers.missing, kept);
    if (cells.place != Place::labels) continue;
    Labels labels{std::move(cells.codes), std::move(raw.levels[f])};
    keep_rows(labels, kept);
    std::vector<std::int32_t> renumbered(labels.levels.size(), -1);
    for (std::int32_t code : labels.codes) {
      if (code >= 0) renumbered[static_cast<std::size_t>(code)] = 0;
    }
    std::int32_t next = 0;
    for (std::size_t k = 0; k < renumbered.size(); ++k) {
      if (renumbered[k] < 0) continue;
      renumbered[k] = next++;
      raw.levels[f].push_back(labels.levels[k]);
    }
    for (std::int32_t& code : labels.codes) code = code < 0 ? code : renumbered[static_cast<std::size_t>(code)];
    cells.codes = std::move(labels.codes);
  }
  if (raw.matrix) raw.matrix = keep_rows(*raw.matrix, kept);
}

}  // namespace riata
