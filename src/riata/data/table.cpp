#include "riata/data/table.hpp"

#include <algorithm>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {

Column::Memory::~Memory() {
  for (ArrowArray& chunk : chunks) {
    if (chunk.release != nullptr) chunk.release(&chunk);
  }
  if (schema.release != nullptr) schema.release(&schema);
}

Column::Column(std::string name, ArrowSchema schema, std::vector<ArrowArray> chunks)
    : name_(std::move(name)), memory_(std::make_shared<const Memory>(schema, std::move(chunks))) {}

Index Column::rows() const {
  Index rows = 0;
  for (const ArrowArray& chunk : chunks()) rows += chunk.length;
  return rows;
}

Index Table::n_columns() const { return static_cast<Index>(columns.size()) + (matrix ? matrix->cols : 0); }

std::string Table::column_name(Index position) const {
  const auto at = static_cast<std::size_t>(position);
  if (at < columns.size()) return columns[at].name();
  const std::size_t k = at - columns.size();
  return matrix->names.empty() ? "x" + std::to_string(k + 1) : matrix->names[k];
}

namespace {

/// Position in the matrix of a column named x1, x2, … by us.
std::optional<Index> own_name(const MatrixBlock& matrix, std::string_view name) {
  if (name.size() < 2 || name[0] != 'x' || name[1] == '0' || name[1] == '+' || name[1] == '-') return std::nullopt;
  const auto number = parse_index(name.substr(1));
  if (!number || *number < 1 || *number > matrix.cols) return std::nullopt;
  return *number - 1;
}

[[noreturn]] void lacks(const Table& table, std::string_view wanted) {
  constexpr Index kCompared = 100000;
  std::vector<std::string> names;
  for (Index j = 0; j < std::min(table.n_columns(), kCompared); ++j) names.push_back(table.column_name(j));
  std::string message = "no column '" + printable(wanted) + "'" + did_you_mean(wanted, names);
  if (close_names(wanted, names).empty()) {
    const bool one = table.n_columns() == 1;  // perhaps the separator is one that nobody looked for
    message += one ? "; there is one column only (commas, tabs and semicolons separate columns):"
                   : "; there are " + std::to_string(table.n_columns()) + " columns:";
    constexpr std::size_t kShown = 8;
    for (std::size_t j = 0; j < std::min(names.size(), kShown); ++j) message += (j == 0 ? " " : ", ") + printable(names[j]);
    if (names.size() > kShown) message += ", …";
  }
  throw Error(ErrorKind::column, message, printable(table.source));
}

}  // namespace

Index Table::find(std::string_view name_or_number) const {
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].name() == name_or_number) return static_cast<Index>(j);
  }
  if (matrix) {
    const auto first = static_cast<Index>(columns.size());
    if (matrix->names.empty()) {
      if (const auto found = own_name(*matrix, name_or_number)) return first + *found;
    } else if (const auto found = std::find(matrix->names.begin(), matrix->names.end(), name_or_number);
               found != matrix->names.end()) {
      return first + (found - matrix->names.begin());
    }
  }
  if (const auto number = parse_index(name_or_number); number && *number >= 1 && *number <= n_columns()) return *number - 1;
  lacks(*this, name_or_number);
}

Index Table::row_number(Index row) const {
  return first_row_number + row + (std::upper_bound(blank_rows.begin(), blank_rows.end(), row) - blank_rows.begin());
}

std::string Table::place(Index row, Index position) const {
  std::string place = printable(source);
  if (row >= 0) place += ":" + std::to_string(row_number(row));
  return place + ":" + std::to_string(position + 1) + " \"" + printable(column_name(position)) + "\"";
}

}  // namespace riata
