#pragma once

#include <arrow/chunked_array.h>
#include <arrow/memory_pool.h>
#include <arrow/table.h>

#include <memory>
#include <string>

#include "riata/core/context.hpp"
#include "riata/data/table.hpp"

namespace riata::io {

/// A pool that refuses to go beyond the context's memory budget.
arrow::MemoryPool* pool_of(const Context& context);

/// A pool that counts and never refuses. Arrow's CSV parser aborts the program when an allocation of its own is refused, so
/// a CSV's budget is kept by refusing to read on.
arrow::MemoryPool* counting_pool(const Context& context);

/// Gives memory back that reading took and no table holds.
void release_unused();

/// The chunks as one contiguous Column; `chunks` is emptied, so that at most one column lives twice.
Column export_column(std::string name, std::shared_ptr<arrow::ChunkedArray> chunks, arrow::MemoryPool* pool,
                     const std::string& source);

/// Throws Error(input) for a status that is not OK: out of memory as the budget's error, all else with Arrow's message.
void check(const arrow::Status& status, const std::string& source, const Context& context);

}  // namespace riata::io
