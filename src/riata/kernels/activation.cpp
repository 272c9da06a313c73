// Activations and their slopes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/activation.cpp"
#include "riata/kernels/targets.hpp"
//
#include <hwy/contrib/math/math-inl.h>

#include <cmath>
#include <numbers>

#include "riata/kernels/lanes-inl.hpp"
#include "riata/kernels/layers.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

/// value(d, z) gives a pair {a, a′}.
template <class T, class Pair>
HWY_INLINE void each(T* HWY_RESTRICT z, T* HWY_RESTRICT slope, Index n, const Pair& pair) {
  for_each_of<T>(n, [&](auto d, Index i) HWY_ATTR {
    auto derivative = hn::Zero(d);
    const auto value = pair(d, hn::LoadU(d, z + i), derivative);
    hn::StoreU(value, d, z + i);
    if (slope != nullptr) hn::StoreU(derivative, d, slope + i);
  });
}

template <class T>
HWY_INLINE void tanh_of(T* z, T* slope, Index n) {
  each(z, slope, n, [](auto d, auto x, auto& derivative) HWY_ATTR {
    const auto a = hn::Tanh(d, x);
    derivative = hn::NegMulAdd(a, a, hn::Set(d, T{1}));
    return a;
  });
}

template <class T>
HWY_INLINE void sigmoid_of(T* z, T* slope, Index n) {
  each(z, slope, n, [](auto d, auto x, auto& derivative) HWY_ATTR {
    const auto one = hn::Set(d, T{1});
    const auto t = hn::Exp(d, hn::Neg(hn::Abs(x)));
    const auto inverse = hn::Div(one, hn::Add(one, t));
    derivative = hn::Mul(hn::Mul(t, inverse), inverse);
    return hn::Mul(inverse, hn::IfThenElse(hn::Ge(x, hn::Zero(d)), one, t));
  });
}

template <class T>
HWY_INLINE void relu_of(T* z, T* slope, Index n) {
  each(z, slope, n, [](auto d, auto x, auto& derivative) HWY_ATTR {
    const auto positive = hn::Gt(x, hn::Zero(d));
    derivative = hn::IfThenElseZero(positive, hn::Set(d, T{1}));
    return hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x);  // keeps a NaN
  });
}

template <class T>
void gelu_of(T* z, T* slope, Index n) {
  const T root_half = static_cast<T>(1 / std::numbers::sqrt2);
  const T density = static_cast<T>(0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
  for (Index i = 0; i < n; ++i) {
    const T x = z[i], below = T{0.5} * std::erfc(-x * root_half);
    z[i] = x * below;
    if (slope != nullptr) slope[i] = below + x * density * std::exp(T{-0.5} * x * x);
  }
}

template <class T>
HWY_INLINE void activate_block(Activation activation, T* z, T* slope, Index n) {
  switch (activation) {
    case Activation::identity:
      if (slope != nullptr)
        each(z, slope, n, [](auto d, auto x, auto& derivative) HWY_ATTR {
          derivative = hn::Set(d, T{1});
          return x;
        });
      return;
    case Activation::relu: return relu_of(z, slope, n);
    case Activation::tanh: return tanh_of(z, slope, n);
    case Activation::sigmoid: return sigmoid_of(z, slope, n);
    case Activation::gelu: return gelu_of(z, slope, n);
  }
}

void activate_f32(Activation activation, float* z, float* slope, Index n) { activate_block(activation, z, slope, n); }
void activate_f64(Activation activation, double* z, double* slope, Index n) { activate_block(activation, z, slope, n); }

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(activate_f32);
HWY_EXPORT(activate_f64);

template <>
void activate(Activation activation, float* z, float* slope, Index n) {
  HWY_DYNAMIC_DISPATCH(activate_f32)(activation, z, slope, n);
}
template <>
void activate(Activation activation, double* z, double* slope, Index n) {
  HWY_DYNAMIC_DISPATCH(activate_f64)(activation, z, slope, n);
}

}  // namespace riata::kernels
#endif
