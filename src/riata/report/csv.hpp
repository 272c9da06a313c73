#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace riata {

/// A CSV field: in quotes where it holds a comma, a quote, a line break or blanks at an end; quotes doubled (RFC 4180).
std::string csv_field(std::string_view text);

/// A column of numbers or, where `texts` is not empty, of texts.
struct CsvColumn {
  std::string name;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

/// A header and the columns side by side, all of one length; numbers are the shortest that read back, NaN is NA.
std::string csv_text(const std::vector<CsvColumn>& columns);

}  // namespace riata
