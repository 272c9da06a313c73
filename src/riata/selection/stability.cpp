#include "riata/selection/stability.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "riata/core/memory.hpp"
#include "riata/core/random.hpp"
#include "riata/selection/fold_moments.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Weights of both halves of pair b: every counted row is in one of them (an odd one out in none).
std::pair<std::vector<double>, std::vector<double>> halves(const Problem& problem, const std::vector<Index>& rows,
                                                           std::uint64_t seed, Index b) {
  const std::size_t n = problem.response.size();
  std::pair<std::vector<double>, std::vector<double>> out{std::vector<double>(n, 0.0), std::vector<double>(n, 0.0)};
  Random random(seed, kStabilityStream + (static_cast<std::uint64_t>(b) << 32U));
  const std::vector<Index> order = random.permutation(std::ssize(rows));
  const Index half = std::ssize(rows) / 2;
  for (Index i = 0; i < 2 * half; ++i) {
    const Index row = rows[at(order[at(i)])];
    (i < half ? out.first : out.second)[at(row)] = problem.weights.empty() ? 1.0 : problem.weights[at(row)];
  }
  return out;
}

/// Moments of both halves from one look at the rows, where a path works by moments.
std::shared_ptr<const FoldMoments> moments_of(const Problem& problem, const std::vector<double>& first,
                                              const std::vector<double>& second, Index n_lambdas, const Context& context) {
  if (!path_takes_moments(problem, n_lambdas, context)) return nullptr;
  Folds folds{.n_folds = 2, .validation = std::vector<Index>(first.size(), -1)};
  Problem both = problem;
  std::vector<double> weights(first);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] += second[i];
    if (weights[i] > 0) folds.validation[i] = second[i] > 0 ? 1 : 0;
  }
  both.weights = weights;
  return fold_moments_if_they_pay(both, n_lambdas, folds, context);
}

/// How many pairs may be looked at side by side: by moments, one holds them seven times (of both halves and their sum, of
/// the half in work, as the Gram its path works on, …). All of them where every thread may hold one.
Index pairs_at_once(const Problem& problem, Index pairs, Index n_lambdas, const Context& context) {
  if (!path_takes_moments(problem, n_lambdas, context)) return pairs;
  const auto p = static_cast<double>(problem.design->cols());
  const double held = 7 * 8 * p * p, most = static_cast<double>(working_memory(context, problem.design->bytes()));
  const auto fitting = static_cast<Index>(std::clamp(most / held, 1.0, static_cast<double>(pairs)));
  return fitting < context.threads() ? fitting : pairs;
}

/// The features of the last λ with at most q of them.
std::vector<Index> selected(const Problem& problem, const std::vector<double>& weights, std::span<const double> lambdas,
                            Index q, const PathOptions& options, const Context& context) {
  Problem own = problem;
  own.weights = weights;
  std::vector<Index> out;
  (void)fit_path(own, {"l1", 1}, lambdas, options, context, [&](Index, const PathPoint& point, const LinearPredictor&) {
    if (point.n_nonzero > q) return false;
    out = point.coefficients.indices;
    return point.n_nonzero < q && !context.interrupted();
  });
  return out;
}

}  // namespace

double unimodal_factor(double threshold, Index pairs) {
  const double b = static_cast<double>(pairs);
  if (threshold <= 0.75) return 1 / (2 * (2 * threshold - 1 - 1 / (2 * b)));
  return 4 * (1 - threshold + 1 / (2 * b)) / (1 + 1 / b);
}

Stability stability_selection(const Problem& problem, std::span<const double> lambdas, Index pairs, std::uint64_t seed,
                              const PathOptions& path_options, const Context& context) {
  Stability out;
  out.pairs = pairs;
  const Index p = problem.design->cols();
  const double features = static_cast<double>(std::max<Index>(1, p));
  const double factor = unimodal_factor(out.threshold, pairs);
  out.q = std::clamp<Index>(static_cast<Index>(std::floor(std::sqrt(features / factor))), 1, std::max<Index>(1, p));
  const double squares = static_cast<double>(out.q * out.q) / features;
  out.expected_false = factor * squares;
  out.expected_false_worst = squares / (2 * out.threshold - 1);
  std::vector<Index> rows;
  for (std::size_t i = 0; i < problem.response.size(); ++i) {
    if (problem.weights.empty() || problem.weights[i] > 0) rows.push_back(static_cast<Index>(i));
  }
  PathOptions options = path_options;
  options.keep_coefficients = false;
  options.diagnostics = false;
  std::vector<std::vector<Index>> found(at(2 * pairs));
  const auto look = [&](Index b) {
    if (context.interrupted()) return;
    const auto [first, second] = halves(problem, rows, seed, b);
    const auto moments = moments_of(problem, first, second, std::ssize(lambdas), context);
    const auto select = [&](const std::vector<double>& half, Index other) {
      const std::optional<CrossMoments> own = moments ? moments->training(other) : std::nullopt;
      PathOptions half_options = options;
      half_options.moments = own ? &*own : nullptr;
      return selected(problem, half, lambdas, out.q, half_options, context);
    };
    found[at(2 * b)] = select(first, 1);
    found[at(2 * b + 1)] = select(second, 0);
  };
  const Index at_once = pairs_at_once(problem, pairs, std::ssize(lambdas), context);
  for (Index first = 0; first < pairs; first += at_once) {
    context.for_blocks(std::min(at_once, pairs - first), [&](Index k) { look(first + k); });
  }
  out.frequency.assign(at(p), 0.0);
  for (const auto& set : found) {
    for (const Index j : set) out.frequency[at(j)] += 1;
  }
  for (double& share : out.frequency) share /= static_cast<double>(2 * pairs);
  return out;
}

}  // namespace riata
