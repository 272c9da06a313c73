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

constexpr Index kFewRows = 500, kBlocks = 20;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Rows in blocks, of which a half takes half. Few rows are blocks of one; many are so few random blocks that the moments of
/// all can be held, and those of a half are their sum (decision 0611).
struct Blocks {
  Index count = 0;
  std::vector<Index> of_row;  ///< -1: of no weight
};

Blocks blocks_of(const Problem& problem, std::uint64_t seed) {
  std::vector<Index> rows;
  for (std::size_t i = 0; i < problem.response.size(); ++i) {
    if (problem.weights.empty() || problem.weights[i] > 0) rows.push_back(static_cast<Index>(i));
  }
  Blocks out{.count = std::ssize(rows), .of_row = std::vector<Index>(problem.response.size(), -1)};
  if (out.count >= kFewRows) {
    out.count = kBlocks;
    Random random(seed, kStabilityStream + (1ULL << 31U));
    const std::vector<Index> order = random.permutation(std::ssize(rows));
    for (std::size_t i = 0; i < rows.size(); ++i) out.of_row[at(rows[i])] = order[i] % kBlocks;
  } else {
    for (std::size_t i = 0; i < rows.size(); ++i) out.of_row[at(rows[i])] = static_cast<Index>(i);
  }
  return out;
}

/// The blocks of both halves of pair b: every block is in one of them (an odd one out in none).
std::pair<std::vector<Index>, std::vector<Index>> halves(const Blocks& blocks, std::uint64_t seed, Index b) {
  Random random(seed, kStabilityStream + (static_cast<std::uint64_t>(b) << 32U));
  const std::vector<Index> order = random.permutation(blocks.count);
  const auto middle = order.begin() + blocks.count / 2;
  return {{order.begin(), middle}, {middle, middle + blocks.count / 2}};
}

std::vector<double> weights_of(const Problem& problem, const Blocks& blocks, const std::vector<Index>& half) {
  std::vector<bool> taken(at(blocks.count), false);
  for (const Index block : half) taken[at(block)] = true;
  std::vector<double> out(blocks.of_row.size(), 0.0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (blocks.of_row[i] >= 0 && taken[at(blocks.of_row[i])]) out[i] = problem.weights.empty() ? 1.0 : problem.weights[i];
  }
  return out;
}

/// Moments of all blocks, where a path works by moments and there is room.
std::shared_ptr<const FoldMoments> moments_of(const Problem& problem, const Blocks& blocks, Index n_lambdas,
                                              const Context& context) {
  if (blocks.count > kBlocks || !path_takes_moments(problem, n_lambdas, context)) return nullptr;
  return fold_moments_if_they_pay(problem, n_lambdas, {.n_folds = blocks.count, .validation = blocks.of_row}, context);
}

/// How many pairs may be looked at side by side beside `held` matrices of p × p numbers, where a path by moments holds
/// three: all of them where every thread may hold its own.
Index pairs_at_once(const Problem& problem, Index pairs, Index held, Index n_lambdas, const Context& context) {
  if (!path_takes_moments(problem, n_lambdas, context)) return pairs;
  const auto p = static_cast<double>(problem.design->cols()), room = static_cast<double>(held);
  const double matrices = static_cast<double>(working_memory(context, problem.design->bytes())) / (8 * p * p) - room;
  const auto fitting = static_cast<Index>(std::clamp(matrices / 3, 1.0, static_cast<double>(pairs)));
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
  PathOptions options = path_options;
  options.keep_coefficients = false;
  options.diagnostics = false;
  const Index n_lambdas = std::ssize(lambdas);
  const Blocks blocks = blocks_of(problem, seed);
  const auto moments = moments_of(problem, blocks, n_lambdas, context);
  std::vector<std::vector<Index>> found(at(2 * pairs));
  const auto look = [&](Index b) {
    const auto [first, second] = halves(blocks, seed, b);
    const auto select = [&](const std::vector<Index>& half) -> std::vector<Index> {
      if (context.interrupted()) return {};
      const std::optional<CrossMoments> own = moments ? moments->together(half) : std::nullopt;
      PathOptions half_options = options;
      half_options.moments = own ? &*own : nullptr;
      return selected(problem, weights_of(problem, blocks, half), lambdas, out.q, half_options, context);
    };
    found[at(2 * b)] = select(first);
    found[at(2 * b + 1)] = select(second);
  };
  const Index at_once = pairs_at_once(problem, pairs, moments ? blocks.count + 1 : 0, n_lambdas, context);
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
