#include "riata/kernels/blas.hpp"

#include <sys/mman.h>

#include <cassert>
#include <limits>
#include <new>
#include <string>

#include "riata/core/error.hpp"
#include "riata/kernels/gemm.hpp"
#include "riata/kernels/openblas.hpp"

// NOLINTBEGIN(readability-identifier-naming): OpenBLAS's own names
extern "C" {
// What OpenBLAS asks of the environment when it is loaded. Its copy is ours, and so are the answers: else it starts a thread
// a core, which nothing ever uses, and each of them asks for a buffer of 128 MiB, for ever where there is none (decision
// 0510). Weak: an OpenBLAS that asks for more than this brings its own answers.
[[gnu::weak]] void openblas_read_env() {}
[[gnu::weak]] int openblas_num_threads_env() { return 1; }
[[gnu::weak]] int openblas_goto_num_threads_env() { return 0; }
[[gnu::weak]] int openblas_omp_num_threads_env() { return 0; }
[[gnu::weak]] int openblas_block_factor() { return 0; }
[[gnu::weak]] unsigned int openblas_thread_timeout() { return 0; }
[[gnu::weak]] int openblas_verbose() { return 0; }
}
// NOLINTEND(readability-identifier-naming)

namespace riata::blas {

std::atomic<int> Turn::inside = 0;
std::atomic<int> Turn::proven = 0;
std::mutex Turn::mutex;

void Turn::prove() {
  constexpr std::size_t kBuffer = std::size_t{128} << 20;  // OpenBLAS's BUFFER_SIZE
  constexpr int kSize = 128;                               // a product that is not too small for a buffer
  const std::lock_guard<std::mutex> lock(mutex);
  // Before the first call, and not sooner: a static initialiser may run before OpenBLAS's own, which crashes it.
  static const bool kOneThread = (openblas_set_num_threads(1), true);
  static_cast<void>(kOneThread);
  void* const probe = ::mmap(nullptr, kBuffer, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED) {
    --inside;
    throw std::bad_alloc();
  }
  ::munmap(probe, kBuffer);
  static std::vector<double> zero(std::size_t{kSize} * kSize), out(std::size_t{kSize} * kSize);
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, kSize, kSize, kSize, 1.0, zero.data(), kSize, zero.data(), kSize,
              0.0, out.data(), kSize);
  ++proven;
}

int narrow(Index value) {
  if (value > std::numeric_limits<int>::max()) {
    throw Error(ErrorKind::input, "a dense block of " + std::to_string(value) +
                                      " rows or columns is beyond what BLAS can take (2147483647); use fewer features");
  }
  return static_cast<int>(value);
}

namespace {

CBLAS_TRANSPOSE code(Op op) { return op == Op::none ? CblasNoTrans : CblasTrans; }
CBLAS_UPLO code(Triangle triangle) { return triangle == Triangle::lower ? CblasLower : CblasUpper; }

template <class T, class Call>
void product(Op op_a, Op op_b, MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, Call call) {
  const Turn turn;
  const Index inner = op_a == Op::none ? a.cols : a.rows;
  assert((op_a == Op::none ? a.rows : a.cols) == c.rows);
  assert((op_b == Op::none ? b.rows : b.cols) == inner);
  assert((op_b == Op::none ? b.cols : b.rows) == c.cols);
  if (c.rows == 0 || c.cols == 0) return;
  call(CblasColMajor, code(op_a), code(op_b), narrow(c.rows), narrow(c.cols), narrow(inner), stride_of(a), stride_of(b),
       stride_of(c));
}

}  // namespace

void gemm(Op op_a, Op op_b, double alpha, ConstMatrix a, ConstMatrix b, double beta, Matrix c) {
  product<double>(op_a, op_b, a, b, c,
                  [&](auto order, auto code_a, auto code_b, int m, int n, int k, int lda, int ldb, int ldc) {
                    cblas_dgemm(order, code_a, code_b, m, n, k, alpha, a.data, lda, b.data, ldb, beta, c.data, ldc);
                  });
}

void gemm(Op op_a, Op op_b, float alpha, MatrixView<const float> a, MatrixView<const float> b, float beta,
          MatrixView<float> c) {
  product<float>(op_a, op_b, a, b, c,
                 [&](auto order, auto code_a, auto code_b, int m, int n, int k, int lda, int ldb, int ldc) {
                   cblas_sgemm(order, code_a, code_b, m, n, k, alpha, a.data, lda, b.data, ldb, beta, c.data, ldc);
                 });
}

void gemv(Op op, double alpha, ConstMatrix a, std::span<const double> x, double beta, std::span<double> y) {
  const Turn turn;
  assert(static_cast<Index>(x.size()) == (op == Op::none ? a.cols : a.rows));
  assert(static_cast<Index>(y.size()) == (op == Op::none ? a.rows : a.cols));
  if (y.empty()) return;
  if (x.empty()) {
    for (double& value : y) value = beta == 0 ? 0 : beta * value;
    return;
  }
  cblas_dgemv(CblasColMajor, code(op), narrow(a.rows), narrow(a.cols), alpha, a.data, stride_of(a), x.data(), 1, beta,
              y.data(), 1);
}

void syrk(Triangle triangle, Op op, double alpha, ConstMatrix a, double beta, Matrix c) {
  const Turn turn;
  assert(c.rows == c.cols && (op == Op::none ? a.rows : a.cols) == c.rows);
  if (c.rows == 0) return;
  cblas_dsyrk(CblasColMajor, code(triangle), code(op), narrow(c.rows), narrow(op == Op::none ? a.cols : a.rows), alpha,
              a.data, stride_of(a), beta, c.data, stride_of(c));
}

void trsm(Side side, Triangle triangle, Op op, ConstMatrix t, Matrix b) {
  const Turn turn;
  assert(t.rows == t.cols && t.rows == (side == Side::left ? b.rows : b.cols));
  if (b.rows == 0 || b.cols == 0) return;
  cblas_dtrsm(CblasColMajor, side == Side::left ? CblasLeft : CblasRight, code(triangle), code(op), CblasNonUnit,
              narrow(b.rows), narrow(b.cols), 1.0, t.data, stride_of(t), b.data, stride_of(b));
}

void trsv(Triangle triangle, Op op, ConstMatrix t, std::span<double> x) {
  const Turn turn;
  assert(t.rows == t.cols && t.rows == std::ssize(x));
  if (x.empty()) return;
  cblas_dtrsv(CblasColMajor, code(triangle), code(op), CblasNonUnit, narrow(t.rows), t.data, stride_of(t), x.data(), 1);
}

void rot(std::span<double> x, std::span<double> y, double cosine, double sine) {
  assert(x.size() == y.size());  // takes no buffer, and so no turn
  cblas_drot(narrow(std::ssize(x)), x.data(), 1, y.data(), 1, cosine, sine);
}

void mirror(Triangle from, Matrix c) {
  assert(c.rows == c.cols);
  constexpr Index kTile = 32;  // both triangles are then read and written in whole cache lines
  for (Index j0 = 0; j0 < c.cols; j0 += kTile) {
    for (Index i0 = j0; i0 < c.rows; i0 += kTile) {
      for (Index j = j0; j < std::min(j0 + kTile, c.cols); ++j) {
        for (Index i = std::max(i0, j + 1); i < std::min(i0 + kTile, c.rows); ++i) {
          if (from == Triangle::lower) {
            c(j, i) = c(i, j);
          } else {
            c(i, j) = c(j, i);
          }
        }
      }
    }
  }
}

}  // namespace riata::blas
