#include "riata/data/table.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <utility>

#include "binding.hpp"
#include "riata/core/error.hpp"
#include "riata/data/make_column.hpp"

extern "C" {
/// The Arrow C stream interface (https://arrow.apache.org/docs/format/CStreamInterface.html).
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
}

namespace riata::python {
namespace {

template <class T>
void release(T& held) {
  if (held.release != nullptr) held.release(&held);
}

/// Owns one of the interface's structures while its parts are taken out.
template <class T>
struct Held {
  T value{};
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { release(value); }
};

[[noreturn]] void fail(ArrowArrayStream& stream) {
  const char* message = stream.get_last_error != nullptr ? stream.get_last_error(&stream) : nullptr;
  throw Error(ErrorKind::input, message != nullptr ? message : "the table's Arrow stream failed");
}

/// Takes child k out of its parent, as the interface allows.
template <class T>
T take(T& parent, std::int64_t k) {
  T child = *parent.children[k];
  parent.children[k]->release = nullptr;
  return child;
}

/// The columns of a stream of record batches: nothing is copied, each batch is a chunk.
std::vector<Column> columns_of(ArrowArrayStream& stream, Index& rows) {
  Held<ArrowSchema> schema;
  if (stream.get_schema(&stream, &schema.value) != 0) fail(stream);
  if (std::string_view(schema.value.format) != "+s") throw Error(ErrorKind::input, "the Arrow stream holds no table");
  const auto count = static_cast<std::size_t>(schema.value.n_children);
  std::vector<std::vector<ArrowArray>> chunks(count);
  for (;;) {
    Held<ArrowArray> batch;
    if (stream.get_next(&stream, &batch.value) != 0) fail(stream);
    if (batch.value.release == nullptr) break;
    rows += batch.value.length;
    for (std::size_t j = 0; j < count; ++j) {
      ArrowArray child = take(batch.value, static_cast<std::int64_t>(j));
      child.offset += batch.value.offset;
      child.length = batch.value.length;
      chunks[j].push_back(child);
    }
  }
  std::vector<Column> out;
  for (std::size_t j = 0; j < count; ++j) {
    ArrowSchema own = take(schema.value, static_cast<std::int64_t>(j));
    const std::string name = own.name != nullptr ? own.name : "";
    out.emplace_back(name, own, std::move(chunks[j]));
  }
  return out;
}

void check_rows(Table& table, Index rows, const std::string& what) {
  const bool first = table.columns.empty() && !table.matrix;
  if (!first && table.rows != rows) {
    throw Error(ErrorKind::argument,
                what + " has " + std::to_string(rows) + " rows, the others have " + std::to_string(table.rows));
  }
  table.rows = rows;
}

void add_stream(Table& table, const nb::capsule& capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(capsule.data("arrow_array_stream"));
  Index rows = 0;
  std::vector<Column> columns = columns_of(*stream, rows);
  check_rows(table, rows, "the table");
  for (Column& column : columns) table.columns.push_back(std::move(column));
}

void add_column(Table& table, Column column) {
  check_rows(table, column.rows(), "'" + column.name() + "'");
  table.columns.push_back(std::move(column));
}

using Doubles = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Bytes = nb::ndarray<const std::int8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

void add_numbers(Table& table, const std::string& name, const Doubles& values) {
  add_column(table, make_column(name, std::vector<double>(values.data(), values.data() + values.shape(0))));
}

template <class I>
void add_integers(Table& table, const std::string& name,
                  const nb::ndarray<const I, nb::ndim<1>, nb::c_contig, nb::device::cpu>& values, const Bytes& missing) {
  add_column(table, make_column(name, std::vector<I>(values.data(), values.data() + values.shape(0)),
                                std::vector<std::int8_t>(missing.data(), missing.data() + missing.shape(0))));
}

void add_dates(Table& table, const std::string& name, Index rows) { add_column(table, make_date_column(name, rows)); }

void add_booleans(Table& table, const std::string& name, const Bytes& values) {
  add_column(table, make_boolean_column(name, std::vector<std::int8_t>(values.data(), values.data() + values.shape(0))));
}

void add_text(Table& table, const std::string& name, const std::vector<std::string>& values) {
  add_column(table, make_column(name, values));
}

template <class T>
nb::object view_of(const Column& column) {
  const ArrowArray& chunk = column.chunks().front();
  auto owned = std::make_unique<std::shared_ptr<const void>>(column.owner());
  nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::shared_ptr<const void>*>(p); });
  const T* data = static_cast<const T*>(chunk.buffers[1]) + chunk.offset;
  return nb::cast(nb::ndarray<nb::numpy, const T, nb::ndim<1>>(data, {static_cast<std::size_t>(chunk.length)}, owner));
}

/// Every column as an array over the table's memory; none where it is not float64 or float32, in one piece and without
/// missing cells.
nb::list views(const Table& table) {
  nb::list out;
  for (const Column& column : table.columns) {
    const std::string& format = column.schema().format;
    const bool whole = (format == "g" || format == "f") && column.chunks().size() == 1 &&
                       (column.chunks().front().null_count == 0 || column.chunks().front().buffers[0] == nullptr);
    if (!whole) {
      out.append(nb::none());
    } else {
      out.append(format == "g" ? view_of<double>(column) : view_of<float>(column));
    }
  }
  return out;
}

MatrixBlock::Scalar scalar_of(const nb::dlpack::dtype& type) {
  if (type == nb::dtype<double>()) return MatrixBlock::Scalar::float64;
  if (type == nb::dtype<float>()) return MatrixBlock::Scalar::float32;
  throw Error(ErrorKind::argument, "a matrix holds float64 or float32");
}

void set_matrix(Table& table, MatrixBlock block, std::vector<std::string> names) {
  check_rows(table, block.rows, "the matrix");
  block.names = std::move(names);
  table.matrix = std::move(block);
}

void add_dense(Table& table, const nb::object& array, std::vector<std::string> names) {
  const auto x = nb::cast<nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>>(array);
  MatrixBlock block;
  block.scalar = scalar_of(x.dtype());
  block.rows = static_cast<Index>(x.shape(0));
  block.cols = static_cast<Index>(x.shape(1));
  block.values = x.data();
  block.row_stride = x.stride(0);
  block.column_stride = x.stride(1);
  block.owner = keep_alive(array);
  set_matrix(table, std::move(block), std::move(names));
}

/// Compressed sparse columns; starts are int64, indices int32 or int64.
void add_sparse(Table& table, Index rows, Index cols, const nb::object& starts, const nb::object& indices,
                const nb::object& values, std::vector<std::string> names) {
  using Flat = nb::ndarray<nb::ro, nb::ndim<1>, nb::device::cpu>;
  const auto starts_view = nb::cast<nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>>(starts);
  const auto indices_view = nb::cast<Flat>(indices), values_view = nb::cast<Flat>(values);
  MatrixBlock block;
  block.layout = MatrixBlock::Layout::sparse_columns;
  block.scalar = scalar_of(values_view.dtype());
  block.rows = rows;
  block.cols = cols;
  block.values = values_view.data();
  block.column_starts = starts_view.data();
  block.row_indices = indices_view.data();
  block.wide_indices = indices_view.dtype() == nb::dtype<std::int64_t>();
  block.owner = keep_alive(nb::make_tuple(starts, indices, values));
  set_matrix(table, std::move(block), std::move(names));
}

}  // namespace

void bind_table(nb::module_& module) {
  nb::class_<Table>(module, "Table", "Named columns, then perhaps one matrix, over memory that is not copied.")
      .def("__init__",
           [](Table* self) {
             new (self) Table();
             self->source = "table";
           })
      .def_ro("rows", &Table::rows)
      .def_prop_ro("names",
                   [](const Table& table) {
                     std::vector<std::string> out;
                     for (Index j = 0; j < table.n_columns(); ++j) out.push_back(table.column_name(j));
                     return out;
                   })
      .def("views", &views, "Columns as arrays over the table's memory, none where one is not of a floating type, whole.")
      .def("add_stream", &add_stream, nb::arg("capsule"), "All columns of an Arrow C stream.")
      .def("add_numbers", &add_numbers, nb::arg("name"), nb::arg("values"))
      .def("add_integers", &add_integers<std::int64_t>, nb::arg("name"), nb::arg("values"), nb::arg("missing"))
      .def("add_integers", &add_integers<std::uint64_t>, nb::arg("name"), nb::arg("values"), nb::arg("missing"),
           "`missing` has a flag a value, or is empty.")
      .def("add_dates", &add_dates, nb::arg("name"), nb::arg("rows"), "A column that is refused where it is used.")
      .def("add_booleans", &add_booleans, nb::arg("name"), nb::arg("values"))
      .def("add_text", &add_text, nb::arg("name"), nb::arg("values"))
      .def("add_dense", &add_dense, nb::arg("array"), nb::arg("names"))
      .def("add_sparse", &add_sparse, nb::arg("rows"), nb::arg("cols"), nb::arg("starts"), nb::arg("indices"),
           nb::arg("values"), nb::arg("names"));
}

}  // namespace riata::python
