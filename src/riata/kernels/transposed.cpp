// The transposed product of a block of columns and several right-hand sides: transposed_block.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/transposed.cpp"
#include "riata/kernels/targets.hpp"
//
#include <algorithm>
#include <span>

#include <hwy/cache_control.h>

#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

// Columns and right-hand sides whose sums are held in registers at once; 24 sums need the 32 registers of AVX-512 or NEON.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_AVX2
constexpr Index kColumns = 4;
#else
constexpr Index kColumns = 8;
#endif
constexpr Index kSides = 3;

/// Keeps a loaded vector in its register: g++ would load it again for every use, and loads are what this loop lacks.
template <class V>
HWY_INLINE void keep(V& v) {
#if HWY_ARCH_X86_64 && HWY_TARGET != HWY_SCALAR && HWY_COMPILER_GCC_ACTUAL
  asm("" : "+v"(v.raw));
#else
  static_cast<void>(v);
#endif
}

/// out[j] = the sum of the lanes of v[j], j < kColumns, all at once. The order of the additions is the same for every j.
HWY_INLINE void sums_of_lanes(const hn::Vec<Wide>* v, double* HWY_RESTRICT out) {
  const Wide d;
#if HWY_TARGET == HWY_SCALAR || (HWY_TARGET != HWY_AVX2 && HWY_TARGET != HWY_AVX3)
  for (Index j = 0; j < kColumns; ++j) out[j] = sum_of_lanes(d, v[j]);
#else
  const auto pair = [d](hn::Vec<Wide> a, hn::Vec<Wide> b) HWY_ATTR {
    return hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));  // blocks of (a, b)
  };
  const auto fold = [d](hn::Vec<Wide> a, hn::Vec<Wide> b) HWY_ATTR {
    return hn::Add(hn::ConcatLowerLower(d, b, a), hn::ConcatUpperUpper(d, b, a));  // half as many blocks of each
  };
  const auto first = fold(pair(v[0], v[1]), pair(v[2], v[3]));
#if HWY_TARGET == HWY_AVX2
  hn::StoreU(first, d, out);
#else
  const auto second = fold(pair(v[4], v[5]), pair(v[6], v[7]));
  const auto a = hn::Add(first, hn::SwapAdjacentBlocks(first)), b = hn::Add(second, hn::SwapAdjacentBlocks(second));
  alignas(64) double mixed[8];
  hn::Store(hn::OddEvenBlocks(b, a), d, mixed);  // (0 1) (4 5) (2 3) (6 7)
  constexpr Index kPlace[8] = {0, 1, 4, 5, 2, 3, 6, 7};
  HWY_UNROLL(8) for (Index j = 0; j < 8; ++j) out[j] = mixed[kPlace[j]];
#endif
#endif
}

/// The columns of a group: pointers, shifts, and how many of them are meant (the rest repeat the last). `next` are the
/// columns that come after, to be fetched from memory while this group is worked on, or null.
template <class T>
struct Group {
  const T* x[kColumns];
  double shift[kColumns];
  Index count;
  const char* next[kColumns];
  Index next_step;  ///< bytes of one row in `next`
};

/// kColumns columns times M right-hand sides. One sum for each pair, by vectors and then one by one, whatever M and the
/// other columns are: so the bits of a pair never depend on its company.
template <bool kShifted, Index M, class T>
HWY_INLINE void transposed_tile(const Group<T>& group, const double* v, Index stride, Index n, double* out, Index out_stride,
                                std::span<const char* const> fetch) {
  const Wide d;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  hn::Vec<Wide> sums[M][kColumns];
  HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
    HWY_UNROLL(8) for (Index j = 0; j < kColumns; ++j) sums[c][j] = hn::Zero(d);
  }
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (const char* next : fetch) hwy::Prefetch(next + i * group.next_step);
    hn::Vec<Wide> y[M];
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) y[c] = hn::LoadU(d, v + c * stride + i);
    HWY_UNROLL(8) for (Index j = 0; j < kColumns; ++j) {
      auto x = load_as(d, group.x[j] + i);
      if constexpr (kShifted) x = hn::Sub(x, hn::Set(d, group.shift[j]));
      if constexpr (M > 1) keep(x);
      HWY_UNROLL(8) for (Index c = 0; c < M; ++c) sums[c][j] = hn::MulAdd(x, y[c], sums[c][j]);
    }
  }
  HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
    double total[kColumns];
    sums_of_lanes(sums[c], total);
    for (Index j = 0; j < group.count; ++j) {
      double rest = 0;
      for (Index k = i; k < n; ++k) {
        rest += (static_cast<double>(group.x[j][k]) - (kShifted ? group.shift[j] : 0.0)) * v[c * stride + k];
      }
      out[c * out_stride + j] += total[j] + rest;
    }
  }
}

/// One group of columns times all right-hand sides.
template <bool kShifted, class T>
HWY_INLINE void transposed_sides(const Group<T>& group, ConstMatrix v, double* out, Index out_stride) {
  Index c = 0, fetched = 0;
  const auto tile = [&]<Index M>(std::integral_constant<Index, M>) HWY_ATTR {
    // Each tile fetches its share of the next group; a single tile leaves that to the hardware.
    const Index fetch = group.next[0] == nullptr || v.cols <= kSides ? 0 : kColumns * (c + M) / v.cols;
    const std::span next(group.next + fetched, static_cast<std::size_t>(fetch - fetched));
    transposed_tile<kShifted, M>(group, &v(0, c), v.stride, v.rows, out + c * out_stride, out_stride, next);
    fetched = fetch;
    c += M;
  };
  while (c + kSides <= v.cols) tile(std::integral_constant<Index, kSides>());
  if (c + 2 == v.cols) tile(std::integral_constant<Index, 2>());
  if (c + 1 == v.cols) tile(std::integral_constant<Index, 1>());
}

/// As above; columns that many right-hand sides will read are converted and shifted once.
template <class T>
HWY_INLINE void transposed_group(const Group<T>& group, bool shifted, ConstMatrix v, double* out, Index out_stride) {
  constexpr Index kFew = std::is_same_v<T, double> ? 4 * kSides : kSides;  // measured: docs/decisions/0020-kernels.md
  if (v.cols <= kFew || (!shifted && std::is_same_v<T, double>)) {
    if (shifted) {
      transposed_sides<true>(group, v, out, out_stride);
    } else {
      transposed_sides<false>(group, v, out, out_stride);
    }
    return;
  }
  constexpr Index kStride = kMaxBlockRows + 8;  // not all columns in the same cache set
  alignas(64) double packed[kColumns * kStride];
  Group<double> ready{{}, {}, group.count, {}, group.next_step};
  for (Index j = 0; j < kColumns; ++j) {
    double* to = packed + std::min(j, group.count - 1) * kStride;
    ready.x[j] = to;
    ready.next[j] = group.next[j];
    if (j >= group.count) continue;
    const double s = shifted ? group.shift[j] : 0.0;
    for_each_vector(v.rows, [&](auto d, Index i)
                                HWY_ATTR { hn::StoreU(hn::Sub(load_as(d, group.x[j] + i), hn::Set(d, s)), d, to + i); });
  }
  transposed_sides<false>(ready, v, out, out_stride);
}

template <class T>
HWY_INLINE void transposed(const T* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  if (v.cols == 0) return;
  for (Index first = 0; first < n_columns; first += kColumns) {
    Group<T> group{{}, {}, std::min(kColumns, n_columns - first), {}, sizeof(T)};
    const bool more = first + 2 * kColumns <= n_columns;
    for (Index j = 0; j < kColumns; ++j) {
      group.next[j] = more ? reinterpret_cast<const char*>(columns[first + kColumns + j]) : nullptr;
      const Index column = first + std::min(j, group.count - 1);
      group.x[j] = columns[column];
      group.shift[j] = shift == nullptr ? 0.0 : shift[column];
    }
    transposed_group(group, shift != nullptr, v, &out(first, 0), out.stride);
  }
}

void transposed_f32(const float* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  transposed(columns, n_columns, shift, v, out);
}
void transposed_f64(const double* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  transposed(columns, n_columns, shift, v, out);
}
}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(transposed_f32);
HWY_EXPORT(transposed_f64);

template <>
void transposed_block(const float* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  HWY_DYNAMIC_DISPATCH(transposed_f32)(columns, n_columns, shift, v, out);
}
template <>
void transposed_block(const double* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  HWY_DYNAMIC_DISPATCH(transposed_f64)(columns, n_columns, shift, v, out);
}
}  // namespace riata::kernels
#endif
