#include "riata/solver/row_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "riata/kernels/kernels.hpp"
#include "riata/solver/column_products.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// By blocks, whose rounding does not add up: line searches compare losses to their last digits.
double sum_of_blocks(std::span<const double> values) {
  constexpr std::size_t kBlock = 512, kLanes = 8;
  double total = 0;
  for (std::size_t first = 0; first < values.size(); first += kBlock) {
    const std::span<const double> block = values.subspan(first, std::min(kBlock, values.size() - first));
    std::array<double, kLanes> sums{};
    std::size_t i = 0;
    for (; i + kLanes <= block.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += block[i + lane];
    }
    for (; i < block.size(); ++i) sums[i % kLanes] += block[i];
    total += std::accumulate(sums.begin(), sums.end(), 0.0);
  }
  return total;
}

}  // namespace

RowState::RowState(const FittedProblem& problem)
    : fitted(&problem),
      eta(at(problem.rows())),
      losses(at(problem.rows())),
      pull(at(problem.rows())),
      curvature(at(problem.rows())) {}

void RowState::set(double b0, std::span<const double> b, const Context& context) {
  for (std::size_t i = 0; i < eta.size(); ++i) eta[i] = b0 + (fitted->offset.empty() ? 0.0 : fitted->offset[i]);
  const Support support(b);
  if (!support.columns.empty()) add_columns(*fitted->design, support.columns, support.values, eta, context);
  look();
}

void RowState::look(Index first, Index count) {
  const auto part = [&](std::vector<double>& rows) { return std::span(rows).subspan(at(first), at(count)); };
  fitted->loss->evaluate(fitted->original_response.subspan(at(first), at(count)), part(eta), part(losses), part(pull),
                         part(curvature));
  kernels::weigh(fitted->weights.data() + first, count, losses.data() + first, pull.data() + first,
                 curvature.data() + first);
}

double RowState::loss() const { return sum_of_blocks(losses); }
double RowState::pull_sum() const { return sum_of_blocks(pull); }

double penalty_value(const ElasticBox& penalty, Index j, double b) {
  return b != 0 ? penalty.factor[at(j)] * (penalty.l1 * std::abs(b) + 0.5 * penalty.l2 * b * b) : 0.0;
}

double penalty_value(const ElasticBox& penalty, std::span<const Index> columns, std::span<const double> b) {
  double sum = 0;
  for (const Index j : columns) sum += penalty_value(penalty, j, b[at(j)]);
  return sum;
}

}  // namespace riata
