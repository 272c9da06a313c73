// Any bytes as an NPY file: an Error, a matrix of which every element can be read, or columns where float64 would round
// integers.
#include <cmath>
#include <cstdlib>

#include "riata/core/error.hpp"
#include "riata/io/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const riata::Context context = [] {
    riata::Context limited(1);
    limited.memory_budget = 1 << 24;
    return limited;
  }();
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const riata::Table table = riata::io::parse_npy(bytes, nullptr, "fuzz", context);
    if (!table.matrix) {
      if (table.columns.empty()) std::abort();
      return 0;
    }
    const riata::MatrixBlock& matrix = *table.matrix;
    if (matrix.rows < 1 || matrix.cols < 1) std::abort();
    double sum = 0;
    for (riata::Index i = 0; i < matrix.rows; ++i) {
      for (riata::Index j = 0; j < matrix.cols; ++j) {
        const riata::Index at = i * matrix.row_stride + j * matrix.column_stride;
        sum += matrix.scalar == riata::MatrixBlock::Scalar::float32
                   ? static_cast<double>(static_cast<const float*>(matrix.values)[at])
                   : static_cast<const double*>(matrix.values)[at];
      }
    }
    if (sum == 0.12345) std::abort();  // the sum is needed
  } catch (const riata::Error&) {
  }
  return 0;
}
