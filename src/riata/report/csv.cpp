#include "riata/report/csv.hpp"

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

std::string predictions_csv(const std::vector<double>& predictions, const std::vector<std::string>& names,
                            const std::vector<std::vector<std::string>>& columns) {
  std::string out = "prediction";
  for (const std::string& name : names) out += "," + csv_field(name);
  out += '\n';
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    out += std::isnan(predictions[i]) ? "NA" : to_text(predictions[i]);
    for (const auto& column : columns) out += "," + csv_field(column[i]);
    out += '\n';
  }
  return out;
}

}  // namespace riata
