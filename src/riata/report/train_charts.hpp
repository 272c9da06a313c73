#pragma once

#include <vector>

#include "riata/report/page.hpp"
#include "riata/report/train_facts.hpp"

namespace riata {

// The figures of a network. Each has its own caption, which says what was left out.

/// Losses over the epochs, with the loss of the null model, the epoch overfitting begins and the best or restored one; and
/// the accuracies, where there are any.
std::vector<Chart> curve_charts(const NetworkModel& model);

/// These, which epoch's weights were kept, and the norm of the weights beside the twin's.
std::vector<Chart> learning_charts(const TrainFacts& facts);

/// Loss over the grid of λ, and how many weights are exactly zero.
std::vector<Chart> grid_charts(const TrainFacts& facts);

/// Norms of the weights that leave each feature, largest first; zero: unused.
Chart input_chart(const NetworkModel& model);

}  // namespace riata
