#include "riata/solver/shifted_matrix.hpp"

#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using blas::Op;
using blas::Side;
using blas::Triangle;
constexpr double kWell = 1e6;  // condition up to which a factor's digits are those of eigenvalues
constexpr Index kBlock = 256;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Matrix part(Matrix a, Index row, Index column, Index rows, Index cols) {
  return {a.data + row + column * a.stride, rows, cols, a.stride};
}

/// Cholesky in the lower triangle, in steps between which it can be left; the upper one stays. False where it was, or where
/// the matrix is not positive definite.
bool cholesky(Matrix a, const blas::Stop& stop) {
  constexpr Index kStep = 2 * kBlock;
  for (Index first = 0; first < a.cols; first += kStep) {
    if (stop && stop()) return false;
    const Index count = std::min(kStep, a.cols - first), next = first + count, rest = a.cols - next;
    if (blas::potrf(Triangle::lower, part(a, first, first, count, count)) != 0) return false;
    if (rest == 0) break;
    const Matrix below = part(a, next, first, rest, count);
    blas::trsm(Side::right, Triangle::lower, Op::transpose, part(a, first, first, count, count), below);
    blas::syrk(Triangle::lower, Op::none, -1.0, below, 1.0, part(a, next, next, rest, rest));
  }
  return true;
}

}  // namespace

ShiftedMatrix::ShiftedMatrix(std::vector<double> a, Index order, const Shifts& shifts, blas::Stop stop)
    : order_(order), shifts_(shifts), stop_(std::move(stop)), a_(std::move(a)) {
  for (Index j = 0; j < order_; ++j) diagonal_.push_back(a_[at(j + j * order_)]);
  if (shifts_.least > 0) {
    by_eigenvalues_ = !factor(shifts_.least);
    if (stop_ && stop_()) return;
    if (!by_eigenvalues_) {
      condition_ = 1 / blas::pocon(Triangle::lower, {a_.data(), order_, order_}, norm_of_shifted(shifts_.least));
      by_eigenvalues_ = !(condition_ <= kWell);
    }
    if (!by_eigenvalues_) return;
    const Matrix whole(a_.data(), order_, order_);
    blas::mirror(Triangle::upper, whole);
    for (Index j = 0; j < order_; ++j) whole(j, j) = diagonal_[at(j)];
  }
  eigen();
}

void ShiftedMatrix::eigen() {
  eigenvalues_.assign(at(order_), 0.0);
  if (order_ > 0 && !blas::syevd({a_.data(), order_, order_}, eigenvalues_, stop_)) {
    if (stop_ && stop_()) return;
    throw Error(ErrorKind::run, "the eigenvalues of ridge's matrix did not converge");
  }
  for (double& d : eigenvalues_) d = std::max(d, 0.0);
}

bool ShiftedMatrix::factor(double lambda) {
  if (lambda == factored_) return true;
  factored_ = std::numeric_limits<double>::quiet_NaN();
  const Matrix a(a_.data(), order_, order_);
  root_.clear();
  for (const double d : diagonal_) root_.push_back(1 / std::sqrt(d + lambda));
  blas::mirror(Triangle::upper, a);
  for (Index j = 0; j < order_; ++j) {
    a(j, j) = 1;
    for (Index i = j + 1; i < order_; ++i) a(i, j) *= root_[at(i)] * root_[at(j)];
  }
  if (!cholesky(a, stop_)) return false;
  factored_ = lambda;
  return true;
}

/// The largest sum of a column's absolute values in S (A + λ) S.
double ShiftedMatrix::norm_of_shifted(double lambda) const {
  const ConstMatrix a(a_.data(), order_, order_);
  std::vector<double> sums(at(order_));
  for (Index j = 0; j < order_; ++j) {
    sums[at(j)] += (diagonal_[at(j)] + lambda) * root_[at(j)] * root_[at(j)];
    for (Index i = 0; i < j; ++i) {
      const double entry = std::abs(a(i, j)) * root_[at(i)] * root_[at(j)];
      sums[at(i)] += entry;
      sums[at(j)] += entry;
    }
  }
  return sums.empty() ? 0.0 : std::ranges::max(sums);
}

double ShiftedMatrix::condition(double lambda) const {
  if (!by_eigenvalues_) return condition_;
  return eigenvalues_.empty() ? 1.0 : (eigenvalues_.back() + lambda) / (eigenvalues_.front() + lambda);
}

double ShiftedMatrix::zero() const { return static_cast<double>(order_) * kEpsilon * largest_eigenvalue(); }

double ShiftedMatrix::shrink(Index a, double lambda) const {
  if (!by_eigenvalues_) return 1.0;
  const double d = eigenvalues_[at(a)];
  return d > zero() || lambda > 0 ? 1.0 / (d + lambda) : 0.0;
}

void ShiftedMatrix::solve(std::span<const double> lambdas, std::span<const double> c, Matrix x, double rounding) {
  if (order_ == 0) return;
  if (!by_eigenvalues_) {
    for (Index l = 0; l < x.cols; ++l) {
      if (!factor(lambdas[at(l)])) return;  // stopped
      const std::span<double> column = x.column(l);
      for (Index i = 0; i < order_; ++i) column[at(i)] = root_[at(i)] * c[at(i)];
      blas::trsv(Triangle::lower, Op::none, {a_.data(), order_, order_}, column);
      blas::trsv(Triangle::lower, Op::transpose, {a_.data(), order_, order_}, column);
      for (Index i = 0; i < order_; ++i) column[at(i)] *= root_[at(i)];
      if (shifts_.inverses) (void)inverse(lambdas[at(l)]);
    }
    return;
  }
  const ConstMatrix v(a_.data(), order_, order_);
  std::vector<double> rotated(at(order_)), shrunken(at(order_ * x.cols));
  blas::gemv(Op::transpose, 1.0, v, c, 0.0, rotated);
  for (Index l = 0; l < x.cols; ++l) {
    for (Index a = 0; a < order_; ++a) {
      const bool nothing = eigenvalues_[at(a)] <= zero() && std::abs(rotated[at(a)]) <= rounding;
      shrunken[at(a + l * order_)] = nothing ? 0.0 : rotated[at(a)] * shrink(a, lambdas[at(l)]);
    }
  }
  if (x.cols == 1) {
    blas::gemv(Op::none, 1.0, v, shrunken, 0.0, x.column(0));
  } else {
    blas::gemm(Op::none, Op::none, 1.0, v, {shrunken.data(), order_, x.cols}, 0.0, x);
  }
}

/// Hands over the columns of L⁻¹, some at a time, from the diagonal down.
void ShiftedMatrix::invert(const std::function<void(Index, ConstMatrix)>& take) const {
  std::vector<double> storage(at(order_ * std::min(order_, kBlock)));
  for (Index first = 0; first < order_; first += kBlock) {
    if (stop_ && stop_()) return;
    const Index rows = order_ - first;
    const Matrix columns(storage.data(), rows, std::min(kBlock, rows));
    std::ranges::fill(storage, 0.0);
    for (Index j = 0; j < columns.cols; ++j) columns(j, j) = 1;
    blas::trsm(Side::left, Triangle::lower, Op::none, {a_.data() + first + first * order_, rows, rows, order_}, columns);
    take(first, columns);
  }
}

/// What is known of the inverse at λ: once its factor is gone that would take another.
const ShiftedMatrix::Inverse& ShiftedMatrix::inverse(double lambda) {
  const auto known = std::ranges::find(inverses_, lambda, &Inverse::lambda);
  if (known != inverses_.end()) return *known;
  Inverse& made = inverses_.emplace_back(Inverse{lambda, std::vector<double>(at(order_))});
  if (!factor(lambda)) return made;
  invert([&](Index first, ConstMatrix columns) {
    for (Index j = 0; j < columns.cols; ++j) {
      double sum = 0;
      for (Index i = j; i < columns.rows; ++i) sum += columns(i, j) * columns(i, j);
      made.diagonal[at(first + j)] = sum * root_[at(first + j)] * root_[at(first + j)];
    }
  });
  return made;
}

double ShiftedMatrix::trace(double lambda) {
  double sum = 0;
  if (by_eigenvalues_) {
    for (Index a = 0; a < order_; ++a) sum += eigenvalues_[at(a)] > zero() ? eigenvalues_[at(a)] * shrink(a, lambda) : 0.0;
    return sum;
  }
  if (!shifts_.inverses) return std::numeric_limits<double>::quiet_NaN();
  for (const double d : inverse(lambda).diagonal) sum += std::max(1 - lambda * d, 0.0);  // below it rounding alone
  return sum;
}

void ShiftedMatrix::inverse_diagonals(std::span<const double> lambdas, Matrix out) {
  if (order_ == 0) return;
  if (!by_eigenvalues_) {
    for (Index l = 0; l < out.cols; ++l) std::ranges::copy(inverse(lambdas[at(l)]).diagonal, out.column(l).begin());
    return;
  }
  std::vector<double> squares(a_), weight(at(order_ * out.cols));
  for (double& x : squares) x *= x;
  for (Index l = 0; l < out.cols; ++l) {
    for (Index a = 0; a < order_; ++a) weight[at(a + l * order_)] = shrink(a, lambdas[at(l)]);
  }
  blas::gemm(Op::none, Op::none, 1.0, {squares.data(), order_, order_}, {weight.data(), order_, out.cols}, 0.0, out);
}

std::vector<double> ShiftedMatrix::directions(double lambda) {
  if (by_eigenvalues_) return a_;
  std::vector<double> out(at(order_ * order_), 0.0);
  if (!factor(lambda)) return out;
  invert([&](Index first, ConstMatrix columns) {
    for (Index j = 0; j < columns.cols; ++j) {
      const double root = root_[at(first + j)];
      for (Index i = j; i < columns.rows; ++i) out[at(first + j + (first + i) * order_)] = root * columns(i, j);
    }
  });
  return out;
}

}  // namespace riata
