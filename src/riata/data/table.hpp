#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "riata/core/types.hpp"

// The Arrow C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), as its specification lays down.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
}
#endif

namespace riata {

/// One typed column of a table: Arrow C data, owned, in one or more chunks. Copies share the memory.
class Column {
 public:
  /// Takes over the schema and the chunks: their release callbacks are called when the last owner is gone.
  Column(std::string name, ArrowSchema schema, std::vector<ArrowArray> chunks);

  const std::string& name() const { return name_; }
  const ArrowSchema& schema() const { return memory_->schema; }
  const std::vector<ArrowArray>& chunks() const { return memory_->chunks; }
  Index rows() const;
  /// Keeps the chunks alive.
  std::shared_ptr<const void> owner() const { return memory_; }

 private:
  struct Memory {
    Memory(ArrowSchema s, std::vector<ArrowArray> c) : schema(s), chunks(std::move(c)) {}
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ArrowSchema schema;
    std::vector<ArrowArray> chunks;
  };
  std::string name_;
  std::shared_ptr<const Memory> memory_;
};

/// A block of numeric columns that came as one matrix (NPY, LIBSVM, NumPy, SciPy): never taken apart, never copied.
/// Dense: element (i, j) at values + i·row_stride + j·column_stride (in elements). Sparse: compressed sparse columns.
struct MatrixBlock {
  enum class Scalar { float32, float64 };
  enum class Layout { dense, sparse_columns };

  Layout layout = Layout::dense;
  Scalar scalar = Scalar::float64;
  Index rows = 0;
  Index cols = 0;
  const void* values = nullptr;             ///< dense elements, or the stored non-zeros
  Index row_stride = 0, column_stride = 0;  ///< dense
  const Index* column_starts = nullptr;     ///< sparse: cols + 1
  const void* row_indices = nullptr;        ///< sparse: int32 or int64
  bool wide_indices = false;                ///< sparse: row_indices are int64
  std::vector<std::string> names;           ///< empty: x1, x2, …
  std::shared_ptr<const void> owner;        ///< keeps the memory (or the mapping) alive
};

/// A table as it came in: named columns, then perhaps one matrix. Knows where it came from so that errors can say so.
struct Table {
  std::string source;  ///< file name, or "standard input", or "table"
  Index rows = 0;
  std::vector<Column> columns;
  std::optional<MatrixBlock> matrix;
  bool has_header = true;            ///< false: names are ours (x1, x2, …) and the default target is the last column
  std::optional<std::string> label;  ///< the column that the format itself calls the label (LIBSVM)
  Index first_row_number = 1;        ///< what a person calls data row 0 (2 under a CSV header)
  std::vector<Index> blank_rows;     ///< data rows before which the file holds a blank line (once for each line)

  /// Position of the column of that name or 1-based number among columns and matrix; throws Error(column) with close names.
  Index find(std::string_view name_or_number) const;
  Index n_columns() const;
  std::string column_name(Index position) const;
  /// What a person calls that data row: its line in a spreadsheet.
  Index row_number(Index row) const;
  /// Where an error stands: `file:row:column "name"`, the column counted from 1; without the row for row −1.
  std::string place(Index row, Index position) const;
};

}  // namespace riata
