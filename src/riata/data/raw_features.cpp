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
  if (finite) return cells;
  const Numbers numbers = read_numbers(table, position);  // names an infinite cell
  if (!numbers.missing.empty()) {
    refuse_cell(table, numbers.missing.front(), position,
                "missing values in a sparse table are not supported; give the cell a value");
  }
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

void refuse_missing(const Table& table, const RawFeatures& raw) {
  Index first = table.rows, position = -1, columns = 0, total = 0;
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    Index here = 0;
    for_missing(raw.cells[f], [&](Index i) {
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

void refuse_empty_columns(const Table& table, const RawFeatures& raw) {
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    Index missing = 0;
    for_missing(raw.cells[f], [&](Index) { ++missing; });
    if (missing < table.rows || table.rows == 0) continue;
    refuse_cell(
        table, -1, raw.positions[f],
        "the column holds no value at all; leave it out with --exclude " + printable(table.column_name(raw.positions[f])));
  }
}

/// Rows to keep under --missing drop, or nothing when all stay.
std::optional<std::vector<Index>> complete_rows(const Table& table, const RawFeatures& raw,
                                                const std::vector<Index>& further) {
  std::vector<bool> dropped(static_cast<std::size_t>(table.rows));
  for (const FeatureCells& cells : raw.cells)
    for_missing(cells, [&](Index i) { dropped[static_cast<std::size_t>(i)] = true; });
  for (Index i : further) dropped[static_cast<std::size_t>(i)] = true;
  std::vector<Index> kept;
  for (Index i = 0; i < table.rows; ++i) {
    if (!dropped[static_cast<std::size_t>(i)]) kept.push_back(i);
  }
  if (static_cast<Index>(kept.size()) == table.rows) return std::nullopt;
  if (kept.empty()) {
    throw Error(ErrorKind::input,
                "every row has a missing value, so that --missing drop leaves none; choose mean or indicator",
                printable(table.source));
  }
  return kept;
}

void keep_rows(RawFeatures& raw, const std::vector<Index>& kept) {
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    FeatureCells& cells = raw.cells[f];
    if (cells.place == Place::numbers) cells.numbers = keep_rows(cells.numbers, kept);
    if (cells.place != Place::labels) continue;
    Labels labels{std::move(cells.codes), std::move(raw.levels[f])};
    keep_rows(labels, kept);
    std::vector<std::int32_t> renumbered(labels.levels.size(), -1);
    for (std::int32_t code : labels.codes) renumbered[static_cast<std::size_t>(code)] = 0;
    std::int32_t next = 0;
    for (std::size_t k = 0; k < renumbered.size(); ++k) {
      if (renumbered[k] < 0) continue;
      renumbered[k] = next++;
      raw.levels[f].push_back(labels.levels[k]);
    }
    for (std::int32_t& code : labels.codes) code = renumbered[static_cast<std::size_t>(code)];
    cells.codes = std::move(labels.codes);
  }
  if (raw.matrix) raw.matrix = keep_rows(*raw.matrix, kept);
}

}  // namespace riata
