#include "riata/design/strided.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "riata/design/dense_gram.hpp"

namespace riata {
namespace {

template <class T>
struct Strided {
  using Element = T;
  static constexpr bool kCopies = true;
  const T* data;
  Index n, row_stride, col_stride;

  Index rows() const { return n; }

  /// Whether the columns are neighbours in memory.
  bool contiguous(std::span<const Index> columns) const {
    return col_stride == 1 && !columns.empty() &&
           columns.back() - columns.front() + 1 == static_cast<Index>(columns.size()) &&
           std::is_sorted(columns.begin(), columns.end());
  }

  /// Transposes through small squares: both sides are then touched in whole cache lines.
  void block(Index row, Index count, std::span<const Index> columns, T* scratch, const T** out) const {
    constexpr Index kSquare = 16;
    const Index total = static_cast<Index>(columns.size()), stride = count + dense::kPadding;
    for (Index k = 0; k < total; ++k) out[k] = scratch + k * stride;
    if (contiguous(columns)) {
      kernels::transpose(data + row * row_stride + columns.front(), row_stride, count, total, scratch, stride);
      return;
    }
    for (Index i0 = 0; i0 < count; i0 += kSquare) {
      const Index i1 = std::min(count, i0 + kSquare);
      for (Index k = 0; k < total; ++k) {
        const T* from = data + row * row_stride + columns[static_cast<std::size_t>(k)] * col_stride;
        T* to = scratch + k * stride;
        for (Index i = i0; i < i1; ++i) to[i] = from[i * row_stride];
      }
    }
  }
};

/// Design::transpose_multiply of a matrix stored by rows: rows are read as they lie, a few thousand bytes of eight at a
/// time.
template <class T>
void by_rows(const Strided<T>& x, Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
             const Context& context) {
  constexpr Index kColumns = 512;
  const Index chunks = std::max<Index>(1, dense::blocks_of(x.n, dense::kRowChunk));
  dense::PartialSums partials(out, chunks);
  context.for_blocks(dense::blocks_of(out.rows, kColumns) * chunks, [&](Index task) {
    const Index chunk = task % chunks, offset = task / chunks * kColumns, count = std::min(kColumns, out.rows - offset);
    const Matrix partial = partials.part(chunk, offset, count);
    const double* s = shift.empty() ? nullptr : shift.data() + first + offset;
    std::vector<const T*> rows;
    const Index begin = chunk * dense::kRowChunk, end = std::min(x.n, begin + dense::kRowChunk);
    for (Index i = begin; i < end; ++i) rows.push_back(x.data + i * x.row_stride + first + offset);
    kernels::transposed_rows(rows.data(), end - begin, s, ConstMatrix(v.data + begin, end - begin, v.cols, v.stride),
                             partial);
  });
  partials.combine();
}

}  // namespace

template <class T>
StridedDesign<T>::StridedDesign(const T* data, Index rows, Index cols, Index row_stride, Index col_stride,
                                std::shared_ptr<const void> owner)
    : data_(data), rows_(rows), cols_(cols), row_stride_(row_stride), col_stride_(col_stride), owner_(std::move(owner)) {
  assert(rows >= 0 && cols >= 0);
}

template <class T>
double StridedDesign<T>::dot(Index j, std::span<const double> v, double shift) const {
  assert(static_cast<Index>(v.size()) == rows_);
  const T* x = data_ + j * col_stride_;
  double even = 0, odd = 0;
  Index i = 0;
  for (; i + 1 < rows_; i += 2) {
    even += (static_cast<double>(x[i * row_stride_]) - shift) * v[static_cast<std::size_t>(i)];
    odd += (static_cast<double>(x[(i + 1) * row_stride_]) - shift) * v[static_cast<std::size_t>(i + 1)];
  }
  if (i < rows_) even += (static_cast<double>(x[i * row_stride_]) - shift) * v[static_cast<std::size_t>(i)];
  return even + odd;
}

template <class T>
void StridedDesign<T>::add(Index j, double a, std::span<double> v, double shift) const {
  assert(static_cast<Index>(v.size()) == rows_);
  const T* x = data_ + j * col_stride_;
  for (Index i = 0; i < rows_; ++i) v[static_cast<std::size_t>(i)] += a * (static_cast<double>(x[i * row_stride_]) - shift);
}

template <class T>
void StridedDesign<T>::transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                          const Context& context) const {
  const Strided<T> source{data_, rows_, row_stride_, col_stride_};
  if (col_stride_ == 1) {
    by_rows(source, first, v, out, shift, context);
  } else {
    dense::transpose_multiply(source, first, v, out, shift, context);
  }
}

template <class T>
void StridedDesign<T>::dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
                            const Context& context) const {
  dense::dots(Strided<T>{data_, rows_, row_stride_, col_stride_}, columns, v, out, shift, context);
}

template <class T>
void StridedDesign<T>::multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                                const Context& context) const {
  dense::multiply(Strided<T>{data_, rows_, row_stride_, col_stride_}, columns, b, out, shift, context);
}

template <class T>
void StridedDesign<T>::multiply_back(std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                                     std::span<const double> shift, const Context& context) const {
  dense::multiply_back(Strided<T>{data_, rows_, row_stride_, col_stride_}, columns, b, f, out, shift, context);
}

template <class T>
void StridedDesign<T>::gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
                            std::span<const double> shift, const Context& context) const {
  dense::gram(Strided<T>{data_, rows_, row_stride_, col_stride_}, left, right, w, out, shift, context);
}

template <class T>
void StridedDesign<T>::part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                                 ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
                                 const Context& context) const {
  dense::part_sums(Strided<T>{data_, rows_, row_stride_, col_stride_}, columns, part_of, w, v, outs, shift, context);
}

template <class T>
void StridedDesign<T>::gather(std::span<const Index> columns, Matrix out) const {
  for (Index k = 0; k < static_cast<Index>(columns.size()); ++k) {
    const T* x = data_ + columns[static_cast<std::size_t>(k)] * col_stride_;
    for (Index i = 0; i < rows_; ++i) out(i, k) = static_cast<double>(x[i * row_stride_]);
  }
}

template <class T>
ColumnMoments StridedDesign<T>::moments(std::span<const double> w, const Context& context) const {
  return dense::moments(Strided<T>{data_, rows_, row_stride_, col_stride_}, cols_, w, context);
}

template <class T>
std::vector<double> StridedDesign<T>::rough_means(const Context& context) const {
  return dense::rough_means(Strided<T>{data_, rows_, row_stride_, col_stride_}, cols(), context);
}

template class StridedDesign<float>;
template class StridedDesign<double>;

}  // namespace riata
