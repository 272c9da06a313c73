#pragma once

#include "riata/kernels/blas.hpp"

namespace riata::blas {

/// The same in float32.
void gemm(Op op_a, Op op_b, float alpha, MatrixView<const float> a, MatrixView<const float> b, float beta,
          MatrixView<float> c);

}  // namespace riata::blas
