#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/core/error.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/solver/kernel_matrix.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

using blas::Op;
std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

WideRidge::WideRidge(const FittedProblem& fitted, Scope scope, const Shifts& shifts, const RowKernel* shared,
                     const Context& context)
    : fitted_(fitted), scope_(std::move(scope)), context_(context) {
  std::vector<double> inverse;
  for (const Index j : scope_.columns) {
    const double f = fitted.factor[at(j)];
    (f > 0 ? penalised_ : unpenalised_).push_back(j);
    if (f > 0) inverse.push_back(1 / f);
  }
  const Index all = fitted.rows(), n = scope_.n();
  if (shared != nullptr) {
    kernel_ = shared->about(fitted.weights, fitted.intercept);
  } else {
    kernel_.resize(at(all * all));
    kernel_matrix(*fitted.design, penalised_, inverse, {kernel_.data(), all, all}, context);
  }
  if (context.interrupted()) return;  // nobody solves with it: a path looks first
  std::vector<double> y;
  for (const Index i : scope_.rows) {
    root_.push_back(std::sqrt(fitted.weights[at(i)]));
    y.push_back(root_.back() * fitted.response[at(i)]);
  }
  unpenalised_basis();

  for (Index i = 0; i < n; ++i) {
    double own = fitted.intercept ? root_[at(i)] * root_[at(i)] : 0.0;
    for (Index a = 0; a < rank_; ++a) own += basis_[at(i + a * n)] * basis_[at(i + a * n)];
    own_.push_back(own);
  }
  shifted_ = ShiftedMatrix(projected_kernel(), n, shifts, [&context] { return context.interrupted(); });
  project(y);
  right_ = std::move(y);
}

/// M W^½ Z F⁻¹ Zᵀ W^½ M + filler (I − M).
std::vector<double> WideRidge::projected_kernel() {
  const Index all = fitted_.rows(), n = scope_.n();
  std::vector<double> out(at(n * n));
  const Matrix k(out.data(), n, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      k(i, j) = root_[at(i)] * root_[at(j)] * kernel_[at(scope_.rows[at(i)] + scope_.rows[at(j)] * all)];
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
  if (rank_ == 0 && !fitted_.intercept) return out;
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

void WideRidge::unpenalised_basis() {
  const Index n = scope_.n(), q = static_cast<Index>(unpenalised_.size());
  if (q == 0 || n == 0) return;
  std::vector<double> full(at(fitted_.rows() * q)), a(at(n * q));
  fitted_.design->gather(unpenalised_, {full.data(), fitted_.rows(), q});
  for (Index j = 0; j < q; ++j) {
    for (Index i = 0; i < n; ++i) a[at(i + j * n)] = root_[at(i)] * full[at(scope_.rows[at(i)] + j * fitted_.rows())];
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

void WideRidge::project(std::span<double> v) const {
  if (fitted_.intercept) {  // its column is √w, of length one and orthogonal to the others, which are centred
    const double inner = std::inner_product(v.begin(), v.end(), root_.begin(), 0.0);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] -= inner * root_[i];
  }
  if (rank_ == 0) return;
  const ConstMatrix basis(basis_.data(), static_cast<Index>(v.size()), rank_);
  std::vector<double> inner(at(rank_));
  blas::gemv(Op::transpose, 1.0, basis, v, 0.0, inner);
  blas::gemv(Op::none, -1.0, basis, inner, 1.0, v);
}

const std::vector<double>& WideRidge::duals(std::span<const double> lambdas) {
  if (std::ranges::equal(lambdas, dual_lambdas_)) return duals_;
  const Index n = scope_.n(), m = std::ssize(lambdas);
  dual_lambdas_.assign(lambdas.begin(), lambdas.end());
  duals_.resize(at(n * m));
  shifted_.solve(lambdas, right_, {duals_.data(), n, m});
  for (Index l = 0; l < m; ++l) project({duals_.data() + l * n, at(n)});
  return duals_;
}

std::vector<double> WideRidge::kernel_times(std::span<const double> alpha) const {
  const Index all = fitted_.rows();
  std::vector<double> v(at(all), 0.0), out(at(all));
  for (std::size_t i = 0; i < alpha.size(); ++i) v[at(scope_.rows[i])] = root_[i] * alpha[i];
  if (all > 0) blas::gemv(Op::none, 1.0, {kernel_.data(), all, all}, v, 0.0, out);
  return out;
}

std::vector<double> WideRidge::unpenalised(std::span<const double> alpha) const {
  const Index n = scope_.n(), q = static_cast<Index>(unpenalised_.size());
  std::vector<double> out(at(q), 0.0);
  if (rank_ == 0) return out;
  const std::vector<double> fitted = kernel_times(alpha);
  std::vector<double> rest(at(n)), inner(at(rank_));
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = at(scope_.rows[at(i)]);
    rest[at(i)] = root_[at(i)] * (fitted_.response[row] - fitted[row]);
  }
  blas::gemv(Op::transpose, 1.0, {basis_.data(), n, rank_}, rest, 0.0, inner);
  for (Index a = 0; a < rank_; ++a) inner[at(a)] /= basis_s_[at(a)];
  const Index order = static_cast<Index>(basis_s_.size());
  for (Index j = 0; j < q; ++j) {
    for (Index a = 0; a < rank_; ++a) out[at(j)] += basis_vt_[at(a + j * order)] * inner[at(a)];
  }
  return out;
}

Status WideRidge::solve(double lambda, std::span<double> b) {
  solve_many({&lambda, 1}, {b.data(), fitted_.cols(), 1});
  return Status::converged;
}

void WideRidge::solve_many(std::span<const double> lambdas, Matrix b) {
  const Index n = fitted_.rows(), m = b.cols;
  std::vector<double> v(at(n * m), 0.0);
  std::vector<std::vector<double>> rest;
  const std::vector<double>& all = duals(lambdas);
  for (Index l = 0; l < m; ++l) {
    const auto alpha = std::span(all).subspan(at(l * scope_.n()), at(scope_.n()));
    for (std::size_t i = 0; i < alpha.size(); ++i) v[at(scope_.rows[i] + l * n)] = root_[i] * alpha[i];
    rest.push_back(unpenalised(alpha));
  }
  fitted_.design->transpose_multiply(0, {v.data(), n, m}, b, {}, context_);
  for (Index l = 0; l < m; ++l) {
    for (const Index j : fitted_.excluded) b(j, l) = 0;
    for (const Index j : penalised_) b(j, l) /= fitted_.factor[at(j)];
    for (std::size_t a = 0; a < unpenalised_.size(); ++a) b(unpenalised_[a], l) = rest[at(l)][a];
  }
}

/// With θ = M W^½ r and u = θ − λα the gradient of column j less λfb is zⱼᵀW^½u, so the gap is uᵀKu/2λ + ½‖W^½r − θ‖².
double WideRidge::gap(double lambda) {
  const Index n = scope_.n();
  std::vector<double> zb(at(fitted_.rows())), residual(at(n));
  predict(lambda, zb);
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = at(scope_.rows[at(i)]);
    residual[at(i)] = root_[at(i)] * (fitted_.response[row] - zb[row]);
  }
  std::vector<double> theta = residual;
  project(theta);
  double gap = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) gap += 0.5 * (residual[i] - theta[i]) * (residual[i] - theta[i]);
  const std::vector<double>& alpha = duals({&lambda, 1});
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] -= lambda * alpha[i];
  const std::vector<double> turned = kernel_times(theta);
  double product = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) product += turned[at(scope_.rows[i])] * root_[i] * theta[i];
  return gap + std::max(0.0, product) / (2 * lambda);
}

bool WideRidge::predict(double lambda, std::span<double> zb) {
  const std::vector<double>& alpha = duals({&lambda, 1});
  std::ranges::copy(kernel_times(alpha), zb.begin());
  const std::vector<double> rest = unpenalised(alpha);
  fitted_.design->multiply(unpenalised_, {rest.data(), static_cast<Index>(rest.size()), 1}, {zb.data(), fitted_.rows(), 1},
                           {}, context_);
  return true;
}

double WideRidge::degrees_of_freedom(double lambda) {
  const double projected = static_cast<double>(rank_ + (fitted_.intercept ? 1 : 0));
  const double penalised = shifted_.trace(lambda) - projected * filler_ / (filler_ + lambda);  // perhaps no number
  return static_cast<double>(rank_) + std::max(penalised, 0.0);
}

/// With C = M (K̃ + λ)⁻¹ M the residuals are λα = λCW^½y and 1 − hᵢ is λCᵢᵢ: the quotient αᵢ/Cᵢᵢ loses nothing where both
/// are tiny, as r/(1 − h) would.
bool WideRidge::left_out(std::span<const double> lambdas, Matrix residuals) {
  const Index n = scope_.n(), m = residuals.cols;
  const std::vector<double>& alpha = duals(lambdas);
  std::vector<double> inverse(at(n * m));
  shifted_.inverse_diagonals(lambdas, {inverse.data(), n, m});
  for (Index l = 0; l < m; ++l) {
    for (Index i = 0; i < n; ++i) {
      const double c = inverse[at(i + l * n)] - own_[at(i)] / (filler_ + lambdas[at(l)]);
      const bool told = own_[at(i)] < 1 - 1e-12 && c > 0;  // or the unpenalised part alone fits the row
      residuals(i, l) = told ? alpha[at(i + l * n)] / (c * root_[at(i)]) : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return true;
}

}  // namespace riata
