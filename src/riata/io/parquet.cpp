#include "riata/io/parquet.hpp"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/io/arrow_export.hpp"

namespace riata::io {
namespace {

/// mapped: what is stored as it is wanted need not be copied; else what is read does not count as the process's memory.
std::shared_ptr<arrow::io::RandomAccessFile> open_random(const InputFile& file, bool mapped, const Context& context) {
  if (file.in_memory() || file.compressed()) {
    return std::make_shared<arrow::io::BufferReader>(kept_buffer(file.all()));
  }
  if (mapped) {
    auto map = arrow::io::MemoryMappedFile::Open(file.path(), arrow::io::FileMode::READ);
    check(map.status(), file.source(), context);
    return *map;
  }
  auto plain = arrow::io::ReadableFile::Open(file.path());
  check(plain.status(), file.source(), context);
  return *plain;
}

void check_names(const Table& table) {
  std::vector<std::pair<std::string_view, std::size_t>> names;
  for (std::size_t j = 0; j < table.columns.size(); ++j) names.emplace_back(table.columns[j].name(), j);
  std::sort(names.begin(), names.end());
  for (std::size_t k = 1; k < names.size(); ++k) {
    if (names[k].first != names[k - 1].first) continue;
    throw Error(ErrorKind::input,
                "columns " + std::to_string(names[k - 1].second + 1) + " and " + std::to_string(names[k].second + 1) +
                    " are both named \"" + printable(names[k].first) + "\"; give each its own name",
                printable(table.source));
  }
}

/// A reader of its own for each task: readers are not shared between threads. Text comes dictionary-coded.
std::unique_ptr<parquet::arrow::FileReader> make_reader(const std::shared_ptr<arrow::io::RandomAccessFile>& input,
                                                        const std::shared_ptr<parquet::FileMetaData>& metadata,
                                                        arrow::MemoryPool* pool, const InputFile& file,
                                                        const Context& context) {
  parquet::ReaderProperties properties(pool);
  parquet::arrow::FileReaderBuilder builder;
  check(builder.Open(input, properties, metadata), file.source(), context);
  parquet::ArrowReaderProperties arrow_properties(false);
  const auto& schema = *builder.raw_reader()->metadata()->schema();
  for (int j = 0; j < schema.num_columns(); ++j) {
    const auto* column = schema.Column(j);
    const bool text = column->physical_type() == parquet::Type::BYTE_ARRAY && column->logical_type() != nullptr &&
                      column->logical_type()->is_string();
    if (text && column->max_repetition_level() == 0) arrow_properties.set_read_dictionary(j, true);
  }
  builder.properties(arrow_properties)->memory_pool(pool);
  auto reader = builder.Build();
  check(reader.status(), file.source(), context);
  return std::move(*reader);
}

Table read_parquet_columns(const InputFile& file, const Context& context) {
  arrow::MemoryPool* const pool = pool_of(context);
  const auto input = open_random(file, false, context);
  auto first = make_reader(input, nullptr, pool, file, context);
  const auto metadata = first->parquet_reader()->metadata();
  const Index rows = metadata->num_rows();
  const int n_columns =
      first->manifest().schema_fields.empty() ? 0 : static_cast<int>(first->manifest().schema_fields.size());
  if (rows < 0)
    throw Error(ErrorKind::input, "the file claims a negative number of rows; it is damaged", printable(file.source()));
  require_memory(static_cast<double>(rows) * n_columns,
                 "a table of " + std::to_string(rows) + " rows and " + std::to_string(n_columns) + " columns",
                 printable(file.source()), context);
  Table table;
  table.source = file.source();
  table.rows = rows;
  std::vector<std::optional<Column>> columns(static_cast<std::size_t>(n_columns));
  std::mutex guard;
  Index done = 0;
  const auto read = [&](parquet::arrow::FileReader& reader, Index j) {
    std::shared_ptr<arrow::ChunkedArray> chunks;
    check(reader.ReadColumn(static_cast<int>(j), &chunks), file.source(), context);
    const auto& field = first->manifest().schema_fields[static_cast<std::size_t>(j)].field;
    if (chunks->length() != rows) {
      throw Error(ErrorKind::input,
                  "column \"" + printable(field->name()) + "\" holds " + std::to_string(chunks->length()) +
                      " rows where the file claims " + std::to_string(rows) + "; it is damaged",
                  printable(file.source()));
    }
    columns[static_cast<std::size_t>(j)] = export_column(field->name(), std::move(chunks), pool, file.source());
    const std::lock_guard lock(guard);
    ++done;
    if (context.on_progress) context.on_progress({"reading columns", done, n_columns});
  };
  // A few readers a thread: to make one takes as long as there are columns in the file.
  const Index most = std::max<Index>(n_columns / (4 * context.threads()), 1);
  context.for_blocks((n_columns + most - 1) / most, [&](Index block) {
    const auto reader = make_reader(input, metadata, pool, file, context);
    for (Index j = block * most; j < std::min<Index>((block + 1) * most, n_columns); ++j) read(*reader, j);
  });
  for (auto& column : columns) table.columns.push_back(std::move(*column));
  return table;
}

arrow::RecordBatchVector read_batches(const InputFile& file, arrow::MemoryPool* pool, std::shared_ptr<arrow::Schema>& schema,
                                      const Context& context) {
  const auto input = open_random(file, true, context);
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = pool;
  options.use_threads = context.threads() > 1;
  options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
  arrow::RecordBatchVector batches;
  if (file.head(6) == "ARROW1") {
    auto reader = arrow::ipc::RecordBatchFileReader::Open(input, options);
    check(reader.status(), file.source(), context);
    schema = (*reader)->schema();
    for (int k = 0; k < (*reader)->num_record_batches(); ++k) {
      auto batch = (*reader)->ReadRecordBatch(k);
      check(batch.status(), file.source(), context);
      batches.push_back(*batch);
      if (context.on_progress) context.on_progress({"reading batches", k + 1, (*reader)->num_record_batches()});
    }
    return batches;
  }
  auto reader = arrow::ipc::RecordBatchStreamReader::Open(input, options);
  check(reader.status(), file.source(), context);
  schema = (*reader)->schema();
  auto all = (*reader)->ToRecordBatches();
  check(all.status(), file.source(), context);
  return *all;
}

}  // namespace

Table read_parquet(const InputFile& file, const Context& context) {
  try {
    Table table = read_parquet_columns(file, context);
    check_names(table);
    return table;
  } catch (const parquet::ParquetException& error) {
    throw Error(ErrorKind::input, "not a readable Parquet file: " + printable(error.what()), printable(file.source()));
  }
}

Table read_arrow(const InputFile& file, const Context& context) {
  arrow::MemoryPool* const pool = pool_of(context);
  std::shared_ptr<arrow::Schema> schema;
  arrow::RecordBatchVector batches = read_batches(file, pool, schema, context);
  for (const auto& batch : batches) check(batch->ValidateFull(), file.source(), context);
  auto data = arrow::Table::FromRecordBatches(schema, batches);
  check(data.status(), file.source(), context);
  batches.clear();
  Table table;
  table.source = file.source();
  table.rows = (*data)->num_rows();
  auto columns = (*data)->columns();
  data->reset();
  for (std::size_t j = 0; j < columns.size(); ++j) {
    table.columns.push_back(
        export_column(schema->field(static_cast<int>(j))->name(), std::move(columns[j]), pool, table.source));
  }
  check_names(table);
  return table;
}

}  // namespace riata::io
