#include "riata/solver/krylov_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

using blas::Op;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Entries are products of columns and may be so large or small that their squares overflow or vanish.
double norm(std::span<const double> v) {
  double largest = 0, square = 0;
  for (const double x : v) largest = std::max(largest, std::abs(x));
  if (!(largest > 0) || !std::isfinite(largest)) return largest;
  for (const double x : v) square += (x / largest) * (x / largest);
  return largest * std::sqrt(square);
}

}  // namespace

KrylovSpace::KrylovSpace(std::vector<double> start, Operator h, Index most)
    : length_(std::ssize(start)),
      most_(std::min(most, length_)),
      h_(std::move(h)),
      size_(norm(start)),
      basis_(std::move(start)) {
  complete_ = !(size_ > 0);
  if (!complete_) {
    for (double& x : basis_) x /= size_;
  }
}

bool KrylovSpace::grow() {
  if (complete_ || products() >= most_) return false;
  const Index j = products();
  std::vector<double> next(at(length_)), inner(at(j + 1));
  h_({basis_.data() + j * length_, at(length_)}, next);
  diagonal_.push_back(0);
  for (int round = 0; round < 2; ++round) {  // the second takes the rounding of the first
    blas::gemv(Op::transpose, 1.0, basis(), next, 0.0, inner);
    blas::gemv(Op::none, -1.0, basis(), inner, 1.0, next);
    diagonal_.back() += inner[at(j)];
  }
  const double scale = *std::ranges::max_element(diagonal_), rest = norm(next);
  complete_ = !(rest > 10 * std::numeric_limits<double>::epsilon() * scale) || j + 1 == length_;
  off_.push_back(complete_ ? 0.0 : rest);
  for (double& x : next) x /= complete_ ? 1.0 : rest;
  basis_.insert(basis_.end(), next.begin(), next.end());
  return true;
}

/// The last vector stays out of x: its product tells what x leaves.
KrylovSpace::Point KrylovSpace::solve(double lambda) const {
  const Index m = complete_ ? products() : std::max<Index>(products() - 1, 0);
  Point out{std::vector<double>(at(m)), size_ * size_, std::numeric_limits<double>::infinity()};
  if (products() == 0) {
    if (complete_) out.curvature = 0;
    return out;
  }
  std::vector<double> pivot(at(m));
  for (Index a = 0; a < m; ++a) {  // L D Lᵀ of the tridiagonal matrix
    const double above = a > 0 ? off_[at(a - 1)] : 0.0;
    const double factor = a > 0 ? above / pivot[at(a - 1)] : 0.0;
    pivot[at(a)] = diagonal_[at(a)] + lambda - factor * above;
    out.y[at(a)] = a > 0 ? -factor * out.y[at(a - 1)] : size_;
  }
  for (Index a = m - 1; a >= 0; --a) {
    const double below = a + 1 < m ? off_[at(a)] * out.y[at(a + 1)] : 0.0;
    out.y[at(a)] = (out.y[at(a)] - below) / pivot[at(a)];
  }
  const double rest = complete_ ? 0.0 : m > 0 ? off_[at(m - 1)] * std::abs(out.y[at(m - 1)]) : size_;
  out.square = rest * rest;
  out.curvature = complete_ ? 0.0 : out.square * diagonal_[at(m)];
  return out;
}

double KrylovSpace::curvature(std::span<const double> t) const {
  double sum = 0;
  for (std::size_t a = 0; a < t.size(); ++a) {
    sum += t[a] * t[a] * diagonal_[a];
    if (a > 0) sum += 2 * t[a] * t[a - 1] * off_[a - 1];
  }
  return sum;
}

}  // namespace riata
