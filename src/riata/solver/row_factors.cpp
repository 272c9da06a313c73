#include "riata/solver/row_factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using blas::Op;
std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

RowFactors::RowFactors(const FittedProblem& fitted, const Scope& scope, const Shifts& shifts, const RowKernel* shared,
                       const Context& context)
    : n_all_(fitted.rows()), intercept_(fitted.intercept) {
  std::vector<double> inverse;
  for (const Index j : scope.columns) {
    const double f = fitted.factor[at(j)];
    (f > 0 ? penalised_ : unpenalised_).push_back(j);
    if (f > 0) inverse.push_back(1 / f);
  }
  if (shared != nullptr && !shared->entries.empty()) {
    kernel_ = shared->about(fitted.weights, fitted.intercept);
  } else {
    kernel_.resize(at(n_all_ * n_all_));
    kernel_matrix(*fitted.design, penalised_, inverse, {kernel_.data(), n_all_, n_all_}, context);
  }
  if (context.interrupted()) return;  // nobody solves with it: a path looks first
  for (const Index i : scope.rows) root_.push_back(std::sqrt(fitted.weights[at(i)]));
  unpenalised_basis(fitted, scope);
  const Index n = scope.n();
  for (Index i = 0; i < n; ++i) {
    double own = intercept_ ? root_[at(i)] * root_[at(i)] : 0.0;
    for (Index a = 0; a < rank_; ++a) own += basis_[at(i + a * n)] * basis_[at(i + a * n)];
    own_.push_back(own);
  }
  shifted_ = ShiftedMatrix(projected_kernel(scope), n, shifts, [&context] { return context.interrupted(); });
}

/// M W^½ Z F⁻¹ Zᵀ W^½ M + filler (I − M).
std::vector<double> RowFactors::projected_kernel(const Scope& scope) {
  const Index n = scope.n();
  std::vector<double> out(at(n * n));
  const Matrix k(out.data(), n, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      k(i, j) = root_[at(i)] * root_[at(j)] * kernel_[at(scope.rows[at(i)] + scope.rows[at(j)] * n_all_)];
    }
  }
  for (Index j = 0; j < n; ++j) project(k.column(j));
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < j; ++i) std::swap(k(i, j), k(j, i));
  }
  double sum = 0;
  for (Index j = 0; j < n; ++j) {
    project(k.column(j));
    sum += k(j, j);
  }
  if (rank_ == 0 && !intercept_) return out;
  if (sum > 0) filler_ = sum / static_cast<double>(n);
  std::vector<double> rest(at(n));
  for (Index j = 0; j < n; ++j) {
    std::ranges::fill(rest, 0.0);
    rest[at(j)] = 1;
    project(rest);
    for (Index i = 0; i < n; ++i) k(i, j) += filler_ * ((i == j ? 1.0 : 0.0) - rest[at(i)]);
  }
  return out;
}

void RowFactors::unpenalised_basis(const FittedProblem& fitted, const Scope& scope) {
  const Index n = scope.n(), q = static_cast<Index>(unpenalised_.size());
  if (q == 0 || n == 0) return;
  std::vector<double> full(at(n_all_ * q)), a(at(n * q));
  fitted.design->gather(unpenalised_, {full.data(), n_all_, q});
  for (Index j = 0; j < q; ++j) {
    for (Index i = 0; i < n; ++i) a[at(i + j * n)] = root_[at(i)] * full[at(scope.rows[at(i)] + j * n_all_)];
  }
  const Index order = std::min(n, q);
  basis_.resize(at(n * order));
  basis_s_.resize(at(order));
  basis_vt_.resize(at(order * q));
  if (!blas::gesdd({a.data(), n, q}, basis_s_, {basis_.data(), n, order}, {basis_vt_.data(), order, q})) {
    throw Error(ErrorKind::run, "the singular values of the unpenalised columns did not converge");
  }
  const double zero = static_cast<double>(std::max(n, q)) * std::numeric_limits<double>::epsilon() * basis_s_.front();
  while (rank_ < order && basis_s_[at(rank_)] > zero) ++rank_;
}

void RowFactors::project(std::span<double> v) const {
  if (intercept_) {  // its column is √w, of length one and orthogonal to the others, which are centred
    const double inner = std::inner_product(v.begin(), v.end(), root_.begin(), 0.0);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] -= inner * root_[i];
  }
  if (rank_ == 0) return;
  const ConstMatrix basis(basis_.data(), static_cast<Index>(v.size()), rank_);
  std::vector<double> inner(at(rank_));
  blas::gemv(Op::transpose, 1.0, basis, v, 0.0, inner);
  blas::gemv(Op::none, -1.0, basis, inner, 1.0, v);
}

std::vector<double> RowFactors::explain(std::span<const double> v) const {
  std::vector<double> out(unpenalised_.size(), 0.0), inner(at(rank_));
  if (rank_ == 0) return out;
  blas::gemv(Op::transpose, 1.0, {basis_.data(), static_cast<Index>(v.size()), rank_}, v, 0.0, inner);
  for (Index a = 0; a < rank_; ++a) inner[at(a)] /= basis_s_[at(a)];
  const Index order = static_cast<Index>(basis_s_.size());
  for (std::size_t j = 0; j < out.size(); ++j) {
    for (Index a = 0; a < rank_; ++a) out[j] += basis_vt_[at(a) + j * at(order)] * inner[at(a)];
  }
  return out;
}

}  // namespace riata
