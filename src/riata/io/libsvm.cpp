#include "riata/io/libsvm.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/data/exact_integer.hpp"
#include "riata/data/make_column.hpp"
#include "riata/io/numbers.hpp"

namespace riata::io {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

/// What a column costs beyond its entries: its start, name and coding.
constexpr double kBytesAColumn = 150;

/// The rows as they come (compressed sparse rows).
class Rows {
 public:
  Rows(const std::string& source, const Context& context)
      : source_(source), context_(context), budget_(static_cast<double>(memory_budget(context))) {}

  void line(std::string_view text) {
    ++line_;
    if (const std::size_t comment = text.find('#'); comment != std::string_view::npos) text = text.substr(0, comment);
    std::string_view word = next_word(text);
    if (word.empty()) {
      ++pending_blank_;
      return;
    }
    for (; pending_blank_ > 0; --pending_blank_) blank_rows_.push_back(static_cast<Index>(labels_.size()));
    labels_.push_back(number(word, "the label", 1));
    const std::size_t first = columns_.size();
    for (word = next_word(text); !word.empty(); word = next_word(text)) entry(word);
    check_distinct(first);
    starts_.push_back(static_cast<Index>(columns_.size()));
  }

  /// The rows turned into columns by a counting sort.
  Table finish() {
    if (labels_.empty()) throw Error(ErrorKind::input, "holds no row", printable(source_));
    const Index base = least_ == 0 ? 0 : 1;
    Table table = make_table({make_column("label", std::move(labels_))});
    table.source = source_;
    table.label = "label";
    table.has_header = false;
    table.blank_rows = std::move(blank_rows_);
    if (largest_ < base)
      throw Error(ErrorKind::input, "no row has an index:value pair, so there is no feature", printable(source_));
    table.matrix = transposed(base);
    if (context_.on_log) {
      context_.on_log(printable(source_) + ": indices count from " + std::to_string(base) + ", the largest is " +
                      std::to_string(largest_));
    }
    return table;
  }

 private:
  static std::string_view next_word(std::string_view& text) {
    const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
  }

  [[noreturn]] void refuse(const std::string& message) const {
    throw Error(ErrorKind::input, message, printable(source_) + ":" + std::to_string(line_));
  }
  static std::string quoted(std::string_view word) { return "'" + shortened(printable(word), 40) + "'"; }

  /// An identifier that float64 would round, as in the other formats. Decimals are rounded as ever.
  template <class I>
  void check_exact(std::string_view word) const {
    I value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || is_exact_as_double(value)) return;
    refuse(rounding_message(value) + "leave it out, or give it a decimal point if rounding does no harm");
  }

  double number(std::string_view word, const char* what, std::size_t field) const {
    constexpr std::size_t kDigits = 16;  // of 2^53
    const ParsedNumber parsed = parse_number(word);
    if (parsed.kind == ParsedNumber::Kind::number && word.size() >= kDigits) {
      check_exact<std::int64_t>(word);
      check_exact<std::uint64_t>(word);
    }
    if (parsed.kind == ParsedNumber::Kind::number || parsed.kind == ParsedNumber::Kind::missing) return parsed.value;
    if (parsed.kind == ParsedNumber::Kind::too_large)
      refuse(std::string(what) + " " + quoted(word) + " is too large for a number (at most 1.8e308); correct it");
    refuse(std::string(what) + " " + quoted(word) + " is not a number" +
           (field == 1 ? "; a row reads: label index:value index:value …" : ""));
  }

  void entry(std::string_view word) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) refuse(quoted(word) + " is not index:value");
    const std::string_view index_text = word.substr(0, colon);
    if (index_text == "qid") refuse("query identifiers (qid) are for ranking, which is not supported; remove them");
    const auto index = parse_index(index_text);
    if (!index) refuse("the index " + quoted(index_text) + " is not a whole number that fits 64 bits");
    if (*index < 0) refuse("the index " + quoted(index_text) + " is negative; indices count from 0 or 1");
    if (static_cast<double>(*index) * kBytesAColumn > budget_) {
      refuse("the index " + quoted(index_text) + " is too large: so many columns need " +
             bytes_text(static_cast<double>(*index) * kBytesAColumn) + ", more than the " + bytes_text(budget_) +
             " this run may use; raise it with --memory BYTES if the index is right");
    }
    columns_.push_back(*index);
    values_.push_back(number(word.substr(colon + 1), "the value", 2));
    least_ = std::min(least_, *index);
    largest_ = std::max(largest_, *index);
    // here, and once more as columns
    if (static_cast<double>(columns_.size()) * 36 > budget_)
      require_room(static_cast<double>(columns_.size()) * 36, "the matrix", source_, context_);
  }

  void check_distinct(std::size_t first) {
    const auto begin = columns_.begin() + static_cast<Index>(first);
    if (std::is_sorted(begin, columns_.end(), std::less_equal<>())) return;  // strictly increasing, the common case
    sorted_.assign(begin, columns_.end());
    std::sort(sorted_.begin(), sorted_.end());
    const auto twice = std::adjacent_find(sorted_.begin(), sorted_.end());
    if (twice != sorted_.end())
      refuse("the index " + std::to_string(*twice) + " occurs twice; each may occur once in a row");
  }

  MatrixBlock transposed(Index base) {
    struct Memory {
      std::vector<Index> starts;
      std::vector<std::int64_t> rows;
      std::vector<double> values;
    };
    struct Narrow {
      std::vector<Index> starts;
      std::vector<std::int32_t> rows;
      std::vector<double> values;
    };
    MatrixBlock matrix;
    matrix.layout = MatrixBlock::Layout::sparse_columns;
    matrix.rows = static_cast<Index>(starts_.size()) - 1;
    matrix.cols = largest_ - base + 1;
    matrix.wide_indices =
        std::max(matrix.rows, static_cast<Index>(columns_.size())) > std::numeric_limits<std::int32_t>::max();
    const auto fill = [&](auto memory) {
      memory->starts.assign(static_cast<std::size_t>(matrix.cols) + 1, 0);
      for (Index column : columns_) ++memory->starts[static_cast<std::size_t>(column - base) + 1];
      for (std::size_t j = 1; j < memory->starts.size(); ++j) memory->starts[j] += memory->starts[j - 1];
      memory->rows.resize(columns_.size());
      memory->values.resize(columns_.size());
      std::vector<Index> next(memory->starts.begin(), memory->starts.end() - 1);
      for (Index i = 0; i < matrix.rows; ++i) {
        for (Index k = starts_[static_cast<std::size_t>(i)]; k < starts_[static_cast<std::size_t>(i) + 1]; ++k) {
          const auto at =
              static_cast<std::size_t>(next[static_cast<std::size_t>(columns_[static_cast<std::size_t>(k)] - base)]++);
          memory->rows[at] = static_cast<std::remove_cvref_t<decltype(memory->rows[0])>>(i);
          memory->values[at] = values_[static_cast<std::size_t>(k)];
        }
      }
      matrix.column_starts = memory->starts.data();
      matrix.row_indices = memory->rows.data();
      matrix.values = memory->values.data();
      matrix.owner = std::move(memory);
    };
    if (matrix.wide_indices) {
      fill(std::make_shared<Memory>());
    } else {
      fill(std::make_shared<Narrow>());
    }
    if (base == 0) {
      for (Index j = 0; j < matrix.cols; ++j) matrix.names.push_back("x" + std::to_string(j));
    }
    return matrix;
  }

  std::string source_;
  const Context& context_;
  double budget_;
  std::vector<double> labels_, values_;
  std::vector<Index> starts_{0}, columns_, sorted_, blank_rows_;
  Index line_ = 0, pending_blank_ = 0;
  Index least_ = std::numeric_limits<Index>::max(), largest_ = -1;
};

}  // namespace

Table parse_libsvm(ByteSource& bytes, const std::string& source, const Context& context) {
  constexpr Index kPiece = 1 << 20;
  const Index longest = std::clamp<Index>(memory_budget(context) / 4, kPiece, Index{1} << 30);
  Rows rows(source, context);
  std::vector<char> piece(kPiece);
  std::string cut;  // the beginning of a line that the last piece did not end
  Index line = 1;
  while (const Index count = bytes.read(piece.data(), kPiece)) {
    std::string_view text(piece.data(), static_cast<std::size_t>(count));
    for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1), ++line) {
      if (cut.empty()) {
        rows.line(text.substr(0, end));
      } else {
        cut += text.substr(0, end);
        rows.line(cut);
        cut.clear();
      }
    }
    cut += text;
    if (static_cast<Index>(cut.size()) > longest) {
      throw Error(ErrorKind::input,
                  "the row is longer than " + std::to_string(longest) +
                      " bytes, all that this run may hold of one; raise it with --memory BYTES",
                  printable(source) + ":" + std::to_string(line));
    }
  }
  if (!cut.empty()) rows.line(cut);
  return rows.finish();
}

Table read_libsvm(const InputFile& file, const ReadOptions& options, const Context& context) {
  auto bytes = open_text(file, options.encoding);
  return parse_libsvm(*bytes, file.source(), context);
}

}  // namespace riata::io
