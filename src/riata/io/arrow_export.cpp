#include "riata/io/arrow_export.hpp"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/c/bridge.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include <map>
#include <mutex>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"

namespace riata::io {
namespace {

void fail(const arrow::Status& status, const std::string& source) {
  if (status.ok()) return;
  std::string message = printable(status.message());
  while (!message.empty() && message.back() == '.') message.pop_back();
  if (message.find("launch worker thread") != std::string::npos) {  // Arrow has no kind of its own for it
    throw Error(ErrorKind::run, message + "; there is too little memory, or there are too many processes: give --threads 1",
                printable(source));
  }
  throw Error(ErrorKind::input, message + "; the file is cut short or damaged, or of another kind: write it again",
              printable(source));
}

}  // namespace

arrow::MemoryPool* pool_of(const Context& context) {
  // Arrow's reading threads and exported columns outlive every caller, so a pool is never destroyed.
  static std::mutex guard;
  static auto& pools = *new std::map<std::pair<Index, bool>, std::unique_ptr<arrow::MemoryPool>>();
  const Index budget = memory_budget(context);
  const std::lock_guard lock(guard);
  auto& pool = pools[{budget, context.lean}];
  auto* const under = context.lean ? arrow::system_memory_pool() : arrow::default_memory_pool();
  if (pool == nullptr) pool = std::make_unique<arrow::CappedMemoryPool>(under, budget);
  return pool.get();
}

arrow::MemoryPool* counting_pool(const Context& context) {
  static auto& usual = *new arrow::ProxyMemoryPool(arrow::default_memory_pool());
  static auto& lean = *new arrow::ProxyMemoryPool(arrow::system_memory_pool());
  return context.lean ? &lean : &usual;
}

void release_unused() {
  for (auto* const pool : {arrow::default_memory_pool(), arrow::system_memory_pool()}) pool->ReleaseUnused();
}

void check(const arrow::Status& status, const std::string& source, const Context& context) {
  if (status.ok()) return;
  if (status.IsOutOfMemory()) {
    throw Error(ErrorKind::input,
                "the table does not fit in the " + bytes_text(static_cast<double>(memory_budget(context))) +
                    " this run may use; raise it with --memory BYTES if the machine has them",
                printable(source));
  }
  fail(status, source);
}

Column export_column(std::string name, std::shared_ptr<arrow::ChunkedArray> chunks, arrow::MemoryPool* pool,
                     const std::string& source) {
  std::shared_ptr<arrow::Array> array;
  if (chunks->num_chunks() == 1) {
    array = chunks->chunk(0);
  } else {
    auto joined =
        chunks->num_chunks() == 0 ? arrow::MakeEmptyArray(chunks->type(), pool) : arrow::Concatenate(chunks->chunks(), pool);
    if (joined.status().IsOutOfMemory()) {
      throw Error(ErrorKind::input, "the table does not fit in memory; raise the budget with --memory BYTES",
                  printable(source));
    }
    fail(joined.status(), source);
    array = *joined;
  }
  chunks.reset();
  ArrowSchema schema{};
  fail(arrow::ExportType(*array->type(), &schema), source);
  ArrowArray exported{};
  if (const arrow::Status status = arrow::ExportArray(*array, &exported); !status.ok()) {
    schema.release(&schema);
    fail(status, source);
  }
  return {std::move(name), schema, {exported}};
}

}  // namespace riata::io
