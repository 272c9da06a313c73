// LassoNet's hierarchical prox, by vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/hierarchy.cpp"
#include "riata/kernels/targets.hpp"
//
#include "riata/kernels/lanes-inl.hpp"
#include "riata/kernels/optimizer.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

/// Some columns of a hierarchy from j on. With a = 1/t, h = 1/u, and s the multiplier of ‖θ‖ = b, the minimiser has
///   θₖ = aₖvₖ/(aₖ + s),  wᵢ = zᵢ cut to ±Mb,  s·b = strength − M Σ hᵢ(|zᵢ| − Mb)₊.
/// In q = 1/(s + min a), with r = ‖aₖvₖ/(1 + (aₖ − min a)q)‖, this is b = qr and one equation that falls with q:
///   H(q) = r − min a · qr − strength + M Σ hᵢ(|zᵢ| − M qr)₊ = 0;
/// H(0) ≤ 0: all is zero. In one metric H is convex and made of lines, which Newton's method from q = 0 walks down; a
/// bracket guards the other case.
template <class D, class T>
struct Columns {
  using V = hn::Vec<D>;
  D d;
  const Hierarchy<T>& all;
  Index j;
  V least;  // of a

  HWY_INLINE V theta(Index k) const { return load_as(d, all.theta + k * all.cols + j); }
  HWY_INLINE V w(Index i) const { return load_as(d, all.w + i * all.cols + j); }
  HWY_INLINE V inverse(const T* den, Index row) const {
    const V unit = hn::Set(d, all.unit);
    return den == nullptr ? hn::Div(hn::Set(d, 1.0), unit) : hn::Div(load_as(d, den + row * all.cols + j), unit);
  }
  HWY_INLINE V a(Index k) const { return inverse(all.theta_den, k); }
  HWY_INLINE V h(Index i) const { return inverse(all.w_den, i); }

  /// r and dr/dq.
  HWY_INLINE void radius(V q, V& r, V& slope) const {
    V square = hn::Zero(d), fall = hn::Zero(d);
    for (Index k = 0; k < all.outputs; ++k) {
      const V ak = a(k), c = hn::Sub(ak, least), below = hn::MulAdd(c, q, hn::Set(d, 1.0));
      const V part = hn::Div(hn::Mul(ak, theta(k)), below);
      square = hn::MulAdd(part, part, square);
      fall = hn::Add(fall, hn::Div(hn::Mul(hn::Mul(part, part), c), below));
    }
    r = hn::Sqrt(square);
    slope = hn::IfThenZeroElse(hn::Eq(r, hn::Zero(d)), hn::Neg(hn::Div(fall, r)));
  }

  /// H and dH/dq; r as well.
  HWY_INLINE V excess(V q, V strength, V& slope, V& r) const {
    V r_slope;
    radius(q, r, r_slope);
    const V b = hn::Mul(q, r), b_slope = hn::MulAdd(q, r_slope, r);
    const V bound = hn::Set(d, all.bound), cut = hn::Mul(bound, b);
    V over = hn::Zero(d), held = hn::Zero(d);
    for (Index i = 0; i < all.rows; ++i) {
      const V rest = hn::Sub(hn::Abs(w(i)), cut), hi = h(i);
      const auto above = hn::Gt(rest, hn::Zero(d));
      over = hn::Add(over, hn::IfThenElseZero(above, hn::Mul(hi, rest)));
      held = hn::Add(held, hn::IfThenElseZero(above, hi));
    }
    const V squeeze = hn::MulAdd(hn::Mul(bound, bound), held, least);
    slope = hn::NegMulAdd(squeeze, b_slope, r_slope);
    return hn::Sub(hn::MulAdd(bound, over, hn::NegMulAdd(least, b, r)), strength);
  }
};

template <class D, class T>
HWY_INLINE void threshold_columns(D d, const Hierarchy<T>& all, Index j) {
  using V = hn::Vec<D>;
  constexpr int kMostSteps = 200;
  const V zero = hn::Zero(d), tolerance = hn::Set(d, sizeof(T) == 4 ? 1e-9 : 1e-15);
  Columns<D, T> columns{d, all, j, hn::Zero(d)};
  columns.least = columns.a(0);
  for (Index k = 1; k < all.outputs; ++k) columns.least = hn::Min(columns.least, columns.a(k));
  const V strength = hn::LoadU(d, all.strength + j);
  const V farthest = hn::Set(d, 1e100);  // where b has a limit that H = 0 lies beyond (vₖ = 0 for the least a)
  V q = zero, low = zero, high = hn::Set(d, -1.0), slope, r;  // high < 0: not known yet
  V value = columns.excess(q, strength, slope, r);
  const auto gone = hn::Or(hn::Le(value, zero), hn::Eq(r, zero));
  for (int step = 0; step < kMostSteps; ++step) {
    const auto left = hn::Gt(value, zero);
    low = hn::IfThenElse(left, q, low);
    high = hn::IfThenElse(left, high, q);
    const auto open = hn::Lt(high, zero);
    V next = hn::Sub(q, hn::Div(value, slope));
    const V middle = hn::IfThenElse(open, hn::Add(q, q), hn::Mul(hn::Set(d, 0.5), hn::Add(low, high)));
    const auto inside = hn::And(hn::Gt(next, low), hn::Or(open, hn::Lt(next, high)));
    next = hn::Min(hn::IfThenElse(inside, next, middle), farthest);
    const auto moves = hn::AndNot(gone, hn::Gt(hn::Abs(hn::Sub(next, q)), hn::Mul(tolerance, next)));
    if (hn::AllFalse(d, moves)) break;
    q = hn::IfThenElse(moves, next, q);
    value = columns.excess(q, strength, slope, r);
  }
  V unused;
  columns.radius(q, r, unused);
  const V cut = hn::Mul(hn::Set(d, all.bound), hn::Mul(q, r));
  for (Index k = 0; k < all.outputs; ++k) {
    const V ak = columns.a(k), share = hn::Div(hn::Mul(ak, q), hn::MulAdd(hn::Sub(ak, columns.least), q, hn::Set(d, 1.0)));
    store_as(d, hn::IfThenZeroElse(gone, hn::Mul(columns.theta(k), share)), all.theta + k * all.cols + j);
  }
  for (Index i = 0; i < all.rows; ++i) {
    const V z = columns.w(i), kept = hn::IfThenElse(hn::Gt(hn::Abs(z), cut), hn::CopySign(cut, z), z);  // keeps a NaN
    store_as(d, hn::IfThenZeroElse(gone, kept), all.w + i * all.cols + j);
  }
}

template <class T>
HWY_INLINE void threshold_all(const Hierarchy<T>& all) {
  for_each_of<double>(all.cols, [&](auto d, Index j) HWY_ATTR { threshold_columns(d, all, j); });
}

void hierarchy_f32(const Hierarchy<float>& all) { threshold_all(all); }
void hierarchy_f64(const Hierarchy<double>& all) { threshold_all(all); }

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

HWY_EXPORT(hierarchy_f32);
HWY_EXPORT(hierarchy_f64);
template <>
void hierarchical_threshold(const Hierarchy<float>& hierarchy) {
  HWY_DYNAMIC_DISPATCH(hierarchy_f32)(hierarchy);
}
template <>
void hierarchical_threshold(const Hierarchy<double>& hierarchy) {
  HWY_DYNAMIC_DISPATCH(hierarchy_f64)(hierarchy);
}

}  // namespace riata::kernels
#endif
