#pragma once

#include <vector>

#include "riata/selection/selection.hpp"

namespace riata {

/// Weights of the rows that a fold trains on, and of those it is judged on; zero for all others.
struct FoldRows {
  std::vector<double> training, validation;
};

FoldRows fold_rows(const Problem& problem, const Folds& folds, Index fold);

/// η of every row at one λ (mean scale), from the model that was fitted without the row's fold; NaN for rows that no fold is
/// judged on. Folds are fitted as in cross_validate.
struct OutOfFold {
  std::vector<double> eta;
  Status status = Status::converged;
};

OutOfFold out_of_fold(const Problem& problem, const PenaltySpec& penalty, double lambda, const Folds& folds,
                      const PathOptions& path_options, const CrossValidationOptions& options, const Context& context);

}  // namespace riata
