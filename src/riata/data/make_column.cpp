#include "riata/data/make_column.hpp"

#include <array>
#include <memory>
#include <utility>

#include "riata/core/error.hpp"

namespace riata {
namespace {

/// What an exported array points to; freed by its release callback.
struct Memory {
  std::vector<double> doubles;
  std::vector<float> floats;
  std::vector<std::int64_t> integers;  // also the offsets of text
  std::vector<std::uint64_t> naturals;
  std::vector<std::uint8_t> bits, validity;
  std::string bytes;
  std::array<const void*, 3> buffers{};
};

void release_array(ArrowArray* array) {
  delete static_cast<Memory*>(array->private_data);
  array->release = nullptr;
}
void release_schema(ArrowSchema* schema) { schema->release = nullptr; }

/// `format` is a literal: nothing of the schema needs freeing.
Column exported(std::string name, const char* format, Index length, std::int64_t n_buffers, std::unique_ptr<Memory> memory) {
  ArrowSchema schema{};
  schema.format = format;
  schema.name = "";
  schema.flags = ARROW_FLAG_NULLABLE;
  schema.release = release_schema;
  ArrowArray array{};
  array.length = length;
  array.null_count = memory->validity.empty() ? 0 : -1;
  array.n_buffers = n_buffers;
  array.buffers = memory->buffers.data();
  array.private_data = memory.release();
  array.release = release_array;
  return {std::move(name), schema, {array}};
}

void set_bit(std::vector<std::uint8_t>& bits, std::size_t i) {
  bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << (i % 8));
}

template <class T>
Column from_numbers(std::string name, const char* format, std::vector<T> Memory::*member, std::vector<T> values,
                    const std::vector<std::int8_t>& missing = {}) {
  auto memory = std::make_unique<Memory>();
  const auto length = static_cast<Index>(values.size());
  (*memory).*member = std::move(values);
  memory->buffers[1] = ((*memory).*member).data();
  if (!missing.empty()) {
    memory->validity.assign(missing.size() / 8 + 1, 0);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      if (missing[i] == 0) set_bit(memory->validity, i);
    }
    memory->buffers[0] = memory->validity.data();
  }
  return exported(std::move(name), format, length, 2, std::move(memory));
}

}  // namespace

Column make_column(std::string name, std::vector<double> values) {
  return from_numbers(std::move(name), "g", &Memory::doubles, std::move(values));
}
Column make_column(std::string name, std::vector<float> values) {
  return from_numbers(std::move(name), "f", &Memory::floats, std::move(values));
}
Column make_column(std::string name, std::vector<std::int64_t> values, const std::vector<std::int8_t>& missing) {
  return from_numbers(std::move(name), "l", &Memory::integers, std::move(values), missing);
}
Column make_column(std::string name, std::vector<std::uint64_t> values, const std::vector<std::int8_t>& missing) {
  return from_numbers(std::move(name), "L", &Memory::naturals, std::move(values), missing);
}

Column make_column(std::string name, const std::vector<std::string>& values) {
  auto memory = std::make_unique<Memory>();
  memory->integers.push_back(0);
  for (const std::string& value : values) {
    memory->bytes += value;
    memory->integers.push_back(static_cast<std::int64_t>(memory->bytes.size()));
  }
  memory->buffers[1] = memory->integers.data();
  memory->buffers[2] = memory->bytes.data();
  return exported(std::move(name), "U", static_cast<Index>(values.size()), 3, std::move(memory));
}

Column make_boolean_column(std::string name, const std::vector<std::int8_t>& values) {
  auto memory = std::make_unique<Memory>();
  memory->bits.assign(values.size() / 8 + 1, 0);
  memory->validity.assign(values.size() / 8 + 1, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] > 0) set_bit(memory->bits, i);
    if (values[i] >= 0) set_bit(memory->validity, i);
  }
  memory->buffers[0] = memory->validity.data();
  memory->buffers[1] = memory->bits.data();
  return exported(std::move(name), "b", static_cast<Index>(values.size()), 2, std::move(memory));
}

Column make_date_column(std::string name, Index rows) {
  return from_numbers(std::move(name), "tdm", &Memory::integers, std::vector<std::int64_t>(static_cast<std::size_t>(rows)));
}

Table make_table(std::vector<Column> columns) {
  Table table;
  table.source = "table";
  table.rows = columns.empty() ? 0 : columns.front().rows();
  for (const Column& column : columns) {
    if (column.rows() == table.rows) continue;
    throw Error(ErrorKind::argument, "column '" + column.name() + "' has " + std::to_string(column.rows()) +
                                         " rows, the first has " + std::to_string(table.rows));
  }
  table.columns = std::move(columns);
  return table;
}

}  // namespace riata
