#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/data/table.hpp"

/// Arrow columns as what the engine works on: numbers or labels.
namespace riata {

enum class ColumnKind { number, boolean, text, unsupported };

/// From the Arrow format string: integers, floats and decimals are numbers, so is a column of nulls alone; strings and
/// dictionaries of strings are text; everything else (nested, dates, binary) is unsupported.
ColumnKind kind_of(const Column& column);

/// One column of numbers in float32 or float64. Arrow float columns of one chunk are pointed at, never copied; missing cells
/// (null or NaN, in `missing`, increasing) may then hold anything.
struct Numbers {
  MatrixBlock::Scalar scalar = MatrixBlock::Scalar::float64;
  const void* values = nullptr;
  Index rows = 0;
  std::vector<Index> missing;
  std::shared_ptr<const void> owner;

  double at(Index row) const {
    return scalar == MatrixBlock::Scalar::float32 ? static_cast<double>(static_cast<const float*>(values)[row])
                                                  : static_cast<const double*>(values)[row];
  }
};

enum class Infinite { refused, kept };

/// float32 stays float32; half floats widen to float32, all other numbers to float64; booleans become 0 and 1. A column of
/// the table's matrix is taken likewise (its strides allowing, without a copy). Throws Error(input) for an infinite value
/// (unless kept), naming row and column, and for text.
Numbers read_numbers(const Table& table, Index position, Infinite infinite = Infinite::refused);

/// Labels by code: levels[codes[i]], −1 for a missing cell (null, or a token of kMissingTokens). Levels are sorted by bytes.
struct Labels {
  std::vector<std::int32_t> codes;
  std::vector<std::string> levels;
};

/// Any kind of column: numbers as their shortest text ("1", "2.5"), booleans as "false" and "true".
Labels read_labels(const Table& table, Index position);

/// The cells of a column of text as they are, words that stand for missing values too; empty for null.
std::vector<std::string> read_texts(const Column& column);

/// Where in `kept` the rows are (both increasing); those that are not there are left out.
std::vector<Index> kept_positions(const std::vector<Index>& rows, const std::vector<Index>& kept);

/// The rows of `numbers` that `kept` lists, copied. `labels` likewise.
Numbers keep_rows(const Numbers& numbers, const std::vector<Index>& kept);
void keep_rows(Labels& labels, const std::vector<Index>& kept);

/// Throws Error(input) for a column that is neither numbers nor text, naming it and its type.
void require_supported(const Table& table, Index position);

}  // namespace riata
