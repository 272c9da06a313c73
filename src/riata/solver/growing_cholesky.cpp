#include "riata/solver/growing_cholesky.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

constexpr Index kFirstCapacity = 64;

int as_int(Index value) { return static_cast<int>(value); }  // sizes here are active sets: far below 2³¹

}  // namespace

void GrowingCholesky::reserve(Index capacity) {
  if (capacity <= capacity_) return;
  constexpr Index kLine = 8;  // numbers of a cache line; an odd number of lines keeps columns out of the same cache sets
  const Index wanted = std::max({kFirstCapacity, capacity, capacity_ + capacity_ / 2});
  const Index grown = ((wanted + kLine - 1) / kLine | 1) * kLine;
  auto larger = std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(grown * grown));
  for (Index j = 0; j < size_; ++j) std::copy_n(&at(j, j), size_ - j, larger.get() + j * grown + j);
  factor_ = std::move(larger);
  capacity_ = grown;
}

/// The factor of the last rows and columns, from `first` on.
ConstMatrix GrowingCholesky::lower(Index first) const {
  return {factor_.get() + first * (capacity_ + 1), size_ - first, size_ - first, capacity_};
}

void GrowingCholesky::forward(std::span<double> x) const {
  if (size_ > 0) {
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, as_int(size_), factor_.get(), as_int(capacity_),
                x.data(), 1);
  }
}

void GrowingCholesky::forward(Matrix columns) const {
  constexpr Index kFew = 4;  // trsm packs the factor first
  if (size_ == 0 || columns.cols == 0) return;
  if (columns.cols > kFew) {
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, lower(), columns);
  } else {
    for (Index c = 0; c < columns.cols; ++c) forward(columns.column(c));
  }
}

void GrowingCholesky::append_row(std::span<const double> row, double pivot) {
  reserve(size_ + 1);
  for (Index j = 0; j < size_; ++j) at(size_, j) = row[static_cast<std::size_t>(j)];
  at(size_, size_) = std::sqrt(pivot);
  ++size_;
}

bool GrowingCholesky::append(std::span<const double> column, double diagonal, double threshold) {
  std::vector<double> row(column.begin(), column.begin() + size_);
  forward(row);
  double pivot = diagonal;
  for (const double value : row) pivot -= value * value;
  if (!(pivot > threshold * diagonal)) return false;
  append_row(row, pivot);
  return true;
}

Matrix GrowingCholesky::room(Index rows) {
  size_ = 0;
  reserve(rows);
  size_ = rows;
  return {factor_.get(), rows, rows, capacity_};
}

bool GrowingCholesky::factorise() {
  const bool definite = blas::potrf(blas::Triangle::lower, {factor_.get(), size_, size_, capacity_}) == 0;
  if (!definite) size_ = 0;
  return definite;
}

/// G⁻¹ = L⁻ᵀL⁻¹: its diagonal holds the squares of the columns of L⁻¹, which begin at their own row.
double GrowingCholesky::weighted_inverse_trace(std::span<const double> weights) const {
  constexpr Index kBlock = 128;
  std::vector<double> inverse;
  double trace = 0;
  for (Index first = 0; first < size_; first += kBlock) {
    const Index rows = size_ - first, count = std::min(kBlock, rows);
    inverse.assign(static_cast<std::size_t>(rows * count), 0.0);
    const Matrix columns(inverse.data(), rows, count);
    for (Index k = 0; k < count; ++k) columns(k, k) = 1.0;
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, lower(first), columns);
    for (Index k = 0; k < count; ++k) {
      double square = 0;
      for (const double value : columns.column(k)) square += value * value;
      trace += weights[static_cast<std::size_t>(first + k)] * square;
    }
  }
  return trace;
}

void GrowingCholesky::remove(Index position, std::span<double> halfway) {
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
    if (!halfway.empty())
      cblas_drot(1, &halfway[static_cast<std::size_t>(k)], 1, &halfway[static_cast<std::size_t>(k + 1)], 1, cosine, sine);
  }
  --size_;
}

void GrowingCholesky::backward(std::span<double> x) const {
  if (size_ > 0) {
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, as_int(size_), factor_.get(), as_int(capacity_),
                x.data(), 1);
  }
}

void GrowingCholesky::solve(std::span<double> x) const {
  forward(x);
  backward(x);
}

}  // namespace riata
