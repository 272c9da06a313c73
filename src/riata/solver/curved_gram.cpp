#include "riata/solver/curved_gram.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "riata/solver/column_products.hpp"

namespace riata {
namespace {

constexpr double kMostRatio = 10;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

CurvedGram::CurvedGram(const FittedProblem& fitted, const Context& context)
    : fitted_(fitted),
      context_(context),
      curvature_(at(fitted.rows())),
      column_sum_(at(fitted.cols())),
      known_(at(fitted.cols())) {}

void CurvedGram::set_curvature(std::span<const double> curvature) {
  std::ranges::copy(curvature, curvature_.begin());
  total_ = std::accumulate(curvature_.begin(), curvature_.end(), 0.0);
  std::ranges::fill(known_, char{0});
}

double CurvedGram::column_sum(Index j) {
  if (!std::exchange(known_[at(j)], char{1})) column_sum_[at(j)] = fitted_.design->dot(j, curvature_, 0.0);
  return column_sum_[at(j)];
}

void CurvedGram::gram(std::span<const Index> left, std::span<const Index> right, Matrix out) {
  gram_columns(*fitted_.design, left, right, curvature_, out, context_);
  if (!fitted_.intercept || !(total_ > 0)) return;
  for (Index b = 0; b < out.cols; ++b) {
    const double share = column_sum(right[at(b)]) / total_;
    for (Index a = 0; a < out.rows; ++a) out(a, b) -= column_sum(left[at(a)]) * share;
  }
}

double CurvedGram::intercept_step(double pull, std::span<const Index> columns, std::span<const double> delta) {
  if (!fitted_.intercept || !(total_ > 0)) return 0.0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (delta[i] != 0) pull -= column_sum(columns[i]) * delta[i];
  }
  return pull / total_;
}

void CurvedGram::move_intercept(double intercept_step, std::span<const Index> columns, std::span<double> gradients) {
  if (intercept_step == 0) return;
  for (std::size_t i = 0; i < columns.size(); ++i) gradients[i] -= intercept_step * column_sum(columns[i]);
}

double CurvedGram::ratio(std::span<const double> now, std::span<const double> direction) const {
  double there = 0, model = 0;
  for (std::size_t i = 0; i < direction.size(); ++i) {
    const double square = direction[i] * direction[i];
    there += now[i] * square;
    model += curvature_[i] * square;
  }
  return there > 0 && model > 0 ? std::clamp(there / model, 1.0 / kMostRatio, kMostRatio) : 1.0;
}

}  // namespace riata
