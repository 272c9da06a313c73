// Vectors of float or double. Included once per target by Highway's foreach_target.
#if defined(RIATA_KERNELS_LANES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef RIATA_KERNELS_LANES_INL_HPP
#undef RIATA_KERNELS_LANES_INL_HPP
#else
#define RIATA_KERNELS_LANES_INL_HPP
#endif

#include <hwy/highway.h>

#include "riata/core/types.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
template <class T>
using Lanes = hn::CappedTag<T, 64 / sizeof(T)>;

template <class T>
constexpr Index kLanes = static_cast<Index>(hn::MaxLanes(Lanes<T>()));

/// Lanes of float64, from memory of either type and back.
template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const double* p) {
  return hn::LoadU(d, p);
}
template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const float* p) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), p));
}
template <class D>
HWY_INLINE void store_as(D d, hn::Vec<D> v, double* p) {
  hn::StoreU(v, d, p);
}
template <class D>
HWY_INLINE void store_as(D, hn::Vec<D> v, float* p) {
  const hn::Rebind<float, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, v), narrow, p);
}

/// body(tag, i) for whole vectors, then for the rest one by one.
template <class T, class Body>
HWY_INLINE void for_each_of(Index n, const Body& body) {
  const Lanes<T> d;
  Index i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) body(d, i);
  for (; i < n; ++i) body(hn::CappedTag<T, 1>(), i);
}

template <class T>
HWY_INLINE T lane_sum(hn::Vec<Lanes<T>> v) {
  return hn::GetLane(hn::SumOfLanes(Lanes<T>(), v));
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#endif
