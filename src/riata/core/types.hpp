#pragma once

#include <cassert>
#include <cstdint>
#include <span>

namespace riata {

/// Rows, columns, positions: always 64 bits. Narrowing for BLAS is checked where it happens.
using Index = std::int64_t;

/// A column-major block somebody else owns: element (i, j) is data[i + j * stride], stride >= rows.
template <class T>
struct MatrixView {
  T* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index stride = 0;

  MatrixView() = default;
  MatrixView(T* d, Index r, Index c) : data(d), rows(r), cols(c), stride(r) {}
  MatrixView(T* d, Index r, Index c, Index s) : data(d), rows(r), cols(c), stride(s) { assert(s >= r); }

  /// A writable view reads as a constant one.
  operator MatrixView<const T>() const { return {data, rows, cols, stride}; }

  T& operator()(Index i, Index j) const { return data[i + j * stride]; }
  std::span<T> column(Index j) const { return {data + j * stride, static_cast<std::size_t>(rows)}; }
};

using Matrix = MatrixView<double>;
using ConstMatrix = MatrixView<const double>;

}  // namespace riata
