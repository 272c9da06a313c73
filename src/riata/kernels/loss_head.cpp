// Losses at the output of a network, with their gradients.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/loss_head.cpp"
#include "riata/kernels/targets.hpp"
//
#include <hwy/contrib/math/math-inl.h>

#include "riata/kernels/lanes-inl.hpp"
#include "riata/kernels/layers.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

/// Rows with one output. pair(d, y, eta, slope) gives ℓ and sets ∂ℓ/∂η; rows of weight 0 count nothing, whatever they hold.
template <class T, class Pair>
HWY_INLINE HeadSums one_output(MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta,
                               const Pair& pair) {
  const Lanes<T> d;
  const auto factor = hn::Set(d, scale);
  auto loss = hn::Zero(d);
  for (Index i = 0; i < eta.rows; i += kLanes<T>) {
    const auto weight = hn::LoadU(d, w + i);
    const auto counts = hn::Ne(weight, hn::Zero(d));
    auto slope = hn::Zero(d);
    const auto value = pair(d, hn::LoadU(d, y + i), hn::LoadU(d, eta.data + i), slope);
    loss = hn::Add(loss, hn::IfThenElseZero(counts, hn::Mul(weight, value)));
    if (delta.data == nullptr) continue;
    hn::StoreU(hn::IfThenElseZero(counts, hn::Mul(slope, hn::Mul(weight, factor))), d, delta.data + i);
  }
  return {static_cast<double>(lane_sum<T>(loss)), 0};
}

template <class T>
HWY_INLINE HeadSums logistic_head(MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) {
  double hits = 0;
  for (Index i = 0; i < eta.rows; ++i) {
    if ((eta.data[i] > 0) == (y[i] > T{0.5})) hits += static_cast<double>(w[i]);
  }
  HeadSums sums = one_output(eta, y, w, scale, delta, [](auto d, auto target, auto linear, auto& slope) HWY_ATTR {
    const auto one = hn::Set(d, T{1}), half = hn::Set(d, T{0.5});
    const auto positive = hn::Gt(target, half);
    const auto z = hn::IfThenElse(positive, hn::Neg(linear), linear);
    const auto t = hn::Exp(d, hn::Neg(hn::Abs(z)));
    const auto p = hn::Mul(hn::Div(one, hn::Add(one, t)), hn::IfThenElse(hn::Ge(z, hn::Zero(d)), one, t));
    slope = hn::IfThenElse(positive, hn::Neg(p), p);
    return hn::Add(hn::MulAdd(half, z, hn::Mul(half, hn::Abs(z))), hn::Log1p(d, t));
  });
  sums.hits = hits;
  return sums;
}

/// Softmax: with M = max η, ℓ = M + log Σ e^(η−M) − η_y and ∂ℓ/∂η_k = e^(η_k−M)/Σ − [k = y].
template <class T>
HWY_INLINE HeadSums multinomial_head(MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) {
  const Lanes<T> d;
  auto loss = hn::Zero(d), hits = hn::Zero(d);
  for (Index i = 0; i < eta.rows; i += kLanes<T>) {
    const auto weight = hn::LoadU(d, w + i), target = hn::LoadU(d, y + i);
    const auto counts = hn::Ne(weight, hn::Zero(d));
    auto largest = hn::LoadU(d, &eta(i, 0)), own = largest, first = hn::Zero(d);
    for (Index k = 1; k < eta.cols; ++k) {
      const auto value = hn::LoadU(d, &eta(i, k)), code = hn::Set(d, static_cast<T>(k));
      const auto above = hn::Gt(value, largest);
      largest = hn::IfThenElse(above, value, largest);
      first = hn::IfThenElse(above, code, first);
      own = hn::IfThenElse(hn::Eq(target, code), value, own);
    }
    auto total = hn::Zero(d);
    for (Index k = 0; k < eta.cols; ++k) {
      const auto e = hn::Exp(d, hn::Sub(hn::LoadU(d, &eta(i, k)), largest));
      total = hn::Add(total, e);
      if (delta.data != nullptr) hn::StoreU(e, d, &delta(i, k));
    }
    const auto value = hn::Add(hn::Sub(largest, own), hn::Log(d, total));
    loss = hn::Add(loss, hn::IfThenElseZero(counts, hn::Mul(weight, value)));
    hits = hn::Add(hits, hn::IfThenElseZero(hn::Eq(first, target), weight));
    if (delta.data == nullptr) continue;
    const auto share = hn::Div(hn::Set(d, T{1}), total), factor = hn::Mul(weight, hn::Set(d, scale));
    for (Index k = 0; k < eta.cols; ++k) {
      const auto hit = hn::IfThenElseZero(hn::Eq(target, hn::Set(d, static_cast<T>(k))), hn::Set(d, T{1}));
      const auto slope = hn::MulSub(hn::LoadU(d, &delta(i, k)), share, hit);
      hn::StoreU(hn::IfThenElseZero(counts, hn::Mul(slope, factor)), d, &delta(i, k));
    }
  }
  return {static_cast<double>(lane_sum<T>(loss)), static_cast<double>(lane_sum<T>(hits))};
}

template <class T>
HWY_INLINE HeadSums poisson_head(MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) {
  return one_output(eta, y, w, scale, delta, [](auto d, auto target, auto linear, auto& slope) HWY_ATTR {
    // e^η overflows on purpose: the loss is then infinite, and training says that it diverged.
    const auto bound = hn::Set(d, sizeof(T) == 4 ? T{88} : T{709});
    const auto mean = hn::IfThenElse(hn::Gt(linear, bound), hn::Inf(d), hn::Exp(d, hn::Min(linear, bound)));
    slope = hn::Sub(mean, target);
    return hn::NegMulAdd(target, linear, mean);
  });
}

template <class T>
HWY_INLINE HeadSums huber_head(MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) {
  return one_output(eta, y, w, scale, delta, [](auto d, auto target, auto linear, auto& slope) HWY_ATTR {
    const auto one = hn::Set(d, T{1}), half = hn::Set(d, T{0.5});
    const auto r = hn::Sub(linear, target), size = hn::Abs(r);
    const auto near = hn::Le(size, one);
    slope = hn::IfThenElse(near, r, hn::CopySign(one, r));
    return hn::IfThenElse(near, hn::Mul(half, hn::Mul(r, r)), hn::Sub(size, half));
  });
}

template <class T>
HWY_INLINE HeadSums head(NetworkLoss loss, MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) {
  const T value_factor = loss == NetworkLoss::mse ? T{1} : T{0.5}, slope_factor = 2 * value_factor;
  switch (loss) {
    case NetworkLoss::squared:
    case NetworkLoss::mse:
      return one_output(eta, y, w, scale, delta, [&](auto d, auto target, auto linear, auto& slope) HWY_ATTR {
        const auto r = hn::Sub(linear, target);
        slope = hn::Mul(hn::Set(d, slope_factor), r);
        return hn::Mul(hn::Set(d, value_factor), hn::Mul(r, r));
      });
    case NetworkLoss::logistic: return logistic_head(eta, y, w, scale, delta);
    case NetworkLoss::multinomial: return multinomial_head(eta, y, w, scale, delta);
    case NetworkLoss::poisson: return poisson_head(eta, y, w, scale, delta);
    case NetworkLoss::huber: return huber_head(eta, y, w, scale, delta);
  }
  return {};
}

/// Several responses: a column of η each.
template <class T>
HWY_INLINE HeadSums heads(NetworkLoss loss, MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) {
  if (loss == NetworkLoss::multinomial || eta.cols == 1) return head(loss, eta, y, w, scale, delta);
  HeadSums total;
  for (Index k = 0; k < eta.cols; ++k) {
    const MatrixView<const T> own(&eta(0, k), eta.rows, 1);
    const auto slopes = delta.data == nullptr ? delta : MatrixView<T>(&delta(0, k), delta.rows, 1);
    const HeadSums sums = head(loss, own, y + k * eta.rows, w, scale, slopes);
    total.loss += sums.loss;
    total.hits += sums.hits / static_cast<double>(eta.cols);
  }
  return total;
}

#define RIATA_KERNELS(T, suffix)                                                                                            \
  HeadSums head_##suffix(NetworkLoss loss, MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) { \
    return heads(loss, eta, y, w, scale, delta);                                                                            \
  }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

#define RIATA_KERNELS(T, suffix)                                                                                        \
  HWY_EXPORT(head_##suffix);                                                                                            \
  template <>                                                                                                           \
  HeadSums loss_head(NetworkLoss loss, MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta) { \
    return HWY_DYNAMIC_DISPATCH(head_##suffix)(loss, eta, y, w, scale, delta);                                          \
  }
RIATA_KERNELS(float, f32)
RIATA_KERNELS(double, f64)
#undef RIATA_KERNELS

}  // namespace riata::kernels
#endif
