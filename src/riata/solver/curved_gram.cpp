#include "riata/solver/curved_gram.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "riata/kernels/kernels.hpp"
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

/// Makes the sums of these columns known.
void CurvedGram::look_at(std::span<const Index> columns) {
  std::vector<Index> unknown;
  for (const Index j : columns) {
    if (!std::exchange(known_[at(j)], char{1})) unknown.push_back(j);
  }
  std::vector<double> sums(unknown.size());
  dot_columns(*fitted_.design, unknown, curvature_, sums, context_);
  for (std::size_t k = 0; k < unknown.size(); ++k) column_sum_[at(unknown[k])] = sums[k];
}

void CurvedGram::gram(std::span<const Index> left, std::span<const Index> right, Matrix out) {
  gram_columns(*fitted_.design, left, right, curvature_, out, context_);
  if (!fitted_.intercept || !(total_ > 0)) return;
  look_at(left);
  look_at(right);
  for (Index b = 0; b < out.cols; ++b) {
    const double share = column_sum_[at(right[at(b)])] / total_;
    for (Index a = 0; a < out.rows; ++a) out(a, b) -= column_sum_[at(left[at(a)])] * share;
  }
}

double CurvedGram::intercept_step(double pull, std::span<const Index> columns, std::span<const double> delta) {
  if (!fitted_.intercept || !(total_ > 0)) return 0.0;
  look_at(columns);
  for (std::size_t i = 0; i < columns.size(); ++i) pull -= column_sum_[at(columns[i])] * delta[i];
  return pull / total_;
}

void CurvedGram::move_intercept(double intercept_step, std::span<const Index> columns, std::span<double> gradients) {
  if (intercept_step == 0) return;
  look_at(columns);
  for (std::size_t i = 0; i < columns.size(); ++i) gradients[i] -= intercept_step * column_sum_[at(columns[i])];
}

double CurvedGram::ratio(std::span<const double> now, std::span<const double> direction) const {
  const double there = kernels::sums(direction.data(), now.data(), std::ssize(direction), 0.0).second;
  const double model = kernels::sums(direction.data(), curvature_.data(), std::ssize(direction), 0.0).second;
  return there > 0 && model > 0 ? std::clamp(there / model, 1.0 / kMostRatio, kMostRatio) : 1.0;
}

}  // namespace riata
