// Columns rounded to 16 bits, in panels, and their products with several right-hand sides: round_column, panel_products.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/panels.cpp"
#include "riata/kernels/targets.hpp"
//
#include <algorithm>
#include <limits>
#include <type_traits>

#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

// Sums of at most kMostPanelRows / 4 terms: where there are no vectors, they are float64.
#if HWY_TARGET == HWY_SCALAR
using Sum = double;
#else
using Sum = float;
static_assert(kLanes<float> >= 4 && kPanelRows % kLanes<float> == 0);
#endif
using Sums16 = hn::CappedTag<Sum, 64 / sizeof(float)>;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE hn::Vec<Sums16> load_sums(const float* p) { return load_as(Sums16(), p); }
#endif
HWY_INLINE hn::Vec<Sums16> load_sums(const Sum* p) { return hn::LoadU(Sums16(), p); }
HWY_INLINE hn::Vec<Sums16> load_sums(const std::int16_t* p) {
  const Sums16 d;
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(d, static_cast<double>(*p));
#else
  return hn::ConvertTo(d,
                       hn::PromoteTo(hn::Rebind<std::int32_t, Sums16>(), hn::LoadU(hn::Rebind<std::int16_t, Sums16>(), p)));
#endif
}

/// A panel's columns times M right-hand sides.
template <Index M, class T>
HWY_INLINE void panel_tile(const T* panel, Index rows, const float* v, Index stride, double* out, Index out_stride) {
  const Sums16 d;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  hn::Vec<Sums16> sums[M][kPanelColumns];
  HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
    HWY_UNROLL(8) for (Index j = 0; j < kPanelColumns; ++j) sums[c][j] = hn::Zero(d);
  }
  for (Index i = 0; i < rows; i += lanes) {
    const T* x = panel + i / kPanelRows * kPanelRows * kPanelColumns + i % kPanelRows;
    hn::Vec<Sums16> y[M];
    HWY_UNROLL(8) for (Index c = 0; c < M; ++c) y[c] = load_sums(v + c * stride + i);
    HWY_UNROLL(8) for (Index j = 0; j < kPanelColumns; ++j) {
      const auto own = load_sums(x + j * kPanelRows);
      HWY_UNROLL(8) for (Index c = 0; c < M; ++c) sums[c][j] = hn::MulAdd(own, y[c], sums[c][j]);
    }
  }
  HWY_UNROLL(8) for (Index c = 0; c < M; ++c) {
    for (Index j = 0; j < kPanelColumns; ++j) {
      out[c * out_stride + j] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sums[c][j])));
    }
  }
}

template <class T>
HWY_INLINE void panel_sides(const T* panel, MatrixView<const float> v, Matrix out) {
  constexpr Index kSides = 3;  // with 8 columns 24 sums, which need the 32 registers of AVX-512 or NEON
  Index c = 0;
  for (; c + kSides <= v.cols; c += kSides) panel_tile<kSides>(panel, v.rows, &v(0, c), v.stride, &out(0, c), out.stride);
  if (c + 2 == v.cols) panel_tile<2>(panel, v.rows, &v(0, c), v.stride, &out(0, c), out.stride);
  if (c + 1 == v.cols) panel_tile<1>(panel, v.rows, &v(0, c), v.stride, &out(0, c), out.stride);
}

void panel_products(const std::int16_t* panel, MatrixView<const float> v, Matrix out) {
  constexpr Index kFew = 4;
  if (v.cols <= kFew) return panel_sides(panel, v, out);
  alignas(64) Sum converted[kMostPanelRows * kPanelColumns];  // once for all sides
  const Sums16 d;
  for (Index i = 0; i < v.rows * kPanelColumns; i += static_cast<Index>(hn::Lanes(d))) {
    hn::StoreU(load_sums(panel + i), d, converted + i);
  }
  panel_sides(converted, v, out);
}

double round_column(const double* x, Index n, std::int16_t* panel) {
  const Wide d;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  auto largest = hn::Zero(d);
  Index i = 0;
  for (; i + lanes <= n; i += lanes) largest = hn::Max(largest, hn::Abs(hn::LoadU(d, x + i)));
  double most = hn::GetLane(hn::MaxOfLanes(d, largest));
  for (; i < n; ++i) most = std::max(most, std::abs(x[i]));
  const double unit = most / std::numeric_limits<std::int16_t>::max();
  const bool tiny = !(unit >= std::numeric_limits<double>::min());
  const double scale = tiny ? 0.0 : 1.0 / unit;
  for_each_vector(n, [&](auto own, Index first) HWY_ATTR {
    const hn::Rebind<float, decltype(own)> narrow;
    const hn::Rebind<std::int16_t, decltype(own)> rounded;
    const auto value = hn::DemoteTo(narrow, hn::Mul(hn::LoadU(own, x + first), hn::Set(own, scale)));
    std::int16_t* to = panel + first / kPanelRows * kPanelRows * kPanelColumns + first % kPanelRows;
    hn::StoreU(hn::DemoteTo(rounded, hn::NearestInt(value)), rounded, to);
  });
  return tiny ? 2 * most : unit;
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(panel_products);
HWY_EXPORT(round_column);

void panel_products(const std::int16_t* panel, MatrixView<const float> v, Matrix out) {
  HWY_DYNAMIC_DISPATCH(panel_products)(panel, v, out);
}
double round_column(const double* x, Index n, std::int16_t* panel) {
  return HWY_DYNAMIC_DISPATCH(round_column)(x, n, panel);
}
}  // namespace riata::kernels
#endif
