#pragma once

#include <vector>

#include "riata/app/train_data.hpp"

namespace riata {

/// Trains a network for every λ (and fold) and chooses: by folds min or 1se, as `fit` does; without folds the λ of the least
/// loss on the validation rows. Writes the scores into `facts` and returns the chosen λ. Networks are trained side by side,
/// each on one thread, so the result does not depend on their number; features are standardised anew on each fold's rows.
template <class T>
double judge_grid(const TrainSpec& spec, const TrainProblem& problem, const std::vector<double>& lambdas, TrainFacts& facts,
                  const Context& context);

}  // namespace riata
