#include "riata/solver/cross_moments.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

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
  whole.constants.clear();
}

/// The part of row i; of no part: negative.
Index part_of_row(std::span<const Index> part_of, std::size_t i) { return part_of.empty() ? 0 : part_of[i]; }

/// All but what the columns have a share in.
std::vector<CrossMoments> of_response(const Problem& problem, std::span<const double> z, std::span<const Index> part_of,
                                      Index n_parts, const std::shared_ptr<const CrossMoments::Shift>& shift) {
  std::vector<CrossMoments> parts(static_cast<std::size_t>(n_parts));
  for (CrossMoments& part : parts) part.shift = shift;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Index k = part_of_row(part_of, i);
    if (k < 0) continue;
    CrossMoments& part = parts[static_cast<std::size_t>(k)];
    const double w = problem.weights.empty() ? 1.0 : problem.weights[i];
    part.n_rows += w > 0.0;
    part.weight += w;
    part.z_sum += w * z[i];
    part.zz += w * z[i] * z[i];
  }
  return parts;
}

/// sum, xx and xz of all parts in one pass over the design.
void add_columns(const Problem& problem, std::span<const double> z, std::span<const Index> part_of,
                 std::span<CrossMoments> parts, const Context& context) {
  const Design& design = *problem.design;
  const Index n = design.rows(), p = design.cols();
  std::vector<double> sides(at(2 * n), 1.0);  // ones and z
  std::ranges::copy(z, sides.begin() + n);
  std::vector<double> products(at(2 * p) * parts.size());
  std::vector<PartSums> outs;
  for (CrossMoments& part : parts) {
    part.xx.resize(at(p * p));
    outs.push_back({{part.xx.data(), p, p}, {products.data() + 2 * p * std::ssize(outs), p, 2}});
  }
  std::vector<Index> columns(at(p));
  std::iota(columns.begin(), columns.end(), Index{0});
  const std::span<const double> shift = parts.front().shift->columns;
  design.part_sums(columns, part_of, problem.weights, {sides.data(), n, 2}, outs, shift, context);
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const std::span<const double> sum = outs[k].products.column(0), xz = outs[k].products.column(1);
    parts[k].sum.assign(sum.begin(), sum.end());
    parts[k].xz.assign(xz.begin(), xz.end());
  }
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
  for (const auto& [column, value] : constants) {
    moments.mean[static_cast<std::size_t>(column)] = value;
    moments.variance[static_cast<std::size_t>(column)] = 0;
  }
  return moments;
}

void CrossMoments::xx_about(bool centred, Index k, std::span<double> out) const {
  const auto b = static_cast<std::size_t>(k);
  const double* const moment = xx.data() + b * sum.size();
  const double mean = sum[b] / weight, centre = shift->columns[b], all = sum[b] + weight * centre;
  for (std::size_t a = 0; a < out.size(); ++a) {
    out[a] = centred ? moment[a] - sum[a] * mean : moment[a] + centre * sum[a] + shift->columns[a] * all;
  }
}

double CrossMoments::xz_about(bool centred, Index j) const {
  const auto a = static_cast<std::size_t>(j);
  if (centred) return xz[a] - sum[a] * (z_sum / weight);
  return xz[a] + shift->columns[a] * z_sum + shift->response * (sum[a] + weight * shift->columns[a]);
}

/// 0 where rounding has left too few digits: of small errors, and of columns that nearly cancel with huge coefficients.
std::vector<double> CrossMoments::sums_of_squares(std::span<const LinearModel> models) const {
  constexpr double kLeastShare = 1e-9;  // of the square of the summands' norms
  std::vector<Index> place(sum.size(), -1), used;
  for (const LinearModel& model : models)
    used.insert(used.end(), model.coefficients.indices.begin(), model.coefficients.indices.end());
  std::ranges::sort(used);
  used.erase(std::ranges::unique(used).begin(), used.end());
  const Index size = std::ssize(used), count = std::ssize(models);
  std::vector<double> part(at(size * size)), betas(at(size * count)), images(at(size * count));
  const Matrix square(part.data(), size, size), b(betas.data(), size, count), image(images.data(), size, count);
  for (Index k = 0; k < size; ++k) {
    const double* const column = xx.data() + at(used[at(k)]) * sum.size();
    for (Index l = 0; l < size; ++l) square(l, k) = column[used[at(l)]];
    place[at(used[at(k)])] = k;
  }
  for (Index m = 0; m < count; ++m) {
    const SparseCoefficients& own = models[at(m)].coefficients;
    for (std::size_t k = 0; k < own.indices.size(); ++k) b(place[at(own.indices[k])], m) = own.values[k];
  }
  if (size > 0) blas::gemm(blas::Op::none, blas::Op::none, 1.0, square, b, 0.0, image);
  std::vector<double> out;
  for (Index m = 0; m < count; ++m) {
    // About the shift: y − η = (z − z_shift) − (x − shift)ᵀβ − a, a = intercept + shiftᵀβ − z_shift.
    double a = models[at(m)].intercept - shift->response, linear = 0, sums = 0, quadratic = 0, norms = std::sqrt(zz);
    for (Index k = 0; k < size; ++k) {
      const std::size_t j = at(used[at(k)]);
      a += shift->columns[j] * b(k, m);
      linear += xz[j] * b(k, m);
      sums += sum[j] * b(k, m);
      quadratic += image(k, m) * b(k, m);
      norms += std::abs(b(k, m)) * std::sqrt(square(k, k));
    }
    norms += std::abs(a) * std::sqrt(weight);
    const double squares = zz - 2.0 * linear + quadratic - 2.0 * a * (z_sum - sums) + weight * a * a;
    out.push_back(squares > kLeastShare * norms * norms ? squares : 0.0);
  }
  return out;
}

std::shared_ptr<const CrossMoments::Shift> moments_shift(const Problem& problem, const Context& context) {
  auto shift = std::make_shared<CrossMoments::Shift>();
  shift->columns = problem.weights.empty() ? problem.design->rough_means(context)
                                           : problem.design->moments(problem.weights, context).mean;
  shift->response = mean(less_offset(problem, 0.0), problem.weights);
  return shift;
}

CrossMoments cross_moments(const Problem& problem, const std::shared_ptr<const CrossMoments::Shift>& shift,
                           const Context& context) {
  return std::move(cross_moments(problem, {}, 1, shift, context).front());
}

std::vector<CrossMoments> cross_moments(const Problem& problem, std::span<const Index> part_of, Index n_parts,
                                        const std::shared_ptr<const CrossMoments::Shift>& shift, const Context& context) {
  const std::vector<double> z = less_offset(problem, shift->response);
  std::vector<CrossMoments> parts = of_response(problem, z, part_of, n_parts, shift);
  add_columns(problem, z, part_of, parts, context);
  return parts;
}

bool moments_pay(const Problem& problem, Index copies, const Context& context) {
  if (problem.loss->name() != "squared") return false;
  constexpr Index kMostColumns = 8000;
  const Index p = problem.design->cols();
  const Index budget = working_memory(context, problem.design->bytes());
  return problem.loss->name() == "squared" && problem.design->rows() >= p && p <= kMostColumns &&
         8 * p * p * copies <= budget;
}

bool path_takes_moments(const Problem& problem, Index n_lambdas, const Context& context) {
  constexpr Index kSmall = 20000;
  return problem.design->stored() >= kSmall && moments_pay_for_path(problem, n_lambdas, 3, context);
}

bool moments_pay_for_path(const Problem& problem, Index n_lambdas, Index copies, const Context& context) {
  constexpr Index kColumnsPerLambda = 20, kAlways = 500;
  return problem.design->cols() <= kAlways + kColumnsPerLambda * n_lambdas && moments_pay(problem, copies, context);
}

}  // namespace riata
