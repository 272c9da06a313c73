#include "riata/kernels/blas.hpp"

#include <cblas.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <limits>
#include <mutex>
#include <new>
#include <numeric>
#include <string>

#include "riata/core/error.hpp"
#include "riata/kernels/gemm.hpp"

// NOLINTBEGIN(readability-identifier-naming): LAPACK's own names
extern "C" {
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info, std::size_t);
void dpocon_(const char* uplo, const int* n, const double* a, const int* lda, const double* anorm, double* rcond,
             double* work, int* iwork, int* info, std::size_t);
void dpstrf_(const char*, const int*, double*, const int*, int*, int*, const double*, double*, int*, std::size_t);
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info, std::size_t, std::size_t);
void dlatrd_(const char* uplo, const int* n, const int* nb, double* a, const int* lda, double* e, double* tau, double* w,
             const int* ldw, std::size_t);
void dsytd2_(const char* uplo, const int* n, double* a, const int* lda, double* d, double* e, double* tau, int* info,
             std::size_t);
void dstedc_(const char* compz, const int* n, double* d, double* e, double* z, const int* ldz, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info, std::size_t);
void dlaqps_(const int* m, const int* n, const int* offset, const int* nb, int* kb, double* a, const int* lda, int* jpvt,
             double* tau, double* vn1, double* vn2, double* auxv, double* f, const int* ldf);
void dlaqp2_(const int* m, const int* n, const int* offset, double* a, const int* lda, int* jpvt, double* tau, double* vn1,
             double* vn2, double* work);
void dormqr_(const char* side, const char* trans, const int* m, const int* n, const int* k, const double* a, const int* lda,
             const double* tau, double* c, const int* ldc, double* work, const int* lwork, int* info, std::size_t,
             std::size_t);
void dgesdd_(const char* jobz, const int* m, const int* n, double* a, const int* lda, double* s, double* u, const int* ldu,
             double* vt, const int* ldvt, double* work, const int* lwork, int* iwork, int* info, std::size_t);

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
namespace {

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
  static void prove() {
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

  static std::atomic<int> inside, proven;
  static std::mutex mutex;
};

std::atomic<int> Turn::inside = 0;
std::atomic<int> Turn::proven = 0;
std::mutex Turn::mutex;

int narrow(Index value) {
  if (value > std::numeric_limits<int>::max()) {
    throw Error(ErrorKind::input, "a dense block of " + std::to_string(value) +
                                      " rows or columns is beyond what BLAS can take (2147483647); use fewer features");
  }
  return static_cast<int>(value);
}

/// BLAS wants a stride of at least one even for an empty matrix.
template <class T>
int stride_of(MatrixView<T> a) {
  return narrow(std::max<Index>({1, a.stride, a.rows}));
}

CBLAS_TRANSPOSE code(Op op) { return op == Op::none ? CblasNoTrans : CblasTrans; }
CBLAS_UPLO code(Triangle triangle) { return triangle == Triangle::lower ? CblasLower : CblasUpper; }
const char* letter(Op op) { return op == Op::none ? "N" : "T"; }
const char* letter(Triangle triangle) { return triangle == Triangle::lower ? "L" : "U"; }

std::vector<double> workspace(double wanted) { return std::vector<double>(static_cast<std::size_t>(std::max(1.0, wanted))); }

}  // namespace

namespace {

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

Index potrf(Triangle triangle, Matrix a) {
  const Turn turn;
  assert(a.rows == a.cols);
  if (a.rows == 0) return 0;
  const int n = narrow(a.rows), stride = stride_of(a);
  int info = 0;
  dpotrf_(letter(triangle), &n, a.data, &stride, &info, 1);
  assert(info >= 0);
  return info;
}

double pocon(Triangle triangle, ConstMatrix factor, double norm) {
  const Turn turn;
  assert(factor.rows == factor.cols);
  if (factor.rows == 0) return 1;
  const int n = narrow(factor.rows), stride = stride_of(factor);
  int info = 0;
  double out = 0;
  std::vector<double> work(3 * static_cast<std::size_t>(n));
  std::vector<int> iwork(static_cast<std::size_t>(n));
  dpocon_(letter(triangle), &n, factor.data, &stride, &norm, &out, work.data(), iwork.data(), &info, 1);
  assert(info >= 0);
  return out;
}

Index pstrf(Triangle triangle, Matrix a, std::span<Index> order) {
  const Turn turn;
  assert(a.rows == a.cols && static_cast<Index>(order.size()) == a.rows);
  if (a.rows == 0) return 0;
  const int n = narrow(a.rows), stride = stride_of(a);
  int info = 0, rank = 0;
  const double by_size = -1;
  std::vector<int> chosen(order.size());
  std::vector<double> work(2 * order.size());
  dpstrf_(letter(triangle), &n, a.data, &stride, chosen.data(), &rank, &by_size, work.data(), &info, 1);
  assert(info >= 0);
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = chosen[k] - 1;
  return rank;
}

namespace {

/// A = Q T Qᵀ with T tridiagonal, Q's reflectors in the lower triangle: LAPACK's dsytrd, whose loop over blocks of columns
/// is here so that it can be left.
bool tridiagonal(Matrix a, std::span<double> diagonal, std::span<double> off, std::span<double> tau, const Stop& stop) {
  constexpr int kBlock = 32;
  const Turn turn;
  const int n = narrow(a.rows), stride = stride_of(a), block = kBlock;
  std::vector<double> work(static_cast<std::size_t>(n) * kBlock);
  int done = 0, info = 0;
  for (; n - done > 2 * kBlock; done += kBlock) {
    if (stop && stop()) return false;
    const int left = n - done, after = left - kBlock;
    dlatrd_("L", &left, &block, &a(done, done), &stride, &off[static_cast<std::size_t>(done)],
            &tau[static_cast<std::size_t>(done)], work.data(), &left, 1);
    cblas_dsyr2k(CblasColMajor, CblasLower, CblasNoTrans, after, kBlock, -1.0, &a(done + kBlock, done), stride,
                 work.data() + kBlock, left, 1.0, &a(done + kBlock, done + kBlock), stride);
    for (int j = done; j < done + kBlock; ++j) {
      a(j + 1, j) = off[static_cast<std::size_t>(j)];
      diagonal[static_cast<std::size_t>(j)] = a(j, j);
    }
  }
  const int left = n - done;
  const auto at = static_cast<std::size_t>(done);
  dsytd2_("L", &left, &a(done, done), &stride, &diagonal[at], off.data() + at, tau.data() + at, &info, 1);
  return true;
}

/// Z = Q Z, block by block of its reflectors, the last first.
bool turn_back(ConstMatrix a, std::span<const double> tau, Matrix z, const Stop& stop) {
  constexpr Index kBlock = 64;
  const Index n = a.rows, reflectors = n - 1;
  for (Index first = (reflectors - 1) / kBlock * kBlock; first >= 0; first -= kBlock) {
    if (stop && stop()) return false;
    const Index count = std::min(kBlock, reflectors - first), rows = reflectors - first;
    ormqr(Op::none, {&a(first + 1, first), rows, count, a.stride},
          tau.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
          {&z(first + 1, 0), rows, n, z.stride});
  }
  return true;
}

bool eigen_at_once(Matrix a, std::span<double> eigenvalues) {
  const Turn turn;
  const int n = narrow(a.rows), stride = stride_of(a), query = -1;
  int info = 0, integers = 0;
  double reals = 0;
  dsyevd_("V", "L", &n, a.data, &stride, eigenvalues.data(), &reals, &query, &integers, &query, &info, 1, 1);
  std::vector<double> work = workspace(reals);
  std::vector<int> iwork(static_cast<std::size_t>(std::max(1, integers)));
  const int lwork = narrow(static_cast<Index>(work.size())), liwork = static_cast<int>(iwork.size());
  dsyevd_("V", "L", &n, a.data, &stride, eigenvalues.data(), work.data(), &lwork, iwork.data(), &liwork, &info, 1, 1);
  assert(info >= 0);
  return info == 0;
}

/// The same as dsyevd in steps, between which it can be left; only the middle one, the eigenvectors of T, is one call.
bool eigen_in_steps(Matrix a, std::span<double> eigenvalues, const Stop& stop) {
  const auto size = static_cast<std::size_t>(a.rows);
  std::vector<double> off(size), tau(size), vectors(size * size);
  if (!tridiagonal(a, eigenvalues, off, tau, stop) || stop()) return false;
  {
    const Turn turn;
    const int n = narrow(a.rows), query = -1;
    int info = 0, integers = 0;
    double reals = 0;
    dstedc_("I", &n, eigenvalues.data(), off.data(), vectors.data(), &n, &reals, &query, &integers, &query, &info, 1);
    std::vector<double> work = workspace(reals);
    std::vector<int> iwork(static_cast<std::size_t>(std::max(1, integers)));
    const int lwork = narrow(static_cast<Index>(work.size())), liwork = static_cast<int>(iwork.size());
    dstedc_("I", &n, eigenvalues.data(), off.data(), vectors.data(), &n, work.data(), &lwork, iwork.data(), &liwork, &info,
            1);
    assert(info >= 0);
    if (info != 0) return false;
  }
  if (!turn_back(a, tau, {vectors.data(), a.rows, a.rows}, stop)) return false;
  for (Index j = 0; j < a.cols; ++j) std::copy_n(vectors.data() + j * a.rows, a.rows, a.column(j).data());
  return true;
}

/// Whether squares of the entries neither overflow nor vanish.
bool of_common_size(ConstMatrix a) {
  double largest = 0;
  for (Index j = 0; j < a.cols; ++j) {
    for (Index i = j; i < a.rows; ++i) largest = std::max(largest, std::abs(a(i, j)));
  }
  return largest > 1e-140 && largest < 1e140;
}

}  // namespace

bool syevd(Matrix a, std::span<double> eigenvalues, const Stop& stop) {
  constexpr Index kLong = 500;  // from here on worth leaving
  assert(a.rows == a.cols && static_cast<Index>(eigenvalues.size()) == a.rows);
  if (a.rows == 0) return true;
  if (stop && a.rows >= kLong && of_common_size(a)) return eigen_in_steps(a, eigenvalues, stop);
  return eigen_at_once(a, eigenvalues);
}

/// LAPACK's dgeqp3, whose loop over blocks of columns is here so that it can be left.
bool geqp3(Matrix a, std::span<Index> pivots, std::span<double> tau, const Stop& stop) {
  constexpr int kBlock = 32, kUnblocked = 128;
  constexpr double kLarge = 1e7;  // entries: a block of columns takes seconds there
  const Turn turn;
  assert(static_cast<Index>(pivots.size()) == a.cols && static_cast<Index>(tau.size()) == std::min(a.rows, a.cols));
  const int m = narrow(a.rows), n = narrow(a.cols), stride = stride_of(a), order = std::min(m, n);
  const int most = static_cast<double>(a.rows) * static_cast<double>(a.cols) > kLarge ? kBlock / 4 : kBlock;
  std::vector<int> chosen(pivots.size());
  std::iota(chosen.begin(), chosen.end(), 0);
  std::vector<double> norms(pivots.size()), work(pivots.size() + kBlock), products(pivots.size() * kBlock);
  for (Index k = 0; k < a.cols; ++k) norms[static_cast<std::size_t>(k)] = cblas_dnrm2(m, a.column(k).data(), 1);
  std::vector<double> first_norms = norms;
  for (int done = 0, taken = 0; done < order; done += taken) {
    if (stop && stop()) return false;
    const auto at = static_cast<std::size_t>(done);
    const int left = n - done;
    if (order - done > kUnblocked) {
      dlaqps_(&m, &left, &done, &most, &taken, a.column(done).data(), &stride, &chosen[at], &tau[at], &norms[at],
              &first_norms[at], work.data(), products.data(), &left);
    } else {
      dlaqp2_(&m, &left, &done, a.column(done).data(), &stride, &chosen[at], &tau[at], &norms[at], &first_norms[at],
              work.data());
      taken = left;
    }
  }
  std::ranges::copy(chosen, pivots.begin());
  return true;
}

void ormqr(Op op, ConstMatrix qr, std::span<const double> tau, Matrix c) {
  const Turn turn;
  assert(qr.rows == c.rows && static_cast<Index>(tau.size()) <= qr.cols);
  if (c.rows == 0 || c.cols == 0 || tau.empty()) return;
  const int m = narrow(c.rows), n = narrow(c.cols), k = narrow(static_cast<Index>(tau.size()));
  const int stride = stride_of(qr), c_stride = stride_of(c), query = -1;
  int info = 0;
  double reals = 0;
  dormqr_("L", letter(op), &m, &n, &k, qr.data, &stride, tau.data(), c.data, &c_stride, &reals, &query, &info, 1, 1);
  std::vector<double> work = workspace(reals);
  const int lwork = narrow(static_cast<Index>(work.size()));
  dormqr_("L", letter(op), &m, &n, &k, qr.data, &stride, tau.data(), c.data, &c_stride, work.data(), &lwork, &info, 1, 1);
  assert(info == 0);
}

bool gesdd(Matrix a, std::span<double> s, Matrix u, Matrix vt) {
  const Turn turn;
  const Index k = std::min(a.rows, a.cols);
  assert(static_cast<Index>(s.size()) == k && u.rows == a.rows && u.cols == k && vt.rows == k && vt.cols == a.cols);
  if (k == 0) return true;
  const int m = narrow(a.rows), n = narrow(a.cols), stride = stride_of(a), u_stride = stride_of(u),
            vt_stride = stride_of(vt), query = -1;
  int info = 0;
  double reals = 0;
  std::vector<int> iwork(static_cast<std::size_t>(8 * k));
  dgesdd_("S", &m, &n, a.data, &stride, s.data(), u.data, &u_stride, vt.data, &vt_stride, &reals, &query, iwork.data(),
          &info, 1);
  std::vector<double> work = workspace(reals);
  const int lwork = narrow(static_cast<Index>(work.size()));
  dgesdd_("S", &m, &n, a.data, &stride, s.data(), u.data, &u_stride, vt.data, &vt_stride, work.data(), &lwork, iwork.data(),
          &info, 1);
  assert(info >= 0);
  return info == 0;
}

}  // namespace riata::blas
