#include "riata/solver/ridge_gram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

using blas::Op;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kSmallest = std::numeric_limits<double>::min();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

void eigen(Matrix a, std::vector<double>& values, const blas::Stop& stop) {
  values.assign(at(a.cols), 0.0);
  if (a.cols > 0 && !blas::syevd(a, values, stop)) {
    if (stop && stop()) return;
    throw Error(ErrorKind::run, "the eigenvalues of the Gram matrix did not converge");
  }
}

double threshold(const std::vector<double>& values) {
  return values.empty() ? 0.0 : static_cast<double>(values.size()) * kEpsilon * std::max(values.back(), 0.0);
}

}  // namespace

RidgeGram::RidgeGram(std::vector<double> gram, std::span<const double> factor, const Shifts& shifts, const blas::Stop& stop)
    : factor_(factor.begin(), factor.end()) {
  for (Index j = 0; j < columns(); ++j) (factor_[at(j)] > 0 ? penalised_ : unpenalised_.columns).push_back(j);
  project_out(gram, stop);
  const Index k = columns(), p = static_cast<Index>(penalised_.size());
  std::vector<double> matrix(at(p * p));
  const Matrix v(matrix.data(), p, p);
  for (Index b = 0; b < p; ++b) {
    for (Index a = 0; a < p; ++a) v(a, b) = gram[at(penalised_[at(a)] + penalised_[at(b)] * k)];
  }
  gram = std::vector<double>();
  if (unpenalised_.rank > 0 && p > 0) {
    const ConstMatrix cross(unpenalised_.cross.data(), unpenalised_.rank, p);
    blas::gemm(Op::transpose, Op::none, -1.0, cross, cross, 1.0, v);
  }
  std::vector<double> root;  // their products would underflow before they do
  for (const Index j : penalised_) root.push_back(std::sqrt(factor_[at(j)]));
  for (Index b = 0; b < p; ++b) {
    for (Index a = 0; a < p; ++a) v(a, b) /= root[at(a)] * root[at(b)];
  }
  shifted_ = ShiftedMatrix(std::move(matrix), p, shifts, stop);
}

void RidgeGram::project_out(const std::vector<double>& gram, const blas::Stop& stop) {
  const Index k = columns(), q = static_cast<Index>(unpenalised_.columns.size());
  if (q == 0) return;
  std::vector<double> block(at(q * q)), values;
  std::vector<double> norm;  // units must not decide what counts as dependent
  for (const Index j : unpenalised_.columns) norm.push_back(std::max(std::sqrt(gram[at(j + j * k)]), kSmallest));
  for (Index b = 0; b < q; ++b) {
    for (Index a = 0; a < q; ++a) {
      block[at(a + b * q)] =
          gram[at(unpenalised_.columns[at(a)] + unpenalised_.columns[at(b)] * k)] / norm[at(a)] / norm[at(b)];
    }
  }
  eigen({block.data(), q, q}, values, stop);
  const double zero = threshold(values);
  for (Index b = 0; b < q; ++b) {
    if (values[at(b)] <= zero) continue;
    ++unpenalised_.rank;
    if (unpenalised_.rank == 1) unpenalised_.condition = values.back() / values[at(b)];
    for (Index a = 0; a < q; ++a) {
      unpenalised_.vectors.push_back(block[at(a + b * q)] / std::sqrt(values[at(b)]) / norm[at(a)]);
    }
  }
  const Index p = static_cast<Index>(penalised_.size());
  std::vector<double> between(at(q * p));
  for (Index b = 0; b < p; ++b) {
    for (Index a = 0; a < q; ++a) between[at(a + b * q)] = gram[at(unpenalised_.columns[at(a)] + penalised_[at(b)] * k)];
  }
  unpenalised_.cross.assign(at(unpenalised_.rank * p), 0.0);
  if (unpenalised_.rank == 0 || p == 0) return;
  blas::gemm(Op::transpose, Op::none, 1.0, {unpenalised_.vectors.data(), q, unpenalised_.rank}, {between.data(), q, p}, 0.0,
             {unpenalised_.cross.data(), unpenalised_.rank, p});
}

double RidgeGram::condition(double lambda) const { return std::max(shifted_.condition(lambda), unpenalised_.condition); }

double RidgeGram::shrink(Index a, double lambda) const { return a < shifted_.order() ? shifted_.shrink(a, lambda) : 1.0; }

void RidgeGram::solve(double lambda, std::span<const double> c, std::span<double> b, double rounding) {
  const Index p = static_cast<Index>(penalised_.size()), q = static_cast<Index>(unpenalised_.columns.size());
  const Index rank = unpenalised_.rank;
  const ConstMatrix cross(unpenalised_.cross.data(), rank, p), u(unpenalised_.vectors.data(), q, rank);
  std::vector<double> right(at(p)), x(at(p)), c_u(at(q)), inner(at(rank), 0.0);
  for (Index a = 0; a < q; ++a) c_u[at(a)] = c[at(unpenalised_.columns[at(a)])];
  for (Index a = 0; a < p; ++a) right[at(a)] = c[at(penalised_[at(a)])];
  if (rank > 0) {
    blas::gemv(Op::transpose, 1.0, u, c_u, 0.0, inner);
    if (p > 0) blas::gemv(Op::transpose, -1.0, cross, inner, 1.0, right);
  }
  if (p > 0) {
    for (Index a = 0; a < p; ++a) right[at(a)] /= std::sqrt(factor_[at(penalised_[at(a)])]);
    shifted_.solve({&lambda, 1}, right, {x.data(), p, 1}, rounding);
    for (Index a = 0; a < p; ++a) {
      x[at(a)] /= std::sqrt(factor_[at(penalised_[at(a)])]);
      b[at(penalised_[at(a)])] = x[at(a)];
    }
  }
  if (q == 0) return;
  if (rank > 0 && p > 0) blas::gemv(Op::none, -1.0, cross, x, 1.0, inner);
  std::vector<double> b_u(at(q), 0.0);
  if (rank > 0) blas::gemv(Op::none, 1.0, u, inner, 0.0, b_u);
  for (Index a = 0; a < q; ++a) b[at(unpenalised_.columns[at(a)])] = b_u[at(a)];
}

double RidgeGram::degrees_of_freedom(double lambda) {
  return static_cast<double>(unpenalised_.rank) + shifted_.trace(lambda);
}

std::vector<double> RidgeGram::leverage_directions(double lambda) {
  const Index k = columns(), p = static_cast<Index>(penalised_.size());
  const Index q = static_cast<Index>(unpenalised_.columns.size()), rank = unpenalised_.rank;
  std::vector<double> out(at(k * (p + rank)), 0.0), scaled = shifted_.directions(lambda);
  for (Index b = 0; b < p; ++b) {
    for (Index a = 0; a < p; ++a) {
      scaled[at(a + b * p)] /= std::sqrt(factor_[at(penalised_[at(a)])]);
      out[at(penalised_[at(a)] + b * k)] = scaled[at(a + b * p)];
    }
  }
  if (rank > 0 && p > 0) {
    std::vector<double> coordinates(at(rank * p)), on_u(at(q * p));
    blas::gemm(Op::none, Op::none, 1.0, {unpenalised_.cross.data(), rank, p}, {scaled.data(), p, p}, 0.0,
               {coordinates.data(), rank, p});
    blas::gemm(Op::none, Op::none, -1.0, {unpenalised_.vectors.data(), q, rank}, {coordinates.data(), rank, p}, 0.0,
               {on_u.data(), q, p});
    for (Index b = 0; b < p; ++b) {
      for (Index a = 0; a < q; ++a) out[at(unpenalised_.columns[at(a)] + b * k)] = on_u[at(a + b * q)];
    }
  }
  for (Index b = 0; b < rank; ++b) {
    for (Index a = 0; a < q; ++a) out[at(unpenalised_.columns[at(a)] + (p + b) * k)] = unpenalised_.vectors[at(a + b * q)];
  }
  return out;
}

}  // namespace riata
