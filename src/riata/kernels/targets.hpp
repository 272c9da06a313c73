// No include guard: Highway includes the file that includes this once per target. Define HWY_TARGET_INCLUDE before.
// Three instruction sets on x86 are enough: the baseline, AVX2 with FMA, AVX-512. The ones between gain nothing here.
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
