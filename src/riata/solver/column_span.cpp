#include "riata/solver/column_span.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

void to_unit_norm(std::span<double> column) {
  double square = 0;
  for (const double x : column) square += x * x;
  if (!(square > 0)) return;
  for (double& x : column) x /= std::sqrt(square);
}

}  // namespace

std::shared_ptr<const ColumnSpan> ColumnSpan::of(const FittedProblem& fitted, std::span<const Index> columns,
                                                 std::span<const double> row_weights, bool ones, const Context& context) {
  const double bytes = 8.0 * static_cast<double>(fitted.rows()) * static_cast<double>(columns.size() + 1);
  if (bytes > static_cast<double>(working_memory(context, fitted.design->bytes())) || context.interrupted()) return nullptr;
  std::shared_ptr<ColumnSpan> out(new ColumnSpan(fitted, columns, row_weights, ones));
  return out->factor(context) ? out : nullptr;
}

ColumnSpan::ColumnSpan(const FittedProblem& fitted, std::span<const Index> columns, std::span<const double> row_weights,
                       bool ones)
    : columns_(columns.begin(), columns.end()), cols_(std::ssize(columns) + (ones ? 1 : 0)) {
  for (Index i = 0; i < fitted.rows(); ++i) {
    if (!(row_weights[at(i)] > 0)) continue;
    rows_.push_back(i);
    root_.push_back(std::sqrt(row_weights[at(i)]));
  }
  const Index n = std::ssize(rows_);
  qr_.resize(at(n * cols_));
  const Matrix matrix(qr_.data(), n, cols_);
  std::vector<double> full(at(fitted.rows()), 1.0);
  for (Index k = 0; k < cols_; ++k) {
    if (k < std::ssize(columns)) fitted.design->gather(columns.subspan(at(k), 1), {full.data(), fitted.rows(), 1});
    if (k == std::ssize(columns)) std::ranges::fill(full, 1.0);
    for (Index i = 0; i < n; ++i) matrix(i, k) = root_[at(i)] * full[at(rows_[at(i)])];
    to_unit_norm(matrix.column(k));
  }
}

bool ColumnSpan::factor(const Context& context) {
  const Index n = std::ssize(rows_), order = std::min(n, cols_);
  const Matrix matrix(qr_.data(), n, cols_);
  pivots_.resize(at(cols_));
  tau_.resize(at(order));
  if (!blas::geqp3(matrix, pivots_, tau_, [&context] { return context.interrupted(); })) return false;
  // What is left of a column that depends on others is rounding.
  const double rounding = 4 * std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(std::max(n, cols_)));
  while (rank_ < order && std::abs(matrix(rank_, rank_)) > rounding) ++rank_;
  return true;
}

double ColumnSpan::project(std::span<double> v) const {
  const Index n = std::ssize(rows_);
  std::vector<double> scaled(at(n), 0.0);
  double square = 0;
  if (rank_ > 0) {
    for (Index i = 0; i < n; ++i) scaled[at(i)] = root_[at(i)] * v[at(rows_[at(i)])];
    const ConstMatrix qr(qr_.data(), n, cols_);
    const Matrix side(scaled.data(), n, 1);
    blas::ormqr(blas::Op::transpose, qr, tau_, side);
    std::fill(scaled.begin() + rank_, scaled.end(), 0.0);
    for (const double x : scaled) square += x * x;
    blas::ormqr(blas::Op::none, qr, tau_, side);
  }
  std::ranges::fill(v, 0.0);
  for (Index i = 0; i < n; ++i) v[at(rows_[at(i)])] = scaled[at(i)] / root_[at(i)];
  return square;
}

std::vector<Index> ColumnSpan::independent() const {
  std::vector<Index> found;
  for (Index k = 0; k < rank_; ++k) {
    if (pivots_[at(k)] < std::ssize(columns_)) found.push_back(columns_[at(pivots_[at(k)])]);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace riata
