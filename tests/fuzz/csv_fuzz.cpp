// Any bytes as a CSV file: an Error, or a table with the rows and cells that a plain second parser finds.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "riata/core/error.hpp"
#include "riata/data/column_values.hpp"
#include "riata/data/missing.hpp"
#include "riata/io/csv_layout.hpp"
#include "riata/io/csv_scanner.hpp"
#include "riata/io/numbers.hpp"
#include "riata/io/read_table.hpp"

namespace {

using riata::Index;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Cell by cell: numbers as numbers, text as text.
void compare(const riata::Table& table, const std::vector<std::vector<std::string>>& rows) {
  require(table.rows == static_cast<Index>(rows.size()));
  for (Index j = 0; j < table.n_columns(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    const riata::Labels labels = riata::read_labels(table, j);
    const auto kind = riata::kind_of(table.columns[at]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const riata::io::ParsedNumber number = riata::io::parse_number(rows[i][at]);
      const bool missing = labels.codes[i] < 0;
      if (kind == riata::ColumnKind::number) {
        require(missing == (number.kind == riata::io::ParsedNumber::Kind::missing));
        if (!missing) require(number.kind == riata::io::ParsedNumber::Kind::number);
        if (!missing) require(riata::read_numbers(table, j).at(static_cast<Index>(i)) == number.value);
      } else if (kind == riata::ColumnKind::text) {
        require(missing == riata::is_missing_token(rows[i][at]));
        if (!missing) require(labels.levels[static_cast<std::size_t>(labels.codes[i])] == rows[i][at]);
      }
    }
  }
}

/// The scanner says the same however the bytes are cut.
void scan_in_pieces(std::string_view text) {
  std::string errors[2];
  const std::size_t pieces[2] = {1, text.size() + 1};
  for (int k = 0; k < 2; ++k) {
    try {
      riata::io::CsvScanner scanner("fuzz", ',', 0, {});
      for (std::size_t i = 0; i < text.size(); i += pieces[k]) scanner.feed(text.substr(i, pieces[k]));
      scanner.finish();
      errors[k] = std::to_string(scanner.rows()) + " " + std::to_string(scanner.longest_row());
    } catch (const riata::Error& refused) {
      errors[k] = refused.what();
    }
  }
  require(errors[0] == errors[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const riata::Context context(1);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  scan_in_pieces(text);
  static const int file = ::memfd_create("fuzz.csv", 0);
  require(::ftruncate(file, 0) == 0 && ::pwrite(file, data, size, 0) == static_cast<ssize_t>(size));
  riata::ReadOptions options;
  options.format = riata::ReadOptions::Format::csv;
  try {
    const riata::Table table = riata::read_table("/proc/self/fd/" + std::to_string(file), options, context);
    if (text.substr(0, 2) == "\x1f\x8b" || text.substr(0, 4) == "\x28\xb5\x2f\xfd") return 0;  // was compressed
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    const riata::io::CsvLayout layout = riata::io::find_layout(text, true, "fuzz", options);
    auto rows = riata::io::parse_rows(text, layout.delimiter, size + 1, true).rows;
    if (layout.header) rows.erase(rows.begin());
    compare(table, rows);
  } catch (const riata::Error&) {
  }
  return 0;
}
