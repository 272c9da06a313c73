#pragma once

#include "riata/app/train_fold.hpp"
#include "riata/data/folds.hpp"

namespace riata {

/// Folds of the training rows: by column, by group, of every class alike, or random.
Folds train_folds(const TrainSpec& spec, const TrainProblem& problem);

/// Trains a network from every start for every λ (and fold) and chooses by the measure: by folds min or 1se, as `fit` does;
/// without folds the λ that does best on the validation rows. What the starts of a fold measure is averaged first, so that
/// the standard error is that of folds. Writes the scores into `facts` and returns the chosen λ.
/// Each network is trained on one thread, so the result does not depend on their number; what an earlier run finished is
/// taken from it. Throws Error(run) when interrupted, saying what is kept.
template <class T>
double judge_grid(const NetworkGrid<T>& grid, TrainFacts& facts, const Context& context);

}  // namespace riata
