// Products that add vectors up: multiply_block over columns, transposed_rows over rows; and transpose.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/multiply.cpp"
#include "riata/kernels/targets.hpp"
//
#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

// Vectors x_j taken in one go, elements of them (in vectors) and right-hand sides whose sums are held in registers at once.
constexpr Index kVectors = 8;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_AVX2
constexpr Index kRows = 2, kSides = 3;
#else
constexpr Index kRows = 4, kSides = 5;
#endif

/// Where the shift of x_j[i] stands: nowhere, at j, at i.
enum class Shift { none, of_vector, of_element };

/// out(i, c) += Σⱼ (x_j[i] − shift) B(j, c) for R vectors of i from `first`, n vectors x and M right-hand sides: each x is
/// loaded once for all M, each number of B once for all R.
template <Shift kShift, Index M, Index R, class D, class T>
HWY_INLINE void tile(D d, Index first, const T* const* HWY_RESTRICT x, Index n, const double* HWY_RESTRICT shift,
                     const double* HWY_RESTRICT b, Index b_stride, Matrix out) {
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  hn::Vec<D> sums[M][R], of_element[R];
  HWY_UNROLL(8) for (Index r = 0; r < R; ++r) {
    const Index i = first + r * lanes;
    of_element[r] = kShift == Shift::of_element ? hn::LoadU(d, shift + i) : hn::Zero(d);
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) sums[c][r] = hn::LoadU(d, &out(i, c));
  }
  for (Index j = 0; j < n; ++j) {
    hn::Vec<D> value[R];
    HWY_UNROLL(8) for (Index r = 0; r < R; ++r) {
      value[r] = load_as(d, x[j] + first + r * lanes);
      if constexpr (kShift == Shift::of_vector) value[r] = hn::Sub(value[r], hn::Set(d, shift[j]));
      if constexpr (kShift == Shift::of_element) value[r] = hn::Sub(value[r], of_element[r]);
    }
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
      const auto factor = hn::Set(d, b[c * b_stride + j]);
      HWY_UNROLL(8) for (Index r = 0; r < R; ++r) sums[c][r] = hn::MulAdd(value[r], factor, sums[c][r]);
    }
  }
  HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
    HWY_UNROLL(8) for (Index r = 0; r < R; ++r) hn::StoreU(sums[c][r], d, &out(first + r * lanes, c));
  }
}

/// All i: whole tiles, then single vectors, then one by one; the arithmetic of an entry is the same everywhere.
template <Shift kShift, Index M, class T>
void tiles(const T* const* x, Index n, const double* shift, const double* b, Index b_stride, Matrix out) {
  const Wide d;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  Index i = 0;
  for (; i + kRows * lanes <= out.rows; i += kRows * lanes) tile<kShift, M, kRows>(d, i, x, n, shift, b, b_stride, out);
  for (; i + lanes <= out.rows; i += lanes) tile<kShift, M, 1>(d, i, x, n, shift, b, b_stride, out);
  for (; i < out.rows; ++i) tile<kShift, M, 1>(One(), i, x, n, shift, b, b_stride, out);
}

template <Shift kShift, class T>
void add_vectors(const T* const* x, Index n_vectors, const double* shift, ConstMatrix b, Matrix out) {
  for (Index j = 0; j < n_vectors; j += kVectors) {
    const Index n = std::min(kVectors, n_vectors - j);
    const double* s = kShift == Shift::of_vector ? shift + j : shift;
    const auto to = [&](Index c, Index count) { return Matrix(&out(0, c), out.rows, count, out.stride); };
    Index c = 0;
    for (; c + kSides <= b.cols; c += kSides) tiles<kShift, kSides>(x + j, n, s, &b(j, c), b.stride, to(c, kSides));
    for (; c + 2 <= b.cols; c += 2) tiles<kShift, 2>(x + j, n, s, &b(j, c), b.stride, to(c, 2));
    for (; c < b.cols; ++c) tiles<kShift, 1>(x + j, n, s, &b(j, c), b.stride, to(c, 1));
  }
}

#if HWY_TARGET != HWY_SCALAR
/// Four rows of four become four columns.
HWY_INLINE void transpose_square(const double* HWY_RESTRICT x, Index stride, double* HWY_RESTRICT out, Index out_stride) {
  const hn::CappedTag<double, 4> d;
  if constexpr (hn::MaxLanes(d) == 4) {
    const auto r0 = hn::LoadU(d, x), r1 = hn::LoadU(d, x + stride), r2 = hn::LoadU(d, x + 2 * stride),
               r3 = hn::LoadU(d, x + 3 * stride);
    const auto a = hn::InterleaveLower(d, r0, r1), b = hn::InterleaveUpper(d, r0, r1), c = hn::InterleaveLower(d, r2, r3),
               e = hn::InterleaveUpper(d, r2, r3);
    hn::StoreU(hn::ConcatLowerLower(d, c, a), d, out);
    hn::StoreU(hn::ConcatLowerLower(d, e, b), d, out + out_stride);
    hn::StoreU(hn::ConcatUpperUpper(d, c, a), d, out + 2 * out_stride);
    hn::StoreU(hn::ConcatUpperUpper(d, e, b), d, out + 3 * out_stride);
  } else {
    for (Index j = 0; j < 4; ++j) {
      for (Index i = 0; i < 4; ++i) out[j * out_stride + i] = x[i * stride + j];
    }
  }
}
HWY_INLINE void transpose_square(const float* HWY_RESTRICT x, Index stride, float* HWY_RESTRICT out, Index out_stride) {
  const hn::CappedTag<float, 4> d;
  const auto r0 = hn::LoadU(d, x), r1 = hn::LoadU(d, x + stride), r2 = hn::LoadU(d, x + 2 * stride),
             r3 = hn::LoadU(d, x + 3 * stride);
  const auto a = hn::InterleaveLower(d, r0, r1), b = hn::InterleaveUpper(d, r0, r1), c = hn::InterleaveLower(d, r2, r3),
             e = hn::InterleaveUpper(d, r2, r3);
  hn::StoreU(hn::ConcatLowerLower(d, c, a), d, out);
  hn::StoreU(hn::ConcatUpperUpper(d, c, a), d, out + out_stride);
  hn::StoreU(hn::ConcatLowerLower(d, e, b), d, out + 2 * out_stride);
  hn::StoreU(hn::ConcatUpperUpper(d, e, b), d, out + 3 * out_stride);
}
#endif

template <class T>
HWY_INLINE void transpose_block(const T* x, Index stride, Index rows, Index cols, T* out, Index out_stride) {
  Index done = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr Index kSquare = 4, kHeight = 8;  // eight rows at once: whole cache lines of `out` while they are near
  const Index whole = cols / kSquare * kSquare;
  for (; done + kHeight <= rows; done += kHeight) {
    const T* from = x + done * stride;
    for (Index j = 0; j < whole; j += kSquare) {
      for (Index i = 0; i < kHeight; i += kSquare) {
        transpose_square(from + i * stride + j, stride, out + j * out_stride + done + i, out_stride);
      }
    }
    for (Index j = whole; j < cols; ++j) {
      for (Index i = 0; i < kHeight; ++i) out[j * out_stride + done + i] = from[i * stride + j];
    }
  }
#endif
  for (Index i = done; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) out[j * out_stride + i] = x[i * stride + j];
  }
}

#define RIATA_KERNELS(T, suffix)                                                                                     \
  void multiply_##suffix(const T* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) { \
    if (shift == nullptr) {                                                                                          \
      add_vectors<Shift::none>(columns, n_columns, shift, b, out);                                                   \
    } else {                                                                                                         \
      add_vectors<Shift::of_vector>(columns, n_columns, shift, b, out);                                              \
    }                                                                                                                \
  }                                                                                                                  \
  void rows_##suffix(const T* const* rows, Index n_rows, const double* shift, ConstMatrix v, Matrix out) {           \
    if (shift == nullptr) {                                                                                          \
      add_vectors<Shift::none>(rows, n_rows, shift, v, out);                                                         \
    } else {                                                                                                         \
      add_vectors<Shift::of_element>(rows, n_rows, shift, v, out);                                                   \
    }                                                                                                                \
  }                                                                                                                  \
  void transpose_##suffix(const T* x, Index stride, Index rows, Index cols, T* out, Index out_stride) {              \
    transpose_block(x, stride, rows, cols, out, out_stride);                                                         \
  }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

#define RIATA_KERNELS(T, suffix)                                                                                  \
  HWY_EXPORT(multiply_##suffix);                                                                                  \
  HWY_EXPORT(rows_##suffix);                                                                                      \
  HWY_EXPORT(transpose_##suffix);                                                                                 \
  template <>                                                                                                     \
  void multiply_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) { \
    HWY_DYNAMIC_DISPATCH(multiply_##suffix)(columns, n_columns, shift, b, out);                                   \
  }                                                                                                               \
  template <>                                                                                                     \
  void transposed_rows(const T* const* rows, Index n_rows, const double* shift, ConstMatrix v, Matrix out) {      \
    HWY_DYNAMIC_DISPATCH(rows_##suffix)(rows, n_rows, shift, v, out);                                             \
  }                                                                                                               \
  template <>                                                                                                     \
  void transpose(const T* x, Index stride, Index rows, Index cols, T* out, Index out_stride) {                    \
    HWY_DYNAMIC_DISPATCH(transpose_##suffix)(x, stride, rows, cols, out, out_stride);                             \
  }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace riata::kernels
#endif
