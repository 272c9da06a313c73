// The logistic loss, its gradient and its curvature from one exponential; its Fenchel–Young terms.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/logistic.cpp"
#include "riata/kernels/targets.hpp"
//
#include <hwy/contrib/math/math-inl.h>

#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

void logistic_rows(const double* HWY_RESTRICT y, const double* HWY_RESTRICT eta, Index n, double* HWY_RESTRICT value,
                   double* HWY_RESTRICT gradient, double* HWY_RESTRICT curvature) {
  for_each_vector(n, [&](auto d, Index i) HWY_ATTR {
    const auto one = hn::Set(d, 1.0), zero = hn::Zero(d);
    const auto positive = hn::Gt(hn::LoadU(d, y + i), hn::Set(d, 0.5));
    const auto linear = hn::LoadU(d, eta + i);
    const auto z = hn::IfThenElse(positive, hn::Neg(linear), linear);
    const auto t = hn::Exp(d, hn::Neg(hn::Abs(z)));
    const auto inverse = hn::Div(one, hn::Add(one, t));
    if (value != nullptr) {
      // z/2 + |z|/2 is max(z, 0) and keeps a NaN.
      const auto half = hn::Set(d, 0.5);
      const auto hinge = hn::MulAdd(half, z, hn::Mul(half, hn::Abs(z)));
      hn::StoreU(hn::Add(hinge, hn::Log1p(d, t)), d, value + i);
    }
    if (gradient != nullptr) {
      const auto p = hn::Mul(inverse, hn::IfThenElse(hn::Ge(z, zero), one, t));
      hn::StoreU(hn::IfThenElse(positive, hn::Neg(p), p), d, gradient + i);
    }
    if (curvature != nullptr) hn::StoreU(hn::Mul(hn::Mul(t, inverse), inverse), d, curvature + i);
  });
}

/// q log(q/p) − q + p ≥ 0, p > 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V divergence(D d, V q, V p) {
  const auto zero = hn::Zero(d), excess = hn::Div(hn::Sub(q, p), p);
  // (1 + u) log(1 + u) − u = u²/2 − u³/6 + u⁴/12 − u⁵/20 + …
  auto series = hn::MulAdd(excess, hn::Set(d, -1.0 / 20), hn::Set(d, 1.0 / 12));
  series = hn::MulAdd(excess, series, hn::Set(d, -1.0 / 6));
  series = hn::Mul(hn::Mul(excess, excess), hn::MulAdd(excess, series, hn::Set(d, 0.5)));
  const auto closed = hn::MulSub(hn::Add(excess, hn::Set(d, 1.0)), hn::Log1p(d, excess), excess);
  const auto near = hn::Lt(hn::Abs(excess), hn::Set(d, 1e-3));
  const auto whole = hn::Mul(p, hn::Max(zero, hn::IfThenElse(near, series, closed)));
  return hn::IfThenElse(hn::Eq(q, zero), p, whole);
}

void logistic_gap_rows(const double* HWY_RESTRICT y, const double* HWY_RESTRICT eta, const double* HWY_RESTRICT theta,
                       Index n, double* HWY_RESTRICT out) {
  for_each_vector(n, [&](auto d, Index i) HWY_ATTR {
    const auto one = hn::Set(d, 1.0), zero = hn::Zero(d);
    const auto positive = hn::Gt(hn::LoadU(d, y + i), hn::Set(d, 0.5));
    const auto linear = hn::LoadU(d, eta + i), dual = hn::LoadU(d, theta + i);
    const auto z = hn::IfThenElse(positive, hn::Neg(linear), linear);
    const auto towards = hn::IfThenElse(positive, dual, hn::Neg(dual));
    const auto t = hn::Exp(d, hn::Neg(hn::Abs(z)));
    const auto large = hn::Div(one, hn::Add(one, t)), small = hn::Mul(t, large);
    const auto wrong = hn::Ge(z, zero);
    const auto other = hn::IfThenElse(wrong, large, small), own = hn::IfThenElse(wrong, small, large);
    const auto sum = hn::Add(divergence(d, towards, other), divergence(d, hn::Sub(one, towards), own));
    const auto inside = hn::And(hn::Ge(towards, zero), hn::Le(towards, one));
    const auto told = hn::And(inside, hn::Ge(small, hn::Set(d, kLeastProbability)));
    hn::StoreU(hn::IfThenElse(told, sum, hn::NaN(d)), d, out + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(logistic_rows);
HWY_EXPORT(logistic_gap_rows);

void logistic(const double* y, const double* eta, Index n, double* value, double* gradient, double* curvature) {
  HWY_DYNAMIC_DISPATCH(logistic_rows)(y, eta, n, value, gradient, curvature);
}

void logistic_gap(const double* y, const double* eta, const double* theta, Index n, double* out) {
  HWY_DYNAMIC_DISPATCH(logistic_gap_rows)(y, eta, theta, n, out);
}

}  // namespace riata::kernels
#endif
