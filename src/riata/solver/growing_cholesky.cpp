#include "riata/solver/growing_cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "riata/kernels/blas.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr Index kFirstCapacity = 64;
constexpr Index kColumns = 64;  // columns of the factor that a solve of several sides works on
constexpr Index kRows = 512;    // of them at once: they stay in the second-level cache
constexpr Index kSides = 32;    // from here on trsm, which copies the whole factor first, is quicker

Matrix rows_of(Matrix m, Index first, Index count) { return {m.data + first, count, m.cols, m.stride}; }

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
  blas::trsv(blas::Triangle::lower, blas::Op::none, lower(), x.first(static_cast<std::size_t>(size_)));
}

/// f(row, rows, x) for blocks of rows below those of some columns, which begin at x[0], x[1], … there.
template <class F>
void GrowingCholesky::for_rows_below(Index first_column, Index count, const F& f) const {
  std::vector<const double*> columns(static_cast<std::size_t>(count));
  for (Index row = first_column + count; row < size_; row += kRows) {
    for (Index j = 0; j < count; ++j) {
      columns[static_cast<std::size_t>(j)] = factor_.get() + row + (first_column + j) * capacity_;
    }
    f(row, std::min(kRows, size_ - row), columns.data());
  }
}

void GrowingCholesky::forward(Matrix columns) const {
  if (size_ == 0 || columns.cols == 0) return;
  if (columns.cols >= kSides) return blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, lower(), columns);
  std::vector<double> back(static_cast<std::size_t>(kColumns * columns.cols));
  for (Index first = 0; first < size_; first += kColumns) {
    const Index count = std::min(kColumns, size_ - first);
    const Matrix own = rows_of(columns, first, count), negative(back.data(), count, columns.cols);
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, block(first, count), own);
    for (Index c = 0; c < own.cols; ++c) std::ranges::transform(own.column(c), negative.column(c).begin(), std::negate<>());
    for_rows_below(first, count, [&](Index row, Index rows, const double* const* x) {
      kernels::multiply_block(x, count, nullptr, negative, rows_of(columns, row, rows));
    });
  }
}

void GrowingCholesky::append_rows(std::span<const std::vector<double>> rows) {
  const Index count = std::ssize(rows);
  reserve(size_ + count);
  for (Index j = 0; j < size_ + count; ++j) {  // column by column: rows are far apart in memory
    for (Index l = std::max<Index>(0, j - size_); l < count; ++l) {
      at(size_ + l, j) = rows[static_cast<std::size_t>(l)][static_cast<std::size_t>(j)];
    }
  }
  size_ += count;
}

void GrowingCholesky::add_transposed(std::span<const Index> rows, std::span<const double> values,
                                     std::span<double> out) const {
  if (rows.empty()) return;
  for (Index j = 0; j <= rows.back(); ++j) {
    double sum = 0;
    for (std::size_t r = rows.size(); r-- > 0 && rows[r] >= j;) {
      sum += factor_[static_cast<std::size_t>(rows[r] + j * capacity_)] * values[r];
    }
    out[static_cast<std::size_t>(j)] += sum;
  }
}

bool GrowingCholesky::append(std::span<const double> column, double diagonal, double threshold) {
  std::vector<double> row(column.begin(), column.begin() + size_);
  forward(row);
  double pivot = diagonal;
  for (const double value : row) pivot -= value * value;
  if (!(pivot > threshold * diagonal)) return false;
  row.push_back(std::sqrt(pivot));
  append_rows({&row, 1});
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

void GrowingCholesky::remove(std::span<const Index> positions, std::span<double> halfway) {
  if (positions.empty()) return;
  const Index count = std::ssize(positions), left = size_ - count, start = positions.front();
  for (Index j = 0; j < size_; ++j) {  // column by column: rows are far apart in memory
    for (Index p = 0; p < count; ++p) {
      const Index first = std::max(positions[static_cast<std::size_t>(p)] + 1, j);
      const Index last = p + 1 < count ? positions[static_cast<std::size_t>(p + 1)] : size_;
      if (first < last) std::copy_n(&at(first, j), last - first, &at(first - p - 1, j));
    }
    const auto before = std::ranges::lower_bound(positions, j) - positions.begin();
    for (Index i = std::max(start, j - count); i < std::min(j - before, left); ++i) at(i, j) = 0;
  }
  // Row r now has entries right of the diagonal: rotations of column r with each of those columns clear them.
  for (Index r = start; r < left; ++r) {
    for (Index c = std::min(r + count, size_ - 1); c > r; --c) {
      const double a = at(r, r), b = at(r, c);
      if (b == 0) continue;
      const double length = std::hypot(a, b), cosine = a / length, sine = b / length;
      at(r, r) = length;
      const Index below = left - 1 - r;
      const auto rows = static_cast<std::size_t>(below);
      if (below > 0) blas::rot({&at(r + 1, r), rows}, {&at(r + 1, c), rows}, cosine, sine);
      if (!halfway.empty()) {
        blas::rot(std::span(halfway).subspan(static_cast<std::size_t>(r), 1),
                  std::span(halfway).subspan(static_cast<std::size_t>(c), 1), cosine, sine);
      }
    }
  }
  size_ = left;
}

void GrowingCholesky::backward(std::span<double> x) const {
  blas::trsv(blas::Triangle::lower, blas::Op::transpose, lower(size_ - std::ssize(x)), x);
}

void GrowingCholesky::backward(Matrix columns) const {
  if (size_ == 0 || columns.cols == 0) return;
  if (columns.cols >= kSides) {
    return blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::transpose, lower(), columns);
  }
  std::vector<double> products(static_cast<std::size_t>(kColumns * columns.cols));
  for (Index first = (size_ - 1) / kColumns * kColumns; first >= 0; first -= kColumns) {
    const Index count = std::min(kColumns, size_ - first);
    const Matrix own = rows_of(columns, first, count), known(products.data(), count, columns.cols);
    std::ranges::fill(products, 0.0);
    for_rows_below(first, count, [&](Index row, Index rows, const double* const* x) {
      kernels::transposed_block(x, count, nullptr, rows_of(columns, row, rows), known);
    });
    for (Index c = 0; c < own.cols; ++c) {
      std::ranges::transform(own.column(c), known.column(c), own.column(c).begin(), std::minus<>());
    }
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::transpose, block(first, count), own);
  }
}

void GrowingCholesky::solve(std::span<double> x) const {
  forward(x);
  backward(x);
}

}  // namespace riata
