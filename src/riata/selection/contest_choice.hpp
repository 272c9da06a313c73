#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "riata/selection/contest.hpp"

namespace riata {

/// What is to be small, of one contestant on the rows of one fold: [mixture][λ].
using Losses = std::vector<std::vector<double>>;

/// Where in a contestant's grids.
struct Choice {
  std::size_t mixture = 0, lambda = 0;
};

/// The rule, over all mixtures: the mixture is that of the least loss. Folds are averaged by their weights.
Choice choose(const std::vector<const Losses*>& folds, std::span<const double> weights, SelectionRule rule);

/// How many λ of a mixture are worth a fit: up to the one from which on, to the weakest, the loss is above the least, fold
/// by fold, by four standard errors. No choice falls beyond, and fits there are the dearest (decision 0611).
std::size_t reach_of(const std::vector<const Losses*>& folds, std::span<const double> weights, std::size_t mixture);

}  // namespace riata
