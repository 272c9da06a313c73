#include "riata/solver/dense_least_squares.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

struct Decomposition {
  std::vector<double> u, s, vt;
  Index order = 0;
};

Decomposition singular_values(std::vector<double>& r, Index rows, Index cols) {
  Decomposition out;
  out.order = std::min(rows, cols);
  const auto k = static_cast<std::size_t>(out.order);
  out.u.resize(static_cast<std::size_t>(rows) * k);
  out.s.resize(k);
  out.vt.resize(k * static_cast<std::size_t>(cols));
  if (k == 0) return out;
  if (!blas::gesdd({r.data(), rows, cols}, out.s, {out.u.data(), rows, out.order}, {out.vt.data(), out.order, cols})) {
    throw Error(ErrorKind::run, "the singular value decomposition of the design did not converge");
  }
  return out;
}

double condition_of(const std::vector<double>& s) {
  if (s.empty() || s.front() == 0) return 1;
  return s.back() > 0 ? s.front() / s.back() : std::numeric_limits<double>::infinity();
}

}  // namespace

DenseLeastSquares minimum_norm_long_double(const std::vector<long double>& a, Index rows, Index cols,
                                           const std::vector<long double>& y, double threshold) {
  using MatrixL = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  using VectorL = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
  DenseLeastSquares out;
  out.x.assign(static_cast<std::size_t>(cols), 0.0L);
  if (rows == 0 || cols == 0) return out;

  const Eigen::Map<const MatrixL> design(a.data(), rows, cols);
  VectorL scale = design.colwise().norm();
  for (Index j = 0; j < cols; ++j) scale[j] = scale[j] > 0 ? 1 / scale[j] : 1.0L;
  const Eigen::Map<const VectorL> response(y.data(), rows);
  Eigen::ColPivHouseholderQR<MatrixL> pivoted;
  pivoted.setThreshold(threshold);
  pivoted.compute(design * scale.asDiagonal());
  out.rank = pivoted.rank();
  VectorL x;
  if (out.rank == cols) {
    x = scale.cwiseProduct(pivoted.solve(response));
  } else {
    Eigen::CompleteOrthogonalDecomposition<MatrixL> complete;
    complete.setThreshold(threshold);
    x = complete.compute(design).solve(response);
  }
  std::copy(x.data(), x.data() + cols, out.x.begin());

  const Index order = std::min(rows, cols);
  std::vector<double> r(static_cast<std::size_t>(order * cols), 0.0);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i <= std::min(j, order - 1); ++i) {
      r[static_cast<std::size_t>(i + j * order)] = static_cast<double>(pivoted.matrixQR()(i, j));
    }
  }
  out.condition = condition_of(singular_values(r, order, cols).s);
  return out;
}

std::optional<DenseLeastSquares> minimum_norm_qr(Matrix a, std::vector<double>& y, double threshold,
                                                 const blas::Stop& stop) {
  DenseLeastSquares out;
  const Index order = std::min(a.rows, a.cols);
  out.x.assign(static_cast<std::size_t>(a.cols), 0.0L);
  if (order == 0) return out;

  std::vector<double> scale(static_cast<std::size_t>(a.cols));
  for (Index j = 0; j < a.cols; ++j) {
    double square = 0;
    for (const double x : a.column(j)) square += x * x;
    scale[static_cast<std::size_t>(j)] = square > 0 ? 1 / std::sqrt(square) : 1.0;
    for (double& x : a.column(j)) x *= scale[static_cast<std::size_t>(j)];
  }
  std::vector<Index> pivots(static_cast<std::size_t>(a.cols));
  std::vector<double> tau(static_cast<std::size_t>(order));
  if (!blas::geqp3(a, pivots, tau, stop)) return std::nullopt;
  blas::ormqr(blas::Op::transpose, a, tau, {y.data(), a.rows, 1});

  const auto triangle = [&](bool scaled) {
    std::vector<double> r(static_cast<std::size_t>(order * a.cols), 0.0);
    for (Index j = 0; j < a.cols; ++j) {
      const double by = scaled ? 1.0 : scale[static_cast<std::size_t>(pivots[static_cast<std::size_t>(j)])];
      for (Index i = 0; i <= std::min(j, order - 1); ++i) r[static_cast<std::size_t>(i + j * order)] = a(i, j) / by;
    }
    return r;
  };
  if (stop && stop()) return std::nullopt;
  std::vector<double> r = triangle(true);
  Decomposition svd = singular_values(r, order, a.cols);
  out.condition = condition_of(svd.s);
  while (out.rank < order && svd.s[static_cast<std::size_t>(out.rank)] > threshold * svd.s.front()) ++out.rank;
  const bool full = out.rank == a.cols;
  if (stop && stop()) return std::nullopt;
  if (!full) {
    r = triangle(false);
    svd = singular_values(r, order, a.cols);
  }

  std::vector<double> x(static_cast<std::size_t>(a.cols), 0.0);
  for (Index k = 0; k < out.rank; ++k) {
    double projection = 0;
    for (Index i = 0; i < order; ++i) {
      projection += svd.u[static_cast<std::size_t>(i + k * order)] * y[static_cast<std::size_t>(i)];
    }
    projection /= svd.s[static_cast<std::size_t>(k)];
    for (Index j = 0; j < a.cols; ++j) {
      x[static_cast<std::size_t>(j)] += projection * svd.vt[static_cast<std::size_t>(k + j * order)];
    }
  }
  for (Index j = 0; j < a.cols; ++j) {
    const auto to = static_cast<std::size_t>(pivots[static_cast<std::size_t>(j)]);
    out.x[to] = x[static_cast<std::size_t>(j)] * (full ? scale[to] : 1.0);
  }
  return out;
}

}  // namespace riata
