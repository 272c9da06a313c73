#pragma once

#include "riata/data/table.hpp"
#include "riata/io/byte_source.hpp"
#include "riata/io/read_table.hpp"

namespace riata::io {

/// LIBSVM (SVMlight) text: a row `label index:value index:value …`, "#" begins a comment, blank lines are skipped. The label
/// becomes a column "label", the rest a sparse float64 matrix whose column k is named after index k in the file: x1, x2, …,
/// or x0, x1, … where an index 0 occurs, so that a feature has the same name in every file. Indices of a row may come in any
/// order, once each. A label or value that is a missing token (kMissingTokens; nothing after the colon, too) is missing.
/// Tells the context's log which index came first.
///
/// Throws Error(input) naming the row for anything else, for an index that occurs twice, and for one so large that the
/// columns up to it do not fit the memory budget.
Table parse_libsvm(ByteSource& bytes, const std::string& source, const Context& context);

Table read_libsvm(const InputFile& file, const ReadOptions& options, const Context& context);

}  // namespace riata::io
