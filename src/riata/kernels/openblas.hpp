#pragma once

#include <cblas.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "riata/kernels/blas.hpp"

/// How blas.cpp and lapack.cpp call OpenBLAS.
namespace riata::blas {

/// What every call holds while it is inside OpenBLAS. That takes a buffer for each thread that is inside at once, and asks
/// for ever where the system gives it none: room is asked for first, and then taken, whenever more are inside than ever
/// before. Throws bad_alloc.
class Turn {
 public:
  Turn() {
    if (++inside > proven) prove();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { --inside; }

 private:
  static void prove();

  static std::atomic<int> inside, proven;
  static std::mutex mutex;
};

/// As BLAS counts. Throws Error(input) where that is too narrow.
int narrow(Index value);

/// BLAS wants a stride of at least one even for an empty matrix.
template <class T>
int stride_of(MatrixView<T> a) {
  return narrow(std::max<Index>({1, a.stride, a.rows}));
}

}  // namespace riata::blas
