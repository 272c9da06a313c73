// Kernels over a block of columns and several right-hand sides: transposed_block, multiply_block.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/blocks.cpp"
#include "riata/kernels/targets.hpp"
//
#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

// Columns and right-hand sides held in registers at once: 12 sums need the 32 registers of AVX-512 (or NEON's).
constexpr Index kColumns = 4;
#if HWY_TARGET == HWY_SSE2 || HWY_TARGET == HWY_AVX2
constexpr Index kSides = 2;
#else
constexpr Index kSides = 3;
#endif

/// C columns times M right-hand sides. One sum for each pair, over vectors and then over the rest, whatever C and M are: so
/// the bits of a pair never depend on its company.
template <Index C, Index M, class T>
HWY_INLINE void transposed_tile(const T* const* HWY_RESTRICT columns, const double* shift, ConstMatrix v, Matrix out) {
  const Wide d;
  const Index lanes = static_cast<Index>(hn::Lanes(d)), n = v.rows;
  hn::Vec<Wide> sums[C][M];
  double rest[C][M];
  HWY_UNROLL(8) for (Index j = 0; j < C; ++j) {
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
      sums[j][c] = hn::Zero(d);
      rest[j][c] = 0;
    }
  }
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::Vec<Wide> right[M];
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) right[c] = hn::LoadU(d, &v(i, c));
    HWY_UNROLL(8) for (Index j = 0; j < C; ++j) {
      const auto x = hn::Sub(load_as(d, columns[j] + i), hn::Set(d, shift[j]));
      HWY_UNROLL(8) for (Index c = 0; c < M; ++c) sums[j][c] = hn::MulAdd(x, right[c], sums[j][c]);
    }
  }
  for (; i < n; ++i) {
    for (Index j = 0; j < C; ++j) {
      const double x = static_cast<double>(columns[j][i]) - shift[j];
      for (Index c = 0; c < M; ++c) rest[j][c] += x * v(i, c);
    }
  }
  HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
    HWY_UNROLL(8) for (Index j = 0; j < C; ++j) out(j, c) += sum_of_lanes(d, sums[j][c]) + rest[j][c];
  }
}

template <class T>
void transposed(const T* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  const auto part = [](ConstMatrix a, Index c, Index count) {
    return ConstMatrix(a.data + c * a.stride, a.rows, count, a.stride);
  };
  constexpr double kNone[2 * kColumns] = {};
  const auto group = [&]<Index C>(std::integral_constant<Index, C>, Index j) HWY_ATTR {
    const double* s = shift == nullptr ? kNone : shift + j;
    const auto to = [&](Index c, Index count) { return Matrix(&out(j, c), C, count, out.stride); };
    Index c = 0;
    for (; c + kSides <= v.cols; c += kSides) transposed_tile<C, kSides>(columns + j, s, part(v, c, kSides), to(c, kSides));
    if constexpr (kSides == 3) {
      if (c + 2 <= v.cols) {
        transposed_tile<C, 2>(columns + j, s, part(v, c, 2), to(c, 2));
        c += 2;
      }
    }
    if (c < v.cols) transposed_tile<C, 1>(columns + j, s, part(v, c, 1), to(c, 1));
  };
  Index j = 0;
  if (v.cols == 1) {
    for (; j + 2 * kColumns <= n_columns; j += 2 * kColumns) group(std::integral_constant<Index, 2 * kColumns>(), j);
  }
  for (; j + kColumns <= n_columns; j += kColumns) group(std::integral_constant<Index, kColumns>(), j);
  for (; j < n_columns; ++j) group(std::integral_constant<Index, 1>(), j);
}

/// C columns into M right-hand sides at once: each x is loaded once for all M.
template <Index C, Index M, class T>
HWY_INLINE void multiply_tile(const T* const* HWY_RESTRICT columns, const double* shift, ConstMatrix b, Matrix out) {
  for_each_vector(out.rows, [&](auto d, Index i) HWY_ATTR {
    hn::Vec<decltype(d)> sums[M];
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) sums[c] = hn::LoadU(d, &out(i, c));
    HWY_UNROLL(8) for (Index j = 0; j < C; ++j) {
      const auto x = hn::Sub(load_as(d, columns[j] + i), hn::Set(d, shift[j]));
      HWY_UNROLL(8) for (Index c = 0; c < M; ++c) sums[c] = hn::MulAdd(x, hn::Set(d, b(j, c)), sums[c]);
    }
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) hn::StoreU(sums[c], d, &out(i, c));
  });
}

template <class T>
void multiply(const T* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  constexpr double kNone[2 * kColumns] = {};
  const auto group = [&]<Index C>(std::integral_constant<Index, C>, Index j) HWY_ATTR {
    const double* s = shift == nullptr ? kNone : shift + j;
    const auto from = [&](Index c, Index count) { return ConstMatrix(&b(j, c), C, count, b.stride); };
    const auto to = [&](Index c, Index count) { return Matrix(&out(0, c), out.rows, count, out.stride); };
    Index c = 0;
    for (; c + kSides <= b.cols; c += kSides) multiply_tile<C, kSides>(columns + j, s, from(c, kSides), to(c, kSides));
    for (; c < b.cols; ++c) multiply_tile<C, 1>(columns + j, s, from(c, 1), to(c, 1));
  };
  Index j = 0;
  if (b.cols == 1) {
    for (; j + 2 * kColumns <= n_columns; j += 2 * kColumns) group(std::integral_constant<Index, 2 * kColumns>(), j);
  }
  for (; j + kColumns <= n_columns; j += kColumns) group(std::integral_constant<Index, kColumns>(), j);
  for (; j < n_columns; ++j) group(std::integral_constant<Index, 1>(), j);
}

void transposed_f32(const float* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  transposed(columns, n_columns, shift, v, out);
}
void transposed_f64(const double* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  transposed(columns, n_columns, shift, v, out);
}
void multiply_f32(const float* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  multiply(columns, n_columns, shift, b, out);
}
void multiply_f64(const double* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  multiply(columns, n_columns, shift, b, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(transposed_f32);
HWY_EXPORT(transposed_f64);
HWY_EXPORT(multiply_f32);
HWY_EXPORT(multiply_f64);

template <>
void transposed_block(const float* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  HWY_DYNAMIC_DISPATCH(transposed_f32)(columns, n_columns, shift, v, out);
}
template <>
void transposed_block(const double* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  HWY_DYNAMIC_DISPATCH(transposed_f64)(columns, n_columns, shift, v, out);
}
template <>
void multiply_block(const float* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  HWY_DYNAMIC_DISPATCH(multiply_f32)(columns, n_columns, shift, b, out);
}
template <>
void multiply_block(const double* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  HWY_DYNAMIC_DISPATCH(multiply_f64)(columns, n_columns, shift, b, out);
}

}  // namespace riata::kernels
#endif
