#pragma once

#include <cstdint>
#include <string_view>

#include "riata/data/table.hpp"

/// The cells of one chunk of an Arrow array, as the C data interface lays them out
/// (https://arrow.apache.org/docs/format/Columnar.html). `i` counts from the chunk's own offset.
namespace riata {

inline std::string_view format_of(const ArrowSchema& schema) { return schema.format; }

inline bool is_text(std::string_view format) { return format == "u" || format == "U" || format == "vu"; }

inline bool bit(const void* bits, Index i) { return (static_cast<const std::uint8_t*>(bits)[i / 8] >> (i % 8)) & 1; }

inline bool is_null(const ArrowArray& chunk, Index i) {
  return chunk.null_count != 0 && chunk.n_buffers > 0 && chunk.buffers[0] != nullptr &&
         !bit(chunk.buffers[0], chunk.offset + i);
}

template <class T>
const T* data_of(const ArrowArray& chunk) {
  return static_cast<const T*>(chunk.buffers[1]) + chunk.offset;
}

/// The string in cell i of a chunk of format u, U or vu.
inline std::string_view text_at(const ArrowArray& chunk, std::string_view format, Index i) {
  const Index at = chunk.offset + i;
  if (format == "vu") {
    struct View {
      std::int32_t size;
      char start[4];
      std::int32_t buffer, offset;
    };
    const View& view = static_cast<const View*>(chunk.buffers[1])[at];
    const auto size = static_cast<std::size_t>(view.size);
    if (view.size <= 12) return {view.start, size};
    return {static_cast<const char*>(chunk.buffers[2 + view.buffer]) + view.offset, size};
  }
  const char* bytes = static_cast<const char*>(chunk.buffers[2]);
  const auto cut = [&](auto* offsets) {
    const auto size = static_cast<std::size_t>(offsets[at + 1] - offsets[at]);
    return size == 0 ? std::string_view() : std::string_view(bytes + offsets[at], size);
  };
  if (format == "u") return cut(static_cast<const std::int32_t*>(chunk.buffers[1]));
  return cut(static_cast<const std::int64_t*>(chunk.buffers[1]));
}

}  // namespace riata
