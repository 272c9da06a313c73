// Per-target helpers of the kernels. Included once per target by Highway's foreach_target.
#if defined(RIATA_KERNELS_VECTOR_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef RIATA_KERNELS_VECTOR_INL_HPP
#undef RIATA_KERNELS_VECTOR_INL_HPP
#else
#define RIATA_KERNELS_VECTOR_INL_HPP
#endif

#include <hwy/highway.h>

#include "riata/core/types.hpp"
#include "riata/kernels/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Wide = Lanes<double>;
using One = hn::CappedTag<double, 1>;  // the same arithmetic, fused where the target fuses, on one number

template <class D>
HWY_INLINE double sum_of_lanes(D d, hn::Vec<D> v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}

/// body(tag, i) for whole vectors, then for the rest one by one.
template <class Body>
HWY_INLINE void for_each_vector(Index n, const Body& body) {
  for_each_of<double>(n, body);
}

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#endif
