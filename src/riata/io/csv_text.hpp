#pragma once

#include <arrow/chunked_array.h>
#include <arrow/memory_pool.h>

#include <functional>
#include <memory>
#include <string>

#include "riata/data/table.hpp"

namespace riata::io {

/// A column that was read as dictionary-coded text, as what it is: numbers when its first value is a number (every other
/// value must then be one, or missing), booleans when all are, else text. `place(row)` says where a cell stands.
Column resolve_text(const std::string& name, std::shared_ptr<arrow::ChunkedArray> chunks,
                    const std::function<std::string(Index row)>& place, arrow::MemoryPool* pool, const std::string& source);

}  // namespace riata::io
