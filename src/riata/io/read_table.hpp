#pragma once

#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/data/table.hpp"

namespace riata {

struct ReadOptions {
  enum class Header { automatic, yes, no };
  enum class Format { automatic, csv, parquet, arrow, libsvm, npy };

  Header header = Header::automatic;  ///< CSV; automatic: no header if every field of the first row is a number
  std::string encoding = "utf-8";     ///< CSV and LIBSVM: any name that iconv knows
  Format format = Format::automatic;  ///< by the first bytes, then by the name's extension, then by the first line
  /// CSV columns (names or 1-based numbers) that are read as text whatever they look like: --categorical, the columns of
  /// folds and groups, a model's categorical features at prediction. Names that the table lacks are ignored here.
  std::vector<std::string> text_columns;
};

/// A table from a file, or from standard input for "-". CSV (comma, tab or semicolon), Parquet, Arrow IPC (file, stream,
/// Feather 2), LIBSVM, NPY; CSV, LIBSVM and NPY also compressed (.gz, .zst).
///
/// CSV: a column whose first value is a number is a column of numbers (float64): a later field that is neither a number nor
/// a missing token (kMissingTokens) is an error naming file, row, column and value. A column of true/false words is boolean,
/// any other column text. Blanks around numbers are ignored, blank lines skipped.
///
/// Throws Error(input) for what cannot be read (`file:row:column "name": what, why, what to do`); Error(argument) for an
/// unknown encoding. Never allocates beyond the context's memory budget on the word of a file's header.
Table read_table(const std::string& path_or_dash, const ReadOptions& options, const Context& context);

}  // namespace riata
