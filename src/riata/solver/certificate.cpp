#include "riata/solver/certificate.hpp"

#include <cmath>

#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/solver/column_span.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kFew = 2000;    // columns for which eigenvectors, or a factor of the data, are affordable
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

/// The factor of U. A Gram knows columns that differ by δ to ε/δ² only, so where it does not tell them apart it is the data
/// that are asked: columns that depend on others there too (all levels of a category) are left out, once for a path.
void Certifier::factor(std::span<const std::size_t> columns) {
  constexpr double kMostWork = 1e10;  // of a factorisation of the data where residuals are not at hand
  projected_.assign(columns.begin(), columns.end());
  kept_.assign(columns.begin(), columns.end());
  span_.reset();
  told_apart_ = factor_kept();
  if (told_apart_ || columns.size() > kFew) return;
  const bool on_data = !quadratic_.residual().empty();
  const auto m = static_cast<double>(columns.size());
  if (!on_data && static_cast<double>(fitted_.rows()) * m * m > kMostWork) return;
  span_ = ColumnSpan::of(fitted_, kept_, fitted_.weights, false, context_);
  if (!span_) return;
  kept_ = span_->independent();
  told_apart_ = kept_.size() < columns.size() && factor_kept();
  if (told_apart_ || !on_data) span_.reset();
}

/// Eigenvectors of the Gram of kept_ (of many columns its Cholesky factor), scaled to unit norm so that units do not matter.
/// False where it does not tell the columns apart, or has no room.
bool Certifier::factor_kept() {
  const Index m = std::ssize(kept_);
  if (m == 0 || 8 * m * m > working_memory(context_, fitted_.design->bytes())) return false;
  factor_.resize(static_cast<std::size_t>(m * m));
  const Matrix gram(factor_.data(), m, m);
  quadratic_.gram(kept_, kept_, gram);
  const auto norm = [this](Index k) { return fitted_.norm[static_cast<std::size_t>(kept_[static_cast<std::size_t>(k)])]; };
  for (Index b = 0; b < m; ++b) {
    for (Index a = 0; a < m; ++a) gram(a, b) /= norm(a) * norm(b);
  }
  inverse_.clear();
  if (kept_.size() > kFew) {
    if (blas::potrf(blas::Triangle::lower, gram) != 0) return false;
    double least = 1;
    for (Index k = 0; k < m; ++k) least = std::min(least, gram(k, k) * gram(k, k));
    return least >= kToldApart;
  }
  inverse_.resize(static_cast<std::size_t>(m));
  if (!blas::syevd(gram, inverse_) || inverse_.front() < kToldApart * inverse_.back()) return false;
  for (double& value : inverse_) value = 1.0 / value;
  return true;
}

/// v becomes G⁻¹v, G the scaled Gram of kept_.
void Certifier::solve_kept(std::vector<double>& v) const {
  const ConstMatrix factor(factor_.data(), std::ssize(kept_), std::ssize(kept_));
  if (inverse_.empty()) {
    const Matrix side(v.data(), std::ssize(v), 1);
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, factor, side);
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::transpose, factor, side);
    return;
  }
  std::vector<double> rotated(v.size());
  blas::gemv(blas::Op::transpose, 1.0, factor, v, 0.0, rotated);
  for (std::size_t k = 0; k < v.size(); ++k) rotated[k] *= inverse_[k];
  blas::gemv(blas::Op::none, 1.0, factor, rotated, 0.0, v);
}

/// By the residuals, where they are known and the columns may be copied.
double Certifier::project_on_data(std::span<const std::size_t> columns, std::vector<double>& gradient) {
  const std::span<const double> residual = quadratic_.residual();
  const bool wanted = !residual.empty() && columns.size() <= kFew;
  if (wanted && !span_) {
    const std::vector<Index> indices(columns.begin(), columns.end());
    span_ = ColumnSpan::of(fitted_, indices, fitted_.weights, false, context_);
  }
  if (!wanted || !span_) {
    std::ranges::fill(gradient, 0.0);  // θ̂ = 0 is always feasible, and tight where the data are interpolated
    return residual_square();
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
  if (!std::ranges::equal(columns, projected_)) factor(columns);
  if (!told_apart_) return project_on_data(columns, gradient);
  std::vector<double> alpha(kept_.size());
  const auto norm = [this](std::size_t k) { return fitted_.norm[static_cast<std::size_t>(kept_[k])]; };
  for (std::size_t k = 0; k < kept_.size(); ++k) alpha[k] = gradient[static_cast<std::size_t>(kept_[k])] / norm(k);
  solve_kept(alpha);
  double explained = 0.0;
  for (std::size_t k = 0; k < kept_.size(); ++k) {
    explained += gradient[static_cast<std::size_t>(kept_[k])] * (alpha[k] /= norm(k));
  }
  explained = std::max(explained, 0.0);
  std::vector<double> image(gradient.size());
  quadratic_.image(kept_, alpha, image);
  for (std::size_t j = 0; j < gradient.size(); ++j) gradient[j] -= image[j];
  for (const std::size_t j : columns) gradient[j] = 0.0;  // but for rounding
  return explained;
}

}  // namespace riata
