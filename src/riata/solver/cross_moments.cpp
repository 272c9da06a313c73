#include "riata/solver/cross_moments.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "riata/core/memory.hpp"

namespace riata {
namespace {

std::vector<double> less_offset(const Problem& problem, double shift) {
  std::vector<double> z(problem.response.begin(), problem.response.end());
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = (z[i] - (problem.offset.empty() ? 0.0 : problem.offset[i])) - shift;
  return z;
}

double mean(std::span<const double> values, std::span<const double> weights) {
  const double scale = weights.empty() ? 1.0 : *std::ranges::max_element(weights);
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = weights.empty() ? 1.0 : weights[i] / scale;
    sum += w * values[i];
    total += w;
  }
  return sum / total;
}

}  // namespace

namespace {

/// whole += sign · part.
void combine(CrossMoments& whole, const CrossMoments& part, int sign) {
  assert(whole.shift == part.shift);
  const auto take = [sign](std::vector<double>& all, const std::vector<double>& share) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += sign * share[i];
  };
  whole.n_rows += sign * part.n_rows;
  whole.weight += sign * part.weight;
  take(whole.sum, part.sum);
  take(whole.xx, part.xx);
  take(whole.xz, part.xz);
  whole.z_sum += sign * part.z_sum;
  whole.zz += sign * part.zz;
}

}  // namespace

void CrossMoments::subtract(const CrossMoments& part) { combine(*this, part, -1); }
void CrossMoments::add(const CrossMoments& part) { combine(*this, part, 1); }

ColumnMoments CrossMoments::column_moments() const {
  ColumnMoments moments;
  const std::size_t p = sum.size();
  for (std::size_t j = 0; j < p; ++j) {
    const double distance = sum[j] / weight;
    moments.mean.push_back(shift->columns[j] + distance);
    moments.variance.push_back(std::max(0.0, xx[j * p + j] / weight - distance * distance));
  }
  return moments;
}

double CrossMoments::xx_about(bool centred, Index j, Index k) const {
  const auto a = static_cast<std::size_t>(j), b = static_cast<std::size_t>(k);
  const double moment = xx[a * sum.size() + b];
  if (centred) return moment - sum[a] * (sum[b] / weight);
  return moment + shift->columns[a] * sum[b] + shift->columns[b] * (sum[a] + weight * shift->columns[a]);
}

double CrossMoments::xz_about(bool centred, Index j) const {
  const auto a = static_cast<std::size_t>(j);
  if (centred) return xz[a] - sum[a] * (z_sum / weight);
  return xz[a] + shift->columns[a] * z_sum + shift->response * (sum[a] + weight * shift->columns[a]);
}

double CrossMoments::sum_of_squares(std::span<const double> beta, double intercept) const {
  // About the shift: y − η = (z − z_shift) − (x − shift)ᵀβ − a, a = intercept + shiftᵀβ − z_shift.
  std::vector<std::size_t> active;
  double a = intercept - shift->response, linear = 0, sums = 0, quadratic = 0;
  for (std::size_t j = 0; j < beta.size(); ++j) {
    if (beta[j] != 0.0) active.push_back(j);
  }
  for (const std::size_t j : active) {
    a += shift->columns[j] * beta[j];
    linear += xz[j] * beta[j];
    sums += sum[j] * beta[j];
    double row = 0;
    for (const std::size_t k : active) row += xx[j * beta.size() + k] * beta[k];
    quadratic += row * beta[j];
  }
  return std::max(0.0, zz - 2.0 * linear + quadratic - 2.0 * a * (z_sum - sums) + weight * a * a);
}

std::shared_ptr<const CrossMoments::Shift> moments_shift(const Problem& problem, const Context& context) {
  auto shift = std::make_shared<CrossMoments::Shift>();
  shift->columns = problem.design->moments(problem.weights, context).mean;
  shift->response = mean(less_offset(problem, 0.0), problem.weights);
  return shift;
}

CrossMoments cross_moments(const Problem& problem, std::shared_ptr<const CrossMoments::Shift> shift,
                           const Context& context) {
  const Index n = problem.design->rows(), p = problem.design->cols();
  const std::vector<double> z = less_offset(problem, shift->response);
  CrossMoments moments;
  std::vector<double> right(static_cast<std::size_t>(2 * n));
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double w = problem.weights.empty() ? 1.0 : problem.weights[i];
    moments.n_rows += w > 0.0;
    moments.weight += w;
    moments.z_sum += w * z[i];
    moments.zz += w * z[i] * z[i];
    right[i] = w;
    right[z.size() + i] = w * z[i];
  }
  moments.xx.resize(static_cast<std::size_t>(p * p));
  if (moments.n_rows == 0) {
    moments.sum.resize(static_cast<std::size_t>(p));
    moments.xz.resize(static_cast<std::size_t>(p));
    moments.shift = std::move(shift);
    return moments;
  }
  std::vector<double> sums(static_cast<std::size_t>(2 * p));
  problem.design->transpose_multiply(0, {right.data(), n, 2}, {sums.data(), p, 2}, shift->columns, context);
  moments.sum.assign(sums.begin(), sums.begin() + p);
  moments.xz.assign(sums.begin() + p, sums.end());
  std::vector<Index> columns(static_cast<std::size_t>(p));
  std::iota(columns.begin(), columns.end(), Index{0});
  problem.design->gram(columns, columns, problem.weights, {moments.xx.data(), p, p}, shift->columns, context);
  moments.shift = std::move(shift);
  return moments;
}

bool moments_pay(const Problem& problem, Index copies, const Context& context) {
  if (problem.loss->name() != "squared") return false;
  constexpr Index kMostColumns = 8000;
  const Index p = problem.design->cols();
  const Index budget = working_memory(context, problem.design->bytes());
  return problem.loss->name() == "squared" && problem.design->rows() >= p && p <= kMostColumns &&
         8 * p * p * copies <= budget;
}

bool moments_pay_for_path(const Problem& problem, Index n_lambdas, Index copies, const Context& context) {
  constexpr Index kColumnsPerLambda = 20, kAlways = 500;
  return problem.design->cols() <= kAlways + kColumnsPerLambda * n_lambdas && moments_pay(problem, copies, context);
}

}  // namespace riata
