// Any bytes as LIBSVM text: an Error, or a table whose sparse columns hold together, the same however the bytes are cut.
#include <cstdlib>

#include "riata/core/error.hpp"
#include "riata/io/libsvm.hpp"

namespace {

class Pieces final : public riata::io::ByteSource {
 public:
  Pieces(std::string_view bytes, riata::Index size) : bytes_(bytes), size_(size) {}
  riata::Index read(char* out, riata::Index size) override { return bytes_.read(out, std::min(size, size_)); }

 private:
  riata::io::MemorySource bytes_;
  riata::Index size_;
};

/// Rows, columns and a sum over the matrix; −1 rows for an error.
struct Summary {
  riata::Index rows = -1, cols = 0, stored = 0;
  std::string error;
  bool operator==(const Summary&) const = default;
};

Summary summary(std::string_view text, riata::Index piece, const riata::Context& context) {
  Summary out;
  try {
    Pieces bytes(text, piece);
    const riata::Table table = riata::io::parse_libsvm(bytes, "fuzz", context);
    const riata::MatrixBlock& matrix = *table.matrix;
    out.rows = table.rows;
    out.cols = matrix.cols;
    out.stored = matrix.column_starts[matrix.cols];
    if (matrix.rows != table.rows || matrix.column_starts[0] != 0) std::abort();
    for (riata::Index j = 0; j < matrix.cols; ++j) {
      riata::Index last = -1;
      for (riata::Index k = matrix.column_starts[j]; k < matrix.column_starts[j + 1]; ++k) {
        const riata::Index row = static_cast<const std::int32_t*>(matrix.row_indices)[k];
        if (row <= last || row >= matrix.rows) std::abort();
        last = row;
      }
    }
  } catch (const riata::Error& error) {
    out.error = error.what();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const riata::Context context = [] {
    riata::Context limited(1);
    limited.memory_budget = 1 << 24;
    return limited;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (summary(text, 3, context) != summary(text, 1 << 20, context)) std::abort();
  return 0;
}
