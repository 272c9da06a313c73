#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "riata/data/table.hpp"
#include "riata/io/byte_source.hpp"

namespace riata::io {

/// What the header of an NPY file says (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions
/// 1–3).
struct NpyHeader {
  char kind = 'f';  ///< f, i, u or b(oolean)
  int width = 8;    ///< bytes an element
  bool big_endian = false;
  bool fortran_order = false;
  Index rows = 0, cols = 1;
  Index data_offset = 0;
};

/// Throws Error(input) for what is no NPY file, or holds something else than a matrix or vector of plain numbers. Rows and
/// columns are checked against `file_size`: the data must be there, to the last byte.
NpyHeader parse_npy_header(std::string_view bytes, Index file_size, const std::string& source);

/// A matrix, or a vector as one column, named x1, x2, …. float32 and float64 in this machine's byte order are seen where
/// they lie; bool, float16 and integers of 8 and 16 bits become float32, everything else float64. `bytes` is the whole file;
/// `owner` keeps it alive.
Table parse_npy(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& source,
                const Context& context);

/// The file mapped into memory; from standard input or compressed, in memory.
Table read_npy(const InputFile& file, const Context& context);

}  // namespace riata::io
