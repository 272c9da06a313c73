#include "riata/solver/certificate.hpp"

#include "riata/kernels/blas.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t kMostProjected = 2000;

}  // namespace

Certifier::Certifier(const FittedProblem& fitted, const Quadratic& quadratic) : fitted_(fitted), quadratic_(quadratic) {}

std::span<const double> Certifier::primal_gradient() const { return quadratic_.gradient(); }
double Certifier::residual_square() const { return quadratic_.residual_square(); }

double Certifier::relative_gap(double gap) const {
  return fitted_.null_deviance > 0.0 ? gap / (0.5 * fitted_.null_deviance) : 0.0;
}

double Certifier::relative_violation(double violation) const {
  if (violation == 0.0 || fitted_.null_deviance == 0.0) return 0.0;
  return violation / (fitted_.null_gradient > 0.0 ? fitted_.null_gradient : 1.0);
}

/// Eigenvectors of the Gram of U, its columns scaled to unit norm so that their units do not matter.
void Certifier::factor(std::span<const std::size_t> columns) {
  projected_.assign(columns.begin(), columns.end());
  const std::vector<Index> indices(columns.begin(), columns.end());
  const Index m = static_cast<Index>(indices.size());
  factor_.resize(static_cast<std::size_t>(m * m));
  const Matrix gram(factor_.data(), m, m);
  quadratic_.gram(indices, indices, gram);
  for (Index b = 0; b < m; ++b) {
    for (Index a = 0; a < m; ++a) gram(a, b) /= fitted_.norm[columns[a]] * fitted_.norm[columns[b]];
  }
  inverse_.resize(static_cast<std::size_t>(m));
  const bool done = blas::syevd(gram, inverse_);
  const double largest = done ? inverse_.back() : static_cast<double>(m);
  // Below the floor eigenvalues are rounding: taking them for the floor only makes the certificate larger.
  for (double& value : inverse_) value = 1.0 / std::max(value, static_cast<double>(m) * kEpsilon * largest);
}

double Certifier::project(std::span<const std::size_t> columns, std::vector<double>& gradient) {
  if (columns.size() > kMostProjected) {  // θ̂ = 0 is always feasible, and tight where the data are interpolated
    std::ranges::fill(gradient, 0.0);
    return residual_square();
  }
  if (!std::ranges::equal(columns, projected_)) factor(columns);
  const Index m = static_cast<Index>(columns.size());
  std::vector<double> scaled(columns.size()), rotated(columns.size()), alpha(columns.size());
  for (std::size_t k = 0; k < columns.size(); ++k) scaled[k] = gradient[columns[k]] / fitted_.norm[columns[k]];
  const ConstMatrix vectors(factor_.data(), m, m);
  blas::gemv(blas::Op::transpose, 1.0, vectors, scaled, 0.0, rotated);
  double explained = 0.0;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    explained += rotated[k] * rotated[k] * inverse_[k];
    rotated[k] *= inverse_[k];
  }
  blas::gemv(blas::Op::none, 1.0, vectors, rotated, 0.0, alpha);
  const std::vector<Index> indices(columns.begin(), columns.end());
  for (std::size_t k = 0; k < columns.size(); ++k) alpha[k] /= fitted_.norm[columns[k]];
  std::vector<double> image(gradient.size());
  quadratic_.image(indices, alpha, image);
  for (std::size_t j = 0; j < gradient.size(); ++j) gradient[j] -= image[j];
  for (const std::size_t j : columns) gradient[j] = 0.0;  // but for rounding
  return explained;
}

}  // namespace riata
