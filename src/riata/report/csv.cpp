#include "riata/report/csv.hpp"

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"

namespace riata {

std::string csv_field(std::string_view text) {
  const bool blank_ends = !text.empty() && (text.front() == ' ' || text.back() == ' ' || text.front() == '\t');
  if (!blank_ends && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string csv_text(const std::vector<CsvColumn>& columns) {
  std::string out;
  for (const CsvColumn& column : columns) out += (out.empty() ? "" : ",") + csv_field(column.name);
  out += '\n';
  const std::size_t rows = columns.empty() ? 0 : std::max(columns[0].numbers.size(), columns[0].texts.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (k > 0) out += ',';
      if (!columns[k].texts.empty()) {
        out += csv_field(columns[k].texts[i]);
      } else {
        out += std::isnan(columns[k].numbers[i]) ? "NA" : to_text(columns[k].numbers[i]);
      }
    }
    out += '\n';
  }
  return out;
}

}  // namespace riata
