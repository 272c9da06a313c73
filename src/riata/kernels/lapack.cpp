#include <cassert>
#include <cmath>
#include <numeric>

#include "riata/kernels/openblas.hpp"

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
}
// NOLINTEND(readability-identifier-naming)

namespace riata::blas {
namespace {

const char* letter(Op op) { return op == Op::none ? "N" : "T"; }
const char* letter(Triangle triangle) { return triangle == Triangle::lower ? "L" : "U"; }

std::vector<double> workspace(double wanted) { return std::vector<double>(static_cast<std::size_t>(std::max(1.0, wanted))); }

}  // namespace

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
