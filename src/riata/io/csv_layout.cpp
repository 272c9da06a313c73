#include "riata/io/csv_layout.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/io/csv_scanner.hpp"
#include "riata/io/numbers.hpp"

namespace riata::io {
namespace {

using Kind = CsvLayout::Kind;

std::string_view extension_of(std::string_view path) {
  for (std::string_view packed : {".gz", ".zst"}) {
    if (path.size() > packed.size() && path.substr(path.size() - packed.size()) == packed) path.remove_suffix(packed.size());
  }
  const std::size_t dot = path.find_last_of("./");
  return dot == std::string_view::npos || path[dot] == '/' ? std::string_view() : path.substr(dot);
}

/// However badly written.
bool is_number(const std::string& field) {
  const ParsedNumber::Kind kind = parse_number(field).kind;
  return kind != ParsedNumber::Kind::missing && kind != ParsedNumber::Kind::text;
}

/// Every field a number or a missing token, at least one a number.
bool all_numbers(const std::vector<std::string>& row) {
  return std::any_of(row.begin(), row.end(), is_number) && std::all_of(row.begin(), row.end(), [](const std::string& field) {
           return is_number(field) || parse_number(field).kind == ParsedNumber::Kind::missing;
         });
}

void check_names(const std::vector<std::string>& names, const std::string& place) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (names[j].empty()) {
      throw Error(
          ErrorKind::input,
          "column " + std::to_string(j + 1) + " of " + std::to_string(names.size()) + " has no name; name it in the header" +
              (j == 0 ? ", or leave row names out when writing the file (pandas: index=False, R: row.names=FALSE)" : ""),
          place);
    }
    const auto [first, added] = seen.try_emplace(names[j], j);
    if (added) continue;
    throw Error(ErrorKind::input,
                "columns " + std::to_string(first->second + 1) + " and " + std::to_string(j + 1) + " are both named \"" +
                    printable(names[j]) + "\"; give each its own name",
                place);
  }
}

Kind kind_of_column(const std::vector<std::vector<std::string>>& rows, std::size_t first, std::size_t j) {
  for (std::size_t i = first; i < rows.size(); ++i) {
    if (j >= rows[i].size()) return Kind::undecided;  // ragged: the scanner says so
    const ParsedNumber::Kind kind = parse_number(rows[i][j]).kind;
    if (kind == ParsedNumber::Kind::missing) continue;
    return kind == ParsedNumber::Kind::number ? Kind::number
           : kind == ParsedNumber::Kind::text ? Kind::text
                                              : Kind::undecided;
  }
  return Kind::undecided;
}

}  // namespace

char find_delimiter(std::string_view sample, bool at_end, std::string_view extension) {
  if (extension == ".tsv" || extension == ".tab") return '\t';
  constexpr std::size_t kRows = 20;
  const auto fields = [](const CsvRows& rows) {
    std::size_t n = rows.rows.empty() ? 1 : rows.rows.front().size();
    for (const auto& row : rows.rows) n = row.size() == n ? n : 1;
    return n;
  };
  char best = ',';
  std::size_t most = 1;
  for (char delimiter : {',', '\t', ';'}) {
    const CsvRows rows = parse_rows(sample, delimiter, kRows, at_end);
    const std::size_t n = fields(rows);
    bool decimal_commas = delimiter == ';' && n > 1;
    for (const auto& row : rows.rows) {
      for (const std::string& field : row) {
        const bool comma = field.find(',') != std::string::npos;
        decimal_commas = decimal_commas && (!comma || parse_number(field).kind == ParsedNumber::Kind::comma);
      }
    }
    if (n > most || decimal_commas) {
      best = delimiter;
      most = n;
    }
  }
  return best;
}

CsvLayout find_layout(std::string_view sample, bool at_end, const std::string& source, const ReadOptions& options) {
  constexpr std::size_t kRows = 1000;
  CsvLayout layout;
  layout.delimiter = find_delimiter(sample, at_end, extension_of(source));
  const CsvRows parsed = parse_rows(sample, layout.delimiter, kRows, at_end);
  if (parsed.rows.empty()) return layout;  // nothing but blank lines, or an unclosed quote: the scanner says which
  const std::vector<std::string>& first = parsed.rows.front();
  layout.header = options.header == ReadOptions::Header::yes ||
                  (options.header == ReadOptions::Header::automatic && !all_numbers(first));
  if (layout.header) {
    layout.names = first;
    layout.header_bytes = parsed.ends.front();
    check_names(layout.names, printable(source) + ":1");
  } else {
    for (std::size_t j = 0; j < first.size(); ++j) layout.names.push_back("x" + std::to_string(j + 1));
  }
  const std::size_t n = first.size();
  layout.forced_text.assign(n, false);
  for (const std::string& wanted : options.text_columns) {
    auto at = std::find(layout.names.begin(), layout.names.end(), wanted);
    const auto number = parse_index(wanted);
    if (at == layout.names.end() && number && *number >= 1 && *number <= static_cast<Index>(n)) {
      at = layout.names.begin() + (*number - 1);
    }
    if (at != layout.names.end()) layout.forced_text[static_cast<std::size_t>(at - layout.names.begin())] = true;
  }
  for (std::size_t j = 0; j < n; ++j) {
    layout.kinds.push_back(layout.forced_text[j] ? Kind::text : kind_of_column(parsed.rows, layout.header ? 1 : 0, j));
  }
  return layout;
}

}  // namespace riata::io
