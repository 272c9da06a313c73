#include "riata/io/read_table.hpp"

#include <algorithm>
#include <string_view>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/io/arrow_export.hpp"
#include "riata/io/csv.hpp"
#include "riata/io/libsvm.hpp"
#include "riata/io/npy.hpp"
#include "riata/io/parquet.hpp"

namespace riata {
namespace {

using Format = ReadOptions::Format;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// First row: a number, then index:value twice at least (once where the row ends there).
bool looks_like_libsvm(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  std::size_t words = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t colon = word.find(':');
    const bool label = words == 0 && parse_double(word).has_value();
    const bool entry = words > 0 && colon != std::string_view::npos && parse_index(word.substr(0, colon)) &&
                       (text.empty() || parse_double(word.substr(colon + 1)));
    if (!label && !entry) return false;
    ++words;
  }
  return words > 1;
}

Format format_of(const io::InputFile& file) {
  const std::string head = file.head(16);
  const std::string_view start = head;
  if (start.substr(0, 4) == "PAR1") return Format::parquet;
  if (start.substr(0, 6) == "ARROW1" || start.substr(0, 4) == "\xFF\xFF\xFF\xFF") return Format::arrow;
  if (start.substr(0, 6) == "\x93NUMPY") return Format::npy;
  std::string_view name = file.path();
  for (std::string_view packed : {".gz", ".zst"}) {
    if (ends_with(name, packed)) name.remove_suffix(packed.size());
  }
  const auto one_of = [&](std::initializer_list<std::string_view> extensions) {
    for (std::string_view extension : extensions) {
      if (ends_with(name, extension)) return true;
    }
    return false;
  };
  if (one_of({".parquet", ".pq"})) return Format::parquet;
  if (one_of({".arrow", ".arrows", ".feather", ".ipc"})) return Format::arrow;
  if (one_of({".npy"})) return Format::npy;
  if (one_of({".svm", ".libsvm", ".svmlight"})) return Format::libsvm;
  return looks_like_libsvm(file.head(4096)) ? Format::libsvm : Format::csv;
}

/// Files of other kinds that people have at hand, known by their first bytes.
void refuse_other_kinds(const io::InputFile& file) {
  struct Other {
    std::string_view start, is, instead;
  };
  constexpr Other kOthers[] = {
      {"PK\x03\x04", "a ZIP archive (.xlsx, .npz, .zip)", "save the table as CSV or Parquet, an array with numpy.save"},
      {"BZh", "compressed with bzip2", "unpack it, or compress it with gzip or zstd"},
      {"\xFD"
       "7zXZ",
       "compressed with xz", "unpack it, or compress it with gzip or zstd"},
      {"\x89HDF", "an HDF5 file", "save the table as CSV, Parquet or NPY"},
      {"MATLAB 5.0", "a MATLAB file", "save the table as CSV or NPY"},
      {"%%MatrixMarket", "a Matrix Market file", "save the matrix as LIBSVM (scikit-learn's dump_svmlight_file) or NPY"},
      {"SQLite format 3", "an SQLite database", "export the table as CSV"},
  };
  const std::string head = file.head(16);
  for (const Other& other : kOthers) {
    if (head.compare(0, other.start.size(), other.start) != 0) continue;
    throw Error(ErrorKind::input, "is " + std::string(other.is) + "; " + std::string(other.instead),
                printable(file.source()));
  }
}

}  // namespace

Table read_table(const std::string& path_or_dash, const ReadOptions& options, const Context& context) {
  const io::InputFile file(path_or_dash, context);
  refuse_other_kinds(file);
  const Format format = options.format == Format::automatic ? format_of(file) : options.format;
  Table table;
  switch (format) {
    case Format::parquet: table = io::read_parquet(file, context); break;
    case Format::arrow: table = io::read_arrow(file, context); break;
    case Format::libsvm: table = io::read_libsvm(file, options, context); break;
    case Format::npy: table = io::read_npy(file, context); break;
    default: table = io::read_csv(file, options, context);
  }
  if (table.rows == 0) throw Error(ErrorKind::input, "the table has no rows", printable(table.source));
  if (context.lean) io::release_unused();
  return table;
}

}  // namespace riata
