// The logistic loss, its gradient and its curvature from one exponential.
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

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(logistic_rows);

void logistic(const double* y, const double* eta, Index n, double* value, double* gradient, double* curvature) {
  HWY_DYNAMIC_DISPATCH(logistic_rows)(y, eta, n, value, gradient, curvature);
}

}  // namespace riata::kernels
#endif
