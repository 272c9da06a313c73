#include "riata/solver/growing_cholesky.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

constexpr Index kFirstCapacity = 64;

int as_int(Index value) { return static_cast<int>(value); }  // sizes here are active sets: far below 2³¹

}  // namespace

void GrowingCholesky::reserve(Index capacity) {
  if (capacity <= capacity_) return;
  const Index grown = std::max({kFirstCapacity, capacity, 2 * capacity_});
  std::vector<double> larger(static_cast<std::size_t>(grown * grown));
  for (Index j = 0; j < size_; ++j) {
    const auto from = factor_.begin() + j * capacity_;
    std::copy(from + j, from + size_, larger.begin() + j * grown + j);
  }
  factor_ = std::move(larger);
  capacity_ = grown;
}

void GrowingCholesky::forward(double* x) const {
  if (size_ > 0) {
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, as_int(size_), factor_.data(), as_int(capacity_), x,
                1);
  }
}

void GrowingCholesky::forward(Matrix columns) const {
  if (size_ == 0 || columns.cols == 0) return;
  blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, {factor_.data(), size_, size_, capacity_}, columns);
}

void GrowingCholesky::append_row(std::span<const double> row, double pivot) {
  reserve(size_ + 1);
  for (Index j = 0; j < size_; ++j) at(size_, j) = row[static_cast<std::size_t>(j)];
  at(size_, size_) = std::sqrt(pivot);
  ++size_;
}

bool GrowingCholesky::append(std::span<const double> column, double diagonal, double threshold) {
  std::vector<double> row(column.begin(), column.begin() + size_);
  forward(row.data());
  double pivot = diagonal;
  for (const double value : row) pivot -= value * value;
  if (!(pivot > threshold * diagonal)) return false;
  append_row(row, pivot);
  return true;
}

bool GrowingCholesky::factorise(ConstMatrix gram) {
  size_ = 0;
  reserve(gram.rows);
  for (Index j = 0; j < gram.cols; ++j) {
    for (Index i = j; i < gram.rows; ++i) at(i, j) = gram(i, j);
  }
  if (gram.rows > 0 && blas::potrf(blas::Triangle::lower, {factor_.data(), gram.rows, gram.rows, capacity_}) != 0) {
    return false;
  }
  size_ = gram.rows;
  return true;
}

double GrowingCholesky::weighted_inverse_trace(std::span<const double> weights) const {
  if (size_ == 0) return 0.0;
  std::vector<double> inverse(static_cast<std::size_t>(size_ * size_), 0.0);
  const Matrix unit(inverse.data(), size_, size_);
  for (Index k = 0; k < size_; ++k) unit(k, k) = 1.0;
  blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, {factor_.data(), size_, size_, capacity_}, unit);
  double trace = 0;
  for (Index k = 0; k < size_; ++k) {
    const double* column = &unit(0, k);
    double square = 0;
    for (Index i = k; i < size_; ++i) square += column[i] * column[i];
    trace += weights[static_cast<std::size_t>(k)] * square;
  }
  return trace;
}

void GrowingCholesky::remove(Index position) {
  for (Index j = 0; j < size_; ++j) {  // column by column: rows are far apart in memory
    const Index first = std::max(position, j - 1);
    std::copy_n(&at(first, j) + 1, size_ - 1 - first, &at(first, j));
  }
  // Rows position… now have one entry right of the diagonal: rotate columns (k, k + 1) to clear it.
  for (Index k = position; k + 1 < size_; ++k) {
    const double a = at(k, k);
    const double b = at(k, k + 1);
    const double r = std::hypot(a, b);
    const double cosine = a / r;
    const double sine = b / r;
    at(k, k) = r;
    const Index below = size_ - 2 - k;
    if (below > 0) cblas_drot(as_int(below), &at(k + 1, k), 1, &at(k + 1, k + 1), 1, cosine, sine);
  }
  --size_;
}

void GrowingCholesky::solve(std::span<double> x) const {
  if (size_ == 0) return;
  forward(x.data());
  cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, as_int(size_), factor_.data(), as_int(capacity_),
              x.data(), 1);
}

}  // namespace riata
