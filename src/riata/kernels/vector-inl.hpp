// Per-target helpers of the kernels. Included once per target by Highway's foreach_target.
#if defined(RIATA_KERNELS_VECTOR_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef RIATA_KERNELS_VECTOR_INL_HPP
#undef RIATA_KERNELS_VECTOR_INL_HPP
#else
#define RIATA_KERNELS_VECTOR_INL_HPP
#endif

#include <hwy/highway.h>

#include "riata/core/types.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Wide = hn::CappedTag<double, 8>;
using One = hn::CappedTag<double, 1>;  // the same arithmetic, fused where the target fuses, on one number

template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const double* p) {
  return hn::LoadU(d, p);
}
template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const float* p) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), p));
}

template <class D>
HWY_INLINE double sum_of_lanes(D d, hn::Vec<D> v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}

/// body(tag, i) for whole vectors, then for the rest one by one.
template <class Body>
HWY_INLINE void for_each_vector(Index n, const Body& body) {
  const Wide d;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  Index i = 0;
  for (; i + lanes <= n; i += lanes) body(d, i);
  for (; i < n; ++i) body(One(), i);
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#endif
