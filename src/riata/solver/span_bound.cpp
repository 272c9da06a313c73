#include "riata/solver/span_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr double kDependent = 1e-5;  // what is left of a known vector below this share of it is not worth its coefficient
constexpr double kRounding = 16 * std::numeric_limits<double>::epsilon();  // per row and unit of norms, generously

double inner(std::span<const double> a, std::span<const double> b) {
  return kernels::dot(a.data(), b.data(), static_cast<Index>(a.size()), 0.0);
}

double norm(std::span<const double> v) { return std::sqrt(inner(v, v)); }

/// v −= a u.
void subtract(double a, std::span<const double> u, std::span<double> v) {
  for (std::size_t i = 0; i < v.size(); ++i) v[i] -= a * u[i];
}

}  // namespace

void SpanBound::set(std::span<const double> weights, std::span<const std::span<const double>> known, ConstMatrix targets) {
  const std::size_t n = weights.size();
  known_ = known.size();
  const auto scale = [&](std::span<const double> v, std::span<double> out) {
    for (std::size_t i = 0; i < n; ++i) out[i] = weights[i] > 0 ? v[i] / std::sqrt(weights[i]) : 0.0;
  };
  scaled_.resize(n * (known_ + 1));
  basis_.resize(n * known_);
  std::array<double, kMost> norms{}, sizes_of_known{};
  std::array<std::array<double, kMost>, kMost> made_of{};  // basis vector b = Σ made_of[b][k] qₖ
  std::size_t rank = 0;
  const auto q = [&](std::size_t k) { return std::span(scaled_).subspan(k * n, n); };
  const auto u = [&](std::size_t b) { return std::span(basis_).subspan(b * n, n); };
  for (std::size_t k = 0; k < known_; ++k) {
    scale(known[k], q(k));
    norms[k] = norm(q(k));
    for (const double x : known[k]) sizes_of_known[k] += std::abs(x);
    std::ranges::copy(q(k), u(rank).begin());
    made_of[rank] = {};
    made_of[rank][k] = 1.0;
    for (std::size_t b = 0; b < rank; ++b) {
      const double along = inner(u(b), u(rank));
      subtract(along, u(b), u(rank));
      for (std::size_t l = 0; l < known_; ++l) made_of[rank][l] -= along * made_of[b][l];
    }
    const double left = norm(u(rank));
    if (!(left > kDependent * norms[k])) continue;
    for (double& x : u(rank)) x /= left;
    for (double& x : made_of[rank]) x /= left;
    ++rank;
  }
  targets_.assign(static_cast<std::size_t>(targets.cols), {});
  largest_ = {};
  const double rounding = kRounding * static_cast<double>(n + 8);
  const auto e = std::span(scaled_).subspan(known_ * n, n);
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    Target& target = targets_[t];
    scale(targets.column(static_cast<Index>(t)), e);
    double sizes = norm(e);
    for (std::size_t b = 0; b < rank; ++b) {
      const double along = inner(u(b), e);
      for (std::size_t k = 0; k < known_; ++k) target.coefficients[k] += along * made_of[b][k];
    }
    for (std::size_t k = 0; k < known_; ++k) {
      subtract(target.coefficients[k], q(k), e);
      sizes += std::abs(target.coefficients[k]) * norms[k];
      target.size += std::abs(target.coefficients[k]) * sizes_of_known[k];
    }
    target.error = norm(e) * (1 + rounding) + rounding * sizes;
    for (std::size_t k = 0; k < known_; ++k) {
      largest_.coefficients[k] = std::max(largest_.coefficients[k], std::abs(target.coefficients[k]));
    }
    largest_.error = std::max(largest_.error, target.error);
    largest_.size = std::max(largest_.size, target.size);
  }
}

double SpanBound::operator()(std::span<const double> products, double norm, std::size_t target) const {
  double sum = 0;
  for (std::size_t k = 0; k < known_; ++k) sum += targets_[target].coefficients[k] * products[k];
  return std::abs(sum) + norm * targets_[target].error;
}

void SpanBound::mark(std::span<const double* const> products, std::span<const double> norms, std::span<const double> factors,
                     std::span<const double> units, std::span<const double> thresholds, std::span<char> marks) const {
  const double lowest = *std::ranges::min_element(thresholds);
  std::vector<double> coarse(marks.size());  // most columns are far below every threshold
  for (std::size_t a = 0; a < marks.size(); ++a) coarse[a] = norms[a] * largest_.error;
  for (std::size_t a = 0; a < units.size(); ++a) coarse[a] += units[a] * largest_.size;
  for (std::size_t k = 0; k < known_; ++k) {
    const double most = largest_.coefficients[k];
    const double* const own = products[k];
    for (std::size_t a = 0; a < marks.size(); ++a) coarse[a] += most * std::abs(own[a]);
  }
  for (std::size_t a = 0; a < marks.size(); ++a) {
    if (coarse[a] < lowest * factors[a]) continue;
    std::array<double, kMost> c{};
    for (std::size_t k = 0; k < known_; ++k) c[k] = products[k][a];
    for (std::size_t t = 0; t < thresholds.size() && !marks[a]; ++t) {
      const double rough = units.empty() ? 0.0 : units[a] * targets_[t].size;
      marks[a] = !((*this)(c, norms[a], t) + rough < thresholds[t] * factors[a]);
    }
  }
}

}  // namespace riata
