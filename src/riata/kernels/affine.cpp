// Affine layers of small networks: lanes are rows, tiles of outputs and rows stay in registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/affine.cpp"
#include "riata/kernels/targets.hpp"
//
#include <type_traits>

#include "riata/kernels/lanes-inl.hpp"
#include "riata/kernels/layers.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX3
constexpr Index kTile = 4;
#else
constexpr Index kTile = 2;
#endif
constexpr Index kOutputs = 4;

template <Index N>
using Count = std::integral_constant<Index, N>;

/// body(Count<n>, i) covers 0 … total in steps of N, then 2 (where N is 4), then 1.
template <Index N, class Body>
HWY_INLINE void in_tiles(Index total, const Body& body) {
  Index i = 0;
  for (; i + N <= total; i += N) body(Count<N>(), i);
  if constexpr (N > 2) {
    for (; i + 2 <= total; i += 2) body(Count<2>(), i);
  }
  for (; i < total; ++i) body(Count<1>(), i);
}

template <Index V, Index O, class T>
HWY_INLINE void affine_tile(const T* HWY_RESTRICT a, Index a_stride, Index inputs, const T* HWY_RESTRICT w, Index out_step,
                            Index in_step, const T* bias, T* HWY_RESTRICT z, Index z_stride) {
  const Lanes<T> d;
  hn::Vec<Lanes<T>> sums[O][V];
  HWY_UNROLL(4) for (Index o = 0; o < O; ++o) {
    HWY_UNROLL(4) for (Index v = 0; v < V; ++v) sums[o][v] = hn::Set(d, bias == nullptr ? T{0} : bias[o]);
  }
  for (Index j = 0; j < inputs; ++j) {
    hn::Vec<Lanes<T>> x[V];
    HWY_UNROLL(4) for (Index v = 0; v < V; ++v) x[v] = hn::LoadU(d, a + j * a_stride + v * kLanes<T>);
    HWY_UNROLL(4) for (Index o = 0; o < O; ++o) {
      const auto weight = hn::Set(d, w[o * out_step + j * in_step]);
      HWY_UNROLL(4) for (Index v = 0; v < V; ++v) sums[o][v] = hn::MulAdd(x[v], weight, sums[o][v]);
    }
  }
  HWY_UNROLL(4) for (Index o = 0; o < O; ++o) {
    HWY_UNROLL(4) for (Index v = 0; v < V; ++v) hn::StoreU(sums[o][v], d, z + o * z_stride + v * kLanes<T>);
  }
}

template <class T>
HWY_INLINE void affine_block(MatrixView<const T> a, const T* w, Index out_step, Index in_step, const T* bias,
                             MatrixView<T> z) {
  in_tiles<kOutputs>(z.cols, [&](auto outputs, Index o) HWY_ATTR {
    in_tiles<kTile>(z.rows / kLanes<T>, [&](auto vectors, Index v) HWY_ATTR {
      const Index i = v * kLanes<T>;
      affine_tile<vectors.value, outputs.value>(a.data + i, a.stride, a.cols, w + o * out_step, out_step, in_step,
                                                bias == nullptr ? bias : bias + o, &z(i, o), z.stride);
    });
  });
}

#if HWY_TARGET == HWY_SCALAR
template <Index N, class T>
HWY_INLINE void add_sums(const hn::Vec<Lanes<T>>* HWY_RESTRICT v, T* HWY_RESTRICT to) {
  for (Index k = 0; k < N; ++k) to[k] += hn::GetLane(v[k]);
}
#else
/// The sum of a vector's 16-byte blocks.
template <class D>
HWY_INLINE auto sum_of_blocks(D d, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(d) * sizeof(hn::TFromD<D>) <= 16) {
    return v;
  } else {
    const hn::Half<D> half;
    return sum_of_blocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

template <class D>
HWY_INLINE hn::Vec<D> pair_sums(D d, hn::Vec<D> a, hn::Vec<D> b) {
  return hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
}

/// to[k] += the sum of the lanes of v[k], k < N: a block's worth at once takes a third of the instructions.
template <Index N, class T>
HWY_INLINE void add_sums(const hn::Vec<Lanes<T>>* HWY_RESTRICT v, T* HWY_RESTRICT to) {
  const Lanes<T> d;
  const auto add_block = [&](auto sums, T* place) HWY_ATTR {
    const hn::CappedTag<T, 16 / sizeof(T)> block;
    hn::StoreU(hn::Add(hn::LoadU(block, place), sum_of_blocks(d, sums)), block, place);
  };
  if constexpr (sizeof(T) == 4 && N == 4) {
    const hn::Repartition<double, Lanes<T>> pairs;
    const auto ab = hn::BitCast(pairs, pair_sums(d, v[0], v[1])), cd = hn::BitCast(pairs, pair_sums(d, v[2], v[3]));
    const auto low = hn::InterleaveLower(pairs, ab, cd), high = hn::InterleaveUpper(pairs, ab, cd);
    add_block(hn::Add(hn::BitCast(d, low), hn::BitCast(d, high)), to);
  } else if constexpr (sizeof(T) == 8 && N % 2 == 0) {
    HWY_UNROLL(2) for (Index k = 0; k < N; k += 2) add_block(pair_sums(d, v[k], v[k + 1]), to + k);
  } else {
    HWY_UNROLL(4) for (Index k = 0; k < N; ++k) to[k] += lane_sum<T>(v[k]);
  }
}
#endif

template <Index O, Index J, class T>
HWY_INLINE void gradient_tile(const T* HWY_RESTRICT a, Index a_stride, const T* HWY_RESTRICT delta, Index delta_stride,
                              Index rows, T* HWY_RESTRICT weight, Index inputs) {
  const Lanes<T> d;
  hn::Vec<Lanes<T>> sums[O][J];
  HWY_UNROLL(4) for (Index o = 0; o < O; ++o) { HWY_UNROLL(4) for (Index j = 0; j < J; ++j) sums[o][j] = hn::Zero(d); }
  for (Index i = 0; i < rows; i += kLanes<T>) {
    hn::Vec<Lanes<T>> x[J];
    HWY_UNROLL(4) for (Index j = 0; j < J; ++j) x[j] = hn::LoadU(d, a + j * a_stride + i);
    HWY_UNROLL(4) for (Index o = 0; o < O; ++o) {
      const auto y = hn::LoadU(d, delta + o * delta_stride + i);
      HWY_UNROLL(4) for (Index j = 0; j < J; ++j) sums[o][j] = hn::MulAdd(y, x[j], sums[o][j]);
    }
  }
  HWY_UNROLL(4) for (Index o = 0; o < O; ++o) add_sums<J>(sums[o], weight + o * inputs);
}

template <Index O, class T>
HWY_INLINE void bias_tile(const T* HWY_RESTRICT delta, Index delta_stride, Index rows, T* HWY_RESTRICT bias) {
  const Lanes<T> d;
  hn::Vec<Lanes<T>> sums[O];
  HWY_UNROLL(4) for (Index o = 0; o < O; ++o) sums[o] = hn::Zero(d);
  for (Index i = 0; i < rows; i += kLanes<T>) {
    HWY_UNROLL(4) for (Index o = 0; o < O; ++o) sums[o] = hn::Add(sums[o], hn::LoadU(d, delta + o * delta_stride + i));
  }
  add_sums<O>(sums, bias);
}

template <class T>
HWY_INLINE void gradient_block(MatrixView<const T> a, MatrixView<const T> delta, T* weight, T* bias) {
  in_tiles<kTile>(delta.cols, [&](auto outputs, Index o) HWY_ATTR {
    in_tiles<kOutputs>(a.cols, [&](auto inputs, Index j) HWY_ATTR {
      gradient_tile<outputs.value, inputs.value>(&a(0, j), a.stride, &delta(0, o), delta.stride, a.rows,
                                                 weight + o * a.cols + j, a.cols);
    });
  });
  if (bias == nullptr) return;
  in_tiles<kOutputs>(delta.cols, [&](auto outputs, Index o) HWY_ATTR {
    bias_tile<outputs.value>(&delta(0, o), delta.stride, delta.rows, bias + o);
  });
}

#define RIATA_KERNELS(T, suffix)                                                                                           \
  void affine_##suffix(MatrixView<const T> a, const T* w, Index out_step, Index in_step, const T* bias, MatrixView<T> z) { \
    affine_block(a, w, out_step, in_step, bias, z);                                                                        \
  }                                                                                                                        \
  void gradient_##suffix(MatrixView<const T> a, MatrixView<const T> delta, T* weight, T* bias) {                           \
    gradient_block(a, delta, weight, bias);                                                                                \
  }                                                                                                                        \
  void multiply_##suffix(T* HWY_RESTRICT x, const T* HWY_RESTRICT y, Index n) {                                            \
    for_each_of<T>(                                                                                                        \
        n, [&](auto d, Index i) HWY_ATTR { hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, x + i); });    \
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
  HWY_EXPORT(affine_##suffix);                                                                                    \
  HWY_EXPORT(gradient_##suffix);                                                                                  \
  HWY_EXPORT(multiply_##suffix);                                                                                  \
  template <>                                                                                                     \
  void affine(MatrixView<const T> a, const T* w, Index out_step, Index in_step, const T* bias, MatrixView<T> z) { \
    HWY_DYNAMIC_DISPATCH(affine_##suffix)(a, w, out_step, in_step, bias, z);                                      \
  }                                                                                                               \
  template <>                                                                                                     \
  void affine_gradient(MatrixView<const T> a, MatrixView<const T> delta, T* weight, T* bias) {                    \
    HWY_DYNAMIC_DISPATCH(gradient_##suffix)(a, delta, weight, bias);                                              \
  }                                                                                                               \
  template <>                                                                                                     \
  void multiply(T* x, const T* y, Index n) {                                                                      \
    HWY_DYNAMIC_DISPATCH(multiply_##suffix)(x, y, n);                                                             \
  }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace riata::kernels
#endif
