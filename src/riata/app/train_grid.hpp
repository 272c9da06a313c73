#pragma once

#include <span>
#include <vector>

#include "riata/app/train_data.hpp"
#include "riata/data/folds.hpp"

namespace riata {

/// Networks for decreasing λ, one after the other from the last: each starts from the one before it, dense to sparse (from a
/// sparse network no weight may find back). One that diverges passes nothing on.
template <class T>
std::vector<TrainResult<T>> train_warm(const Network<T>& start, const TrainData<T>& data,
                                       std::span<const TrainOptions> options, const Context& context);

/// Folds of the training rows: by column, by group, of every class alike, or random.
Folds train_folds(const TrainSpec& spec, const TrainProblem& problem);

/// Trains a network from every start for every λ (and fold) and chooses by the measure: by folds min or 1se, as `fit` does;
/// without folds the λ that does best on the validation rows. What the starts of a fold measure is averaged first, so that
/// the standard error is that of folds. Writes the scores into `facts` and returns the chosen λ.
/// Networks are trained side by side, each on one thread, so the result does not depend on their number; features are
/// standardised anew on each fold's rows.
template <class T>
double judge_grid(const TrainSpec& spec, const TrainProblem& problem, std::span<const Network<T>> starts,
                  const std::vector<double>& lambdas, TrainFacts& facts, const Context& context);

}  // namespace riata
