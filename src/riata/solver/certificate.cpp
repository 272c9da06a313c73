#include "riata/solver/certificate.hpp"

#include <cmath>

#include "riata/kernels/blas.hpp"
#include "riata/solver/column_span.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostProjected = 2000;
constexpr double kToldApart = 1e-11;  // of the largest: an eigenvalue of a Gram that rounding leaves some digits

}  // namespace

Certifier::Certifier(const FittedProblem& fitted, const Quadratic& quadratic, const Context& context)
    : fitted_(fitted), quadratic_(quadratic), context_(context) {}

std::span<const double> Certifier::primal_gradient() const { return quadratic_.gradient(); }
double Certifier::residual_square() const { return quadratic_.residual_square(); }

double Certifier::relative_gap(double gap) const {
  if (std::isnan(gap)) return kInfinity;  // strengths so weak that numbers end
  return fitted_.null_deviance > 0.0 ? gap / (0.5 * fitted_.null_deviance) : 0.0;
}

double Certifier::relative_violation(double violation) const {
  if (violation == 0.0 || fitted_.null_deviance == 0.0) return 0.0;
  return violation / (fitted_.null_gradient > 0.0 ? fitted_.null_gradient : 1.0);
}

/// Eigenvectors of the Gram of U, its columns scaled to unit norm so that their units do not matter. A Gram knows columns
/// that differ by δ to ε/δ² only, so where it does not tell them apart it is the data that are asked.
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
  span_.reset();
  if (!blas::syevd(gram, inverse_) || inverse_.front() < kToldApart * inverse_.back()) inverse_.clear();
  for (double& value : inverse_) value = 1.0 / value;
}

/// By the residuals, where they are known and the columns may be copied.
double Certifier::project_on_data(std::span<const std::size_t> columns, std::vector<double>& gradient) {
  const std::span<const double> residual = quadratic_.residual();
  if (residual.empty() || columns.size() > kMostProjected || !ColumnSpan::fits(fitted_, columns.size(), context_)) {
    std::ranges::fill(gradient, 0.0);  // θ̂ = 0 is always feasible, and tight where the data are interpolated
    return residual_square();
  }
  if (!span_) {
    const std::vector<Index> indices(columns.begin(), columns.end());
    span_ = std::make_shared<ColumnSpan>(fitted_, indices, fitted_.weights, false);
  }
  std::vector<double> part(residual.begin(), residual.end()), image(gradient.size());
  const double explained = span_->project(part);
  for (std::size_t i = 0; i < part.size(); ++i) part[i] *= fitted_.weights[i];
  fitted_.design->transpose_multiply(0, {part.data(), fitted_.rows(), 1}, {image.data(), fitted_.cols(), 1}, {}, context_);
  for (std::size_t j = 0; j < gradient.size(); ++j) gradient[j] = fitted_.norm[j] == 0.0 ? 0.0 : gradient[j] - image[j];
  for (const std::size_t j : columns) gradient[j] = 0.0;  // but for rounding
  return explained;
}

double Certifier::project(std::span<const std::size_t> columns, std::vector<double>& gradient) {
  if (columns.size() > kMostProjected) return project_on_data(columns, gradient);
  if (!std::ranges::equal(columns, projected_)) factor(columns);
  if (inverse_.empty()) return project_on_data(columns, gradient);
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
