#include "riata/solver/smooth_point.hpp"

#include <algorithm>
#include <limits>

#include "riata/solver/curved_gram.hpp"
#include "riata/solver/growing_cholesky.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

SmoothPoint::SmoothPoint(const FittedProblem& fitted, const Quadratic& quadratic, ElasticNet penalty, double tolerance,
                         const Context& context)
    : fitted_(fitted),
      context_(context),
      judge_(fitted, quadratic, penalty, tolerance, context),
      rows_(fitted),
      gradient_(at(fitted.cols())) {}

void SmoothPoint::evaluate(const State& state) {
  state_ = state;
  rows_.set(state.b0, state.b, context_);
  fitted_.design->transpose_multiply(0, {rows_.pull.data(), fitted_.rows(), 1}, {gradient_.data(), fitted_.cols(), 1}, {},
                                     context_);
  for (const Index j : fitted_.excluded) gradient_[at(j)] = 0.0;
}

Solution SmoothPoint::judge(double lambda) {
  const Support support(state_.b);
  std::vector<Index> relevant;
  std::vector<double> gradients;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    if (!(fitted_.norm[at(j)] > 0)) continue;
    relevant.push_back(j);
    gradients.push_back(gradient_[at(j)]);
  }
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  return judge_({0, support.columns, support.values, state_.b0, rows_.eta, rows_.pull, relevant, gradients, unknown,
                 Status::converged},
                lambda);
}

double SmoothPoint::degrees_of_freedom(std::span<const Index> columns, std::span<const double> curvature) const {
  const double size = static_cast<double>(columns.size());
  if (std::ranges::all_of(curvature, [](double c) { return c == 0; })) return size;
  CurvedGram curved(fitted_, context_);
  curved.set_curvature(rows_.curvature);
  const Index count = std::ssize(columns);
  GrowingCholesky factor;
  const Matrix matrix = factor.room(count);
  curved.gram(columns, columns, matrix);
  for (Index k = 0; k < count; ++k) matrix(k, k) += curvature[at(k)];
  if (!factor.factorise()) return std::numeric_limits<double>::quiet_NaN();
  return size - factor.weighted_inverse_trace(curvature);
}

}  // namespace riata
