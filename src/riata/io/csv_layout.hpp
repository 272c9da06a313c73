#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "riata/io/read_table.hpp"

namespace riata::io {

/// What the beginning of a CSV text tells about the whole.
struct CsvLayout {
  enum class Kind { number, text, undecided };
  char delimiter = ',';
  bool header = false;
  Index header_bytes = 0;  ///< to skip before the data: the header row
  std::vector<std::string> names;
  std::vector<Kind> kinds;        ///< by the first value of each column in the sample
  std::vector<bool> forced_text;  ///< ReadOptions::text_columns
};

/// The separator among , tab and ; that cuts the first rows into equally many fields; most fields win. `extension` decides
/// for .tsv and .tab. Semicolon wins over comma where all commas stand inside numbers (decimal commas).
char find_delimiter(std::string_view sample, bool at_end, std::string_view extension);

/// `sample`: the text's beginning, with at least one whole row. Throws Error(input) for duplicate or empty column names, and
/// where there is a header but no row.
CsvLayout find_layout(std::string_view sample, bool at_end, const std::string& source, const ReadOptions& options);

}  // namespace riata::io
