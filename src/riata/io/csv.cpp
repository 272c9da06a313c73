#include "riata/io/csv.hpp"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/csv/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/thread_pool.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/data/missing.hpp"
#include "riata/io/arrow_export.hpp"
#include "riata/io/csv_layout.hpp"
#include "riata/io/csv_scanner.hpp"
#include "riata/io/csv_text.hpp"

namespace riata::io {
namespace {

constexpr Index kPiece = 1 << 20;

/// Feeds Arrow the data rows, with every byte scanned first. Arrow's threads may hold on to it after a failed reading: it
/// owns all that it uses.
class ScannedStream final : public arrow::io::InputStream {
 public:
  ScannedStream(std::unique_ptr<TextSource> text, CsvScanner scanner, Index to_drop, const Context& context)
      : text_(std::move(text)),
        scanner_(std::move(scanner)),
        to_drop_(to_drop),
        budget_(memory_budget(context)),
        pool_(counting_pool(context)) {}

  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    if (pool_->bytes_allocated() > budget_) return arrow::Status::OutOfMemory("beyond the budget");
    try {
      return read(static_cast<char*>(out), size);
    } catch (const Error& error) {
      const std::lock_guard lock(guard_);
      error_ = error;
      return arrow::Status::Invalid("refused");
    }
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const int64_t count, Read(size, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(count, false));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool refused() const {
    const std::lock_guard lock(guard_);
    return error_.has_value();
  }
  const CsvScanner& scanner() const { return scanner_; }

 private:
  Index read(char* out, Index size) {
    Index filled = 0;
    if (position_ == 0 && !ended_) {  // Arrow drops one byte order mark: not one that begins the first cell, then
      std::copy_n("\xEF\xBB\xBF", 3, out);
      filled = 3;
    }
    while (filled < size && !ended_) {
      const Index count = text_->read(out + filled, size - filled);
      if (count == 0) {
        ended_ = true;
        scanner_.finish();
        break;
      }
      scanner_.feed({out + filled, static_cast<std::size_t>(count)});
      const Index dropped = std::min(to_drop_, count);
      std::copy(out + filled + dropped, out + filled + count, out + filled);
      to_drop_ -= dropped;
      filled += count - dropped;
      if (size - filled < 64) break;
    }
    position_ += filled;
    return filled;
  }

  std::unique_ptr<TextSource> text_;
  CsvScanner scanner_;
  Index to_drop_, budget_, position_ = 0;
  arrow::MemoryPool* pool_;
  bool ended_ = false, closed_ = false;
  mutable std::mutex guard_;
  std::optional<Error> error_;
};

/// The beginning of the text: a whole row at least, unless there is none.
struct Sample {
  std::string text;
  bool at_end = false;
};

Sample read_sample(const InputFile& file, const std::string& encoding, const Context& context) {
  const auto text = open_text(file, encoding);
  Sample sample;
  const Index most = std::min<Index>(memory_budget(context) / 4, Index{1} << 30);
  Index wanted = kPiece;
  while (true) {
    while (static_cast<Index>(sample.text.size()) < wanted && !sample.at_end) {
      const std::size_t filled = sample.text.size();
      sample.text.resize(filled + static_cast<std::size_t>(kPiece));
      const Index count = text->read(sample.text.data() + filled, kPiece);
      sample.text.resize(filled + static_cast<std::size_t>(count));
      sample.at_end = count == 0;
    }
    const bool whole_row = !parse_rows(sample.text, ',', 2, sample.at_end).rows.empty();
    if (whole_row || sample.at_end || wanted >= most) return sample;
    wanted = std::min(most, wanted * 8);
  }
}

class CsvReader {
 public:
  CsvReader(const InputFile& file, const ReadOptions& options, const Context& context)
      : file_(file), options_(options), context_(context), pool_(counting_pool(context)) {}

  Table read() {
    const Sample sample = read_sample(file_, options_.encoding, context_);
    layout_ = find_layout(sample.text, sample.at_end, file_.source(), options_);
    if (layout_.names.empty()) {
      scan();
      throw Error(ErrorKind::input, "the file holds blank lines only", printable(file_.source()));
    }
    block_ = std::max<Index>(kPiece, static_cast<Index>(sample.text.size()) / kPiece > 1 ? 2 * longest_row(sample.text) : 0);
    parallel_ = context_.threads() > 1;
    std::shared_ptr<arrow::Table> data;
    while (data == nullptr) data = attempt();
    return finish(std::move(data));
  }

 private:
  static Index longest_row(const std::string& text) {
    Index longest = 0, start = 0;
    for (Index end : parse_rows(text, ',', 1000, true).ends) {
      longest = std::max(longest, end - start);
      start = end;
    }
    return longest;
  }

  CsvScanner make_scanner(const TextSource& text) const {
    CsvScanner::Limits limits;
    const auto budget = static_cast<double>(memory_budget(context_));
    limits.max_cells = budget / sizeof(double);
    limits.max_row_bytes = static_cast<Index>(std::clamp(budget / 4, 1.0 * kPiece, 1.0 * ((1 << 30) - 1)));
    CsvScanner scanner(file_.source(), layout_.delimiter, static_cast<Index>(layout_.names.size()), limits);
    scanner.skip(text.skipped());
    return scanner;
  }

  /// The scanner alone over everything: the first fault of the text, or the longest row.
  Index scan() const {
    const auto text = open_text(file_, options_.encoding);
    CsvScanner scanner = make_scanner(*text);
    std::vector<char> buffer(kPiece);
    while (const Index count = text->read(buffer.data(), kPiece))
      scanner.feed({buffer.data(), static_cast<std::size_t>(count)});
    scanner.finish();
    if (scanner.rows() == (layout_.header ? 1 : 0) && !layout_.names.empty()) {
      throw Error(ErrorKind::input, "there is a header but no row below it", printable(file_.source()));
    }
    return scanner.longest_row();
  }

  /// One reading by Arrow; null when another, told better, is needed.
  std::shared_ptr<arrow::Table> attempt() {
    auto text = open_text(file_, options_.encoding);
    CsvScanner fresh = make_scanner(*text);
    const auto stream = std::make_shared<ScannedStream>(std::move(text), std::move(fresh), layout_.header_bytes, context_);
    const auto result = read_with_arrow(stream);
    if (result.ok() && !stream->refused()) {
      const CsvScanner& scanner = stream->scanner();
      if ((*result)->num_rows() == 0) scan();
      blank_rows_ = scanner.blank_rows();
      if (look_again_at_large_numbers(**result)) return nullptr;
      if ((*result)->num_rows() == scanner.rows() - (layout_.header ? 1 : 0)) return *result;
      throw Error(ErrorKind::input, "rows were lost in reading; please report this file", printable(file_.source()));
    }
    if (parallel_) arrow::internal::GetCpuThreadPool()->WaitForIdle();  // tasks that an exit drops wait for ever
    const Index longest = scan();  // faults of the text come first, whichever thread saw its own first
    learn(result.status(), longest);
    return nullptr;
  }

  arrow::Result<std::shared_ptr<arrow::Table>> read_with_arrow(const std::shared_ptr<ScannedStream>& stream) const {
    auto read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = parallel_;
    read.block_size = static_cast<std::int32_t>(block_);
    auto convert = arrow::csv::ConvertOptions::Defaults();
    convert.check_utf8 = false;
    convert.null_values.assign(kMissingTokens.begin(), kMissingTokens.end());
    convert.default_column_type = arrow::float64();
    for (std::size_t j = 0; j < layout_.names.size(); ++j) {
      read.column_names.push_back(std::to_string(j));
      if (layout_.kinds[j] == CsvLayout::Kind::number) continue;
      convert.column_types[read.column_names.back()] = arrow::dictionary(arrow::int32(), arrow::utf8());
    }
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.delimiter = layout_.delimiter;
    parse.newlines_in_values = true;
    if (parallel_ && arrow::GetCpuThreadPoolCapacity() != context_.threads()) {
      ARROW_RETURN_NOT_OK(arrow::SetCpuThreadPoolCapacity(context_.threads()));
    }
    ARROW_ASSIGN_OR_RAISE(auto reader,
                          arrow::csv::TableReader::Make(arrow::io::IOContext(pool_), stream, read, parse, convert));
    return reader->Read();
  }

  /// Arrow reads 1e400 as infinite, and rounds integers beyond 2⁵³: columns that may hold such are read again as text, which
  /// tells "inf" from a number too large, and an identifier from a number.
  bool look_again_at_large_numbers(const arrow::Table& data) {
    const auto may_differ = [](double x) {
      const double size = std::abs(x);
      return (size >= 0x1p53 && size <= 0x1p64) || std::isinf(x);
    };
    bool again = false;
    for (std::size_t j = 0; j < layout_.kinds.size(); ++j) {
      if (layout_.kinds[j] != CsvLayout::Kind::number) continue;
      for (const auto& chunk : data.column(static_cast<int>(j))->chunks()) {
        const double* values = static_cast<const arrow::DoubleArray&>(*chunk).raw_values();
        if (std::none_of(values, values + chunk->length(), may_differ)) continue;
        layout_.kinds[j] = CsvLayout::Kind::undecided;
        again = true;
        break;
      }
    }
    return again;
  }

  /// What a failed attempt teaches: rows longer than a block; a column of numbers with a field that Arrow cannot convert, to
  /// be read as text and looked at field by field. Columns are told by a serial attempt, so that it is always the same one.
  void learn(const arrow::Status& status, Index longest) {
    if (status.ok())
      throw Error(ErrorKind::input, "the input changed while it was read; try again", printable(file_.source()));
    if (status.IsOutOfMemory()) check(status, file_.source(), context_);
    const std::string& message = status.message();
    if (message.find("straddl") != std::string::npos && 2 * longest > block_) {
      block_ = std::min<Index>(2 * longest, std::numeric_limits<std::int32_t>::max());
      return;
    }
    constexpr std::string_view kMark = "In CSV column #";
    const std::size_t at = message.find(kMark);
    if (at == std::string::npos) check(status, file_.source(), context_);
    if (parallel_) {
      parallel_ = false;
      return;
    }
    const std::size_t begin = at + kMark.size(), end = message.find_first_not_of("0123456789", begin);
    const Index column = parse_index(std::string_view(message).substr(begin, end - begin)).value_or(-1);
    if (column < 0 || column >= static_cast<Index>(layout_.kinds.size()) ||
        layout_.kinds[static_cast<std::size_t>(column)] != CsvLayout::Kind::number) {
      check(status, file_.source(), context_);
      return;
    }
    layout_.kinds[static_cast<std::size_t>(column)] = CsvLayout::Kind::undecided;
    if (++relearned_ < 4) return;
    for (auto& kind : layout_.kinds) {  // enough: look at all of them
      if (kind == CsvLayout::Kind::number) kind = CsvLayout::Kind::undecided;
    }
  }

  Table finish(std::shared_ptr<arrow::Table> data) {
    Table table;
    table.source = file_.source();
    table.rows = data->num_rows();
    table.has_header = layout_.header;
    table.first_row_number = layout_.header ? 2 : 1;
    for (Index row : blank_rows_) table.blank_rows.push_back(std::max<Index>(0, row - (layout_.header ? 1 : 0)));
    auto columns = data->columns();
    data.reset();
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const std::string& name = layout_.names[j];
      const auto place = [&](Index row) {
        return printable(table.source) + ":" + std::to_string(table.row_number(row)) + ":" + std::to_string(j + 1) + " \"" +
               printable(name) + "\"";
      };
      const bool as_is = layout_.kinds[j] == CsvLayout::Kind::number || layout_.forced_text[j];
      table.columns.push_back(as_is ? export_column(name, std::move(columns[j]), pool_, table.source)
                                    : resolve_text(name, std::move(columns[j]), place, pool_, table.source));
    }
    return table;
  }

  const InputFile& file_;
  const ReadOptions& options_;
  const Context& context_;
  arrow::MemoryPool* pool_;
  CsvLayout layout_;
  Index block_ = kPiece;
  bool parallel_ = true;
  int relearned_ = 0;
  std::vector<Index> blank_rows_;
};

}  // namespace

Table read_csv(const InputFile& file, const ReadOptions& options, const Context& context) {
  return CsvReader(file, options, context).read();
}

}  // namespace riata::io
