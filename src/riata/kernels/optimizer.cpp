// Optimiser steps and the soft threshold, by vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/optimizer.cpp"
#include "riata/kernels/targets.hpp"
//
#include "riata/kernels/lanes-inl.hpp"
#include "riata/kernels/optimizer.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct Slots {
  T *w, *s1, *s2, *s3, *den;
  const T* g;
};

template <class D>
HWY_INLINE hn::Vec<D> scalar(D d, double x) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(x));
}

/// step(d, i, w, g, den) after shrinking and decay changes w and sets den.
template <class T, class Step>
HWY_INLINE void each_weight(const StepRule& rule, const Slots<T>& at, Index n, const Step& step) {
  for_each_of<T>(n, [&](auto d, Index i) HWY_ATTR {
    auto w = hn::Mul(hn::LoadU(d, at.w + i), scalar(d, rule.shrink));
    const auto g = hn::MulAdd(scalar(d, rule.decay), w, hn::LoadU(d, at.g + i));
    auto den = hn::Zero(d);
    step(d, i, w, g, den);
    hn::StoreU(w, d, at.w + i);
    if (at.den != nullptr) hn::StoreU(den, d, at.den + i);
  });
}

template <class D, class T>
HWY_INLINE hn::Vec<D> lerp_to(D d, T* place, hn::Vec<D> g, double share) {
  const auto old = hn::LoadU(d, place);
  const auto now = hn::MulAdd(scalar(d, share), hn::Sub(g, old), old);
  hn::StoreU(now, d, place);
  return now;
}

template <class D, class T>
HWY_INLINE hn::Vec<D> square_to(D d, T* place, hn::Vec<D> g, double kept) {
  const auto now = hn::MulAdd(scalar(d, kept), hn::LoadU(d, place), hn::Mul(scalar(d, 1 - kept), hn::Mul(g, g)));
  hn::StoreU(now, d, place);
  return now;
}

template <class T>
HWY_INLINE void sgd(const StepRule& rule, const Slots<T>& at, Index n) {
  each_weight(rule, at, n, [&](auto d, Index i, auto& w, auto g, auto&) HWY_ATTR {
    auto direction = g;
    if (at.s1 != nullptr) {
      auto b = g;
      if (!rule.first) {
        b = hn::MulAdd(scalar(d, rule.momentum), hn::LoadU(d, at.s1 + i), hn::Mul(scalar(d, 1 - rule.dampening), g));
      }
      hn::StoreU(b, d, at.s1 + i);
      direction = rule.nesterov ? hn::MulAdd(scalar(d, rule.momentum), b, g) : b;
    }
    w = hn::NegMulAdd(scalar(d, rule.rate), direction, w);
  });
}

template <class T>
HWY_INLINE void adam(const StepRule& rule, const Slots<T>& at, Index n) {
  const double inverse_root = 1 / rule.root;
  each_weight(rule, at, n, [&](auto d, Index i, auto& w, auto g, auto& den) HWY_ATTR {
    const auto m = lerp_to(d, at.s1 + i, g, 1 - rule.beta1);
    auto v = square_to(d, at.s2 + i, g, rule.beta2);
    if (at.s3 != nullptr) {
      v = hn::Max(v, hn::LoadU(d, at.s3 + i));
      hn::StoreU(v, d, at.s3 + i);
    }
    den = hn::MulAdd(hn::Sqrt(v), scalar(d, inverse_root), scalar(d, rule.epsilon));
    w = hn::Sub(w, hn::Div(hn::Mul(scalar(d, rule.rate), m), den));
  });
}

template <class T>
HWY_INLINE void nadam(const StepRule& rule, const Slots<T>& at, Index n) {
  const double inverse_root = 1 / rule.root;
  each_weight(rule, at, n, [&](auto d, Index i, auto& w, auto g, auto& den) HWY_ATTR {
    const auto m = lerp_to(d, at.s1 + i, g, 1 - rule.beta1);
    const auto v = square_to(d, at.s2 + i, g, rule.beta2);
    den = hn::MulAdd(hn::Sqrt(v), scalar(d, inverse_root), scalar(d, rule.epsilon));
    w = hn::Sub(w, hn::Div(hn::MulAdd(scalar(d, rule.rate), g, hn::Mul(scalar(d, rule.second_rate), m)), den));
  });
}

template <class T>
HWY_INLINE void rmsprop(const StepRule& rule, const Slots<T>& at, Index n) {
  each_weight(rule, at, n, [&](auto d, Index i, auto& w, auto g, auto& den) HWY_ATTR {
    auto v = square_to(d, at.s1 + i, g, rule.beta2);
    if (at.s2 != nullptr) {
      const auto mean = lerp_to(d, at.s2 + i, g, 1 - rule.beta2);
      v = hn::NegMulAdd(mean, mean, v);
    }
    den = hn::Add(hn::Sqrt(v), scalar(d, rule.epsilon));
    auto direction = hn::Div(g, den);
    if (at.s3 != nullptr) {
      direction = hn::MulAdd(scalar(d, rule.momentum), hn::LoadU(d, at.s3 + i), direction);
      hn::StoreU(direction, d, at.s3 + i);
    }
    w = hn::NegMulAdd(scalar(d, rule.rate), direction, w);
  });
}

template <class T>
HWY_INLINE void adagrad(const StepRule& rule, const Slots<T>& at, Index n) {
  each_weight(rule, at, n, [&](auto d, Index i, auto& w, auto g, auto& den) HWY_ATTR {
    const auto v = hn::MulAdd(g, g, hn::LoadU(d, at.s1 + i));
    hn::StoreU(v, d, at.s1 + i);
    den = hn::Add(hn::Sqrt(v), scalar(d, rule.epsilon));
    w = hn::NegMulAdd(scalar(d, rule.rate), hn::Div(g, den), w);
  });
}

template <class T>
HWY_INLINE void step(const StepRule& rule, const Slots<T>& at, Index n) {
  switch (rule.kind) {
    case StepRule::Kind::sgd: return sgd(rule, at, n);
    case StepRule::Kind::adam: return adam(rule, at, n);
    case StepRule::Kind::nadam: return nadam(rule, at, n);
    case StepRule::Kind::rmsprop: return rmsprop(rule, at, n);
    case StepRule::Kind::adagrad: return adagrad(rule, at, n);
  }
}

template <class T>
HWY_INLINE void threshold(T* HWY_RESTRICT w, double strength, const T* HWY_RESTRICT den, Index n) {
  for_each_of<T>(n, [&](auto d, Index i) HWY_ATTR {
    const auto z = hn::LoadU(d, w + i);
    auto t = scalar(d, strength);
    if (den != nullptr) t = hn::Div(t, hn::LoadU(d, den + i));
    const auto size = hn::Sub(hn::Abs(z), t);
    const auto kept = hn::IfThenZeroElse(hn::Le(size, hn::Zero(d)), hn::CopySign(size, z));  // keeps a NaN
    hn::StoreU(kept, d, w + i);
  });
}

template <class T>
HWY_INLINE void sign(T* HWY_RESTRICT g, const T* HWY_RESTRICT w, double strength, Index n) {
  for_each_of<T>(n, [&](auto d, Index i) HWY_ATTR {
    const auto value = hn::LoadU(d, w + i);
    const auto slope = hn::IfThenElseZero(hn::Ne(value, hn::Zero(d)), hn::CopySign(scalar(d, strength), value));
    hn::StoreU(hn::Add(hn::LoadU(d, g + i), slope), d, g + i);
  });
}

/// Some columns from w and den on.
template <class D, class T>
HWY_INLINE void threshold_columns(D d, T* w, const T* den, double unit, Index rows, Index cols, double strength) {
  using V = hn::Vec<D>;
  constexpr int kMostSteps = 100;
  const V one = hn::Set(d, 1.0), reach = hn::Set(d, strength * unit), tolerance = hn::Set(d, sizeof(T) == 4 ? 1e-9 : 1e-15);
  const auto scale = [&](Index i) HWY_ATTR { return den == nullptr ? one : load_as(d, den + i * cols); };
  V norm = hn::Zero(d), dual = hn::Zero(d), least = scale(0);
  for (Index i = 0; i < rows; ++i) {
    const V z = load_as(d, w + i * cols), c = scale(i), zc = hn::Mul(z, c);
    norm = hn::MulAdd(z, z, norm);
    dual = hn::MulAdd(zc, zc, dual);
    least = hn::Min(least, c);
  }
  const auto gone = hn::Le(hn::Sqrt(dual), reach);
  V t = hn::Max(hn::Sub(hn::Sqrt(norm), hn::Div(reach, least)), hn::Zero(d));
  for (int step = 0; step < kMostSteps; ++step) {
    V sum = hn::Zero(d), slope = hn::Zero(d);
    for (Index i = 0; i < rows; ++i) {
      const V z = load_as(d, w + i * cols), c = scale(i), share = hn::Div(c, hn::MulAdd(t, c, reach)),
              part = hn::Mul(z, share);
      const V square = hn::Mul(part, part);
      sum = hn::Add(sum, square);
      slope = hn::MulAdd(square, share, slope);
    }
    const V rise = hn::Div(hn::Mul(sum, hn::Sub(hn::Sqrt(sum), one)), slope);
    const auto climbs = hn::AndNot(gone, hn::Gt(rise, hn::Mul(tolerance, t)));
    if (hn::AllFalse(d, climbs)) break;
    t = hn::IfThenElse(climbs, hn::Add(t, rise), t);
  }
  for (Index i = 0; i < rows; ++i) {
    const V c = scale(i), share = hn::Div(hn::Mul(t, c), hn::MulAdd(t, c, reach));
    store_as(d, hn::IfThenZeroElse(gone, hn::Mul(load_as(d, w + i * cols), share)), w + i * cols);
  }
}

template <class T>
HWY_INLINE void threshold_groups(T* w, const T* den, double unit, Index rows, Index cols, double strength) {
  for_each_of<double>(cols, [&](auto d, Index j) HWY_ATTR {
    threshold_columns(d, w + j, den == nullptr ? nullptr : den + j, unit, rows, cols, strength);
  });
}

template <class T>
HWY_INLINE double squares(const T* x, Index n) {
  const Lanes<double> d;
  constexpr Index kStep = kLanes<double>;
  auto even = hn::Zero(d), odd = hn::Zero(d);
  Index i = 0;
  for (; i + 2 * kStep <= n; i += 2 * kStep) {
    const auto a = load_as(d, x + i), b = load_as(d, x + i + kStep);
    even = hn::MulAdd(a, a, even);
    odd = hn::MulAdd(b, b, odd);
  }
  double rest = 0;
  for (; i < n; ++i) rest += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return lane_sum<double>(hn::Add(even, odd)) + rest;
}

#define RIATA_KERNELS(T, suffix)                                                                            \
  void step_##suffix(const StepRule& rule, T* w, const T* g, T* s1, T* s2, T* s3, T* den, Index n) {        \
    step(rule, Slots<T>{w, s1, s2, s3, den, g}, n);                                                         \
  }                                                                                                         \
  void threshold_##suffix(T* w, double strength, const T* den, Index n) { threshold(w, strength, den, n); } \
  void groups_##suffix(T* w, const T* den, double unit, Index rows, Index cols, double strength) {          \
    threshold_groups(w, den, unit, rows, cols, strength);                                                   \
  }                                                                                                         \
  void sign_##suffix(T* g, const T* w, double strength, Index n) { sign(g, w, strength, n); }               \
  double squares_##suffix(const T* x, Index n) { return squares(x, n); }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

#define RIATA_KERNELS(T, suffix)                                                                      \
  HWY_EXPORT(step_##suffix);                                                                          \
  HWY_EXPORT(threshold_##suffix);                                                                     \
  HWY_EXPORT(groups_##suffix);                                                                        \
  HWY_EXPORT(sign_##suffix);                                                                          \
  HWY_EXPORT(squares_##suffix);                                                                       \
  template <>                                                                                         \
  void optimizer_step(const StepRule& rule, T* w, const T* g, T* s1, T* s2, T* s3, T* den, Index n) { \
    HWY_DYNAMIC_DISPATCH(step_##suffix)(rule, w, g, s1, s2, s3, den, n);                              \
  }                                                                                                   \
  template <>                                                                                         \
  void soft_threshold(T* w, double strength, const T* den, Index n) {                                 \
    HWY_DYNAMIC_DISPATCH(threshold_##suffix)(w, strength, den, n);                                    \
  }                                                                                                   \
  template <>                                                                                         \
  void group_threshold(T* w, const T* den, double unit, Index rows, Index cols, double strength) {    \
    HWY_DYNAMIC_DISPATCH(groups_##suffix)(w, den, unit, rows, cols, strength);                        \
  }                                                                                                   \
  template <>                                                                                         \
  void add_sign(T* g, const T* w, double strength, Index n) {                                         \
    HWY_DYNAMIC_DISPATCH(sign_##suffix)(g, w, strength, n);                                           \
  }                                                                                                   \
  template <>                                                                                         \
  double sum_of_squares(const T* x, Index n) {                                                        \
    return HWY_DYNAMIC_DISPATCH(squares_##suffix)(x, n);                                              \
  }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace riata::kernels
#endif
