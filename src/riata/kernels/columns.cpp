// Kernels over one contiguous column: dot, add, load, sums; weigh.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/columns.cpp"
#include "riata/kernels/targets.hpp"
//
#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

template <class T>
HWY_INLINE double dot_of(const T* HWY_RESTRICT x, const double* HWY_RESTRICT v, Index n, double shift) {
  const Wide d;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  const auto s = hn::Set(d, shift);
  const auto step = [&](Index i, hn::Vec<Wide> sum)
                        HWY_ATTR { return hn::MulAdd(hn::Sub(load_as(d, x + i), s), hn::LoadU(d, v + i), sum); };
  auto a = hn::Zero(d), b = hn::Zero(d), c = hn::Zero(d), e = hn::Zero(d);
  Index i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = step(i, a);
    b = step(i + lanes, b);
    c = step(i + 2 * lanes, c);
    e = step(i + 3 * lanes, e);
  }
  for (; i + lanes <= n; i += lanes) a = step(i, a);
  double rest = 0;
  for (; i < n; ++i) rest += (static_cast<double>(x[i]) - shift) * v[i];
  return sum_of_lanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e))) + rest;
}

template <class T>
HWY_INLINE void add_to(double a, const T* HWY_RESTRICT x, double shift, double* HWY_RESTRICT v, Index n) {
  for_each_vector(n, [&](auto d, Index i) HWY_ATTR {
    const auto value = hn::Sub(load_as(d, x + i), hn::Set(d, shift));
    hn::StoreU(hn::MulAdd(hn::Set(d, a), value, hn::LoadU(d, v + i)), d, v + i);
  });
}

template <class T>
HWY_INLINE void load_to(const T* HWY_RESTRICT x, double shift, const double* HWY_RESTRICT scale, double* HWY_RESTRICT out,
                        Index n) {
  if (scale == nullptr) {
    for_each_vector(
        n, [&](auto d, Index i) HWY_ATTR { hn::StoreU(hn::Sub(load_as(d, x + i), hn::Set(d, shift)), d, out + i); });
  } else {
    for_each_vector(n, [&](auto d, Index i) HWY_ATTR {
      const auto value = hn::Sub(load_as(d, x + i), hn::Set(d, shift));
      hn::StoreU(hn::Mul(hn::LoadU(d, scale + i), value), d, out + i);
    });
  }
}

template <bool kWeighted, class T>
HWY_INLINE Sums sums_of(const T* HWY_RESTRICT x, const double* HWY_RESTRICT w, Index n, double shift) {
  const Wide wide;
  auto first = hn::Zero(wide), second = hn::Zero(wide);
  Sums rest;
  for_each_vector(n, [&](auto d, Index i) HWY_ATTR {
    auto value = hn::Sub(load_as(d, x + i), hn::Set(d, shift)), weighted = value;
    if constexpr (kWeighted) {
      const auto weight = hn::LoadU(d, w + i);
      value = hn::IfThenZeroElse(hn::Eq(weight, hn::Zero(d)), value);  // 0 · NaN would not be 0
      weighted = hn::Mul(weight, value);
    }
    if constexpr (std::is_same_v<decltype(d), Wide>) {
      first = hn::Add(first, weighted);
      second = hn::MulAdd(weighted, value, second);
    } else {
      rest.first += hn::GetLane(weighted);
      rest.second += hn::GetLane(hn::Mul(weighted, value));
    }
  });
  return {sum_of_lanes(wide, first) + rest.first, sum_of_lanes(wide, second) + rest.second};
}

void weigh_rows(const double* HWY_RESTRICT w, Index n, double* HWY_RESTRICT value, double* HWY_RESTRICT gradient,
                double* HWY_RESTRICT curvature) {
  for_each_vector(n, [&](auto d, Index i) HWY_ATTR {
    const auto weight = hn::LoadU(d, w + i);
    const auto counts = hn::Gt(weight, hn::Zero(d));
    hn::StoreU(hn::IfThenElseZero(counts, hn::Mul(weight, hn::LoadU(d, value + i))), d, value + i);
    hn::StoreU(hn::Mul(hn::Neg(weight), hn::LoadU(d, gradient + i)), d, gradient + i);
    hn::StoreU(hn::Mul(weight, hn::LoadU(d, curvature + i)), d, curvature + i);
  });
}

double dot_f32(const float* x, const double* v, Index n, double shift) { return dot_of(x, v, n, shift); }
double dot_f64(const double* x, const double* v, Index n, double shift) { return dot_of(x, v, n, shift); }
void add_f32(double a, const float* x, double shift, double* v, Index n) { add_to(a, x, shift, v, n); }
void add_f64(double a, const double* x, double shift, double* v, Index n) { add_to(a, x, shift, v, n); }
void load_f32(const float* x, double shift, const double* scale, double* out, Index n) { load_to(x, shift, scale, out, n); }
void load_f64(const double* x, double shift, const double* scale, double* out, Index n) { load_to(x, shift, scale, out, n); }
Sums sums_f32(const float* x, const double* w, Index n, double shift) {
  return w == nullptr ? sums_of<false>(x, w, n, shift) : sums_of<true>(x, w, n, shift);
}
Sums sums_f64(const double* x, const double* w, Index n, double shift) {
  return w == nullptr ? sums_of<false>(x, w, n, shift) : sums_of<true>(x, w, n, shift);
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(weigh_rows);
HWY_EXPORT(dot_f32);
HWY_EXPORT(dot_f64);
HWY_EXPORT(add_f32);
HWY_EXPORT(add_f64);
HWY_EXPORT(load_f32);
HWY_EXPORT(load_f64);
HWY_EXPORT(sums_f32);
HWY_EXPORT(sums_f64);

void weigh(const double* w, Index n, double* value, double* gradient, double* curvature) {
  HWY_DYNAMIC_DISPATCH(weigh_rows)(w, n, value, gradient, curvature);
}

template <>
double dot(const float* x, const double* v, Index n, double shift) {
  return HWY_DYNAMIC_DISPATCH(dot_f32)(x, v, n, shift);
}
template <>
double dot(const double* x, const double* v, Index n, double shift) {
  return HWY_DYNAMIC_DISPATCH(dot_f64)(x, v, n, shift);
}
template <>
void add(double a, const float* x, double shift, double* v, Index n) {
  HWY_DYNAMIC_DISPATCH(add_f32)(a, x, shift, v, n);
}
template <>
void add(double a, const double* x, double shift, double* v, Index n) {
  HWY_DYNAMIC_DISPATCH(add_f64)(a, x, shift, v, n);
}
template <>
void load(const float* x, double shift, const double* scale, double* out, Index n) {
  HWY_DYNAMIC_DISPATCH(load_f32)(x, shift, scale, out, n);
}
template <>
void load(const double* x, double shift, const double* scale, double* out, Index n) {
  HWY_DYNAMIC_DISPATCH(load_f64)(x, shift, scale, out, n);
}
template <>
Sums sums(const float* x, const double* w, Index n, double shift) {
  return HWY_DYNAMIC_DISPATCH(sums_f32)(x, w, n, shift);
}
template <>
Sums sums(const double* x, const double* w, Index n, double shift) {
  return HWY_DYNAMIC_DISPATCH(sums_f64)(x, w, n, shift);
}

}  // namespace riata::kernels
#endif
