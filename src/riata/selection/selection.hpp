#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/data/folds.hpp"
#include "riata/path/path.hpp"

namespace riata {

enum class Measure { mse, mae, deviance, error, auc };
enum class SelectionRule { min, one_standard_error, aic, bic, ebic };

/// Means are weighted by the folds' weight; standard_error = sqrt(weighted variance over folds / (K − 1)).
struct CrossValidation {
  Index n_folds = 0;
  Measure measure = Measure::mse;
  std::vector<double> mean;  ///< a value per λ
  std::vector<double> standard_error;
  std::vector<std::vector<double>> fold_mean;  ///< [fold][λ]
  double lambda_min = 0, lambda_1se = 0;
  Index index_min = 0, index_1se = 0;
  /// selection_frequency[k][j]: in which share of the folds feature j is non-zero at λ k; filled for index_min and index_1se
  /// and whichever index was asked for.
  std::vector<std::pair<Index, std::vector<double>>> selection_frequency;
  Status status = Status::converged;
};

/// Every fold on the common grid `lambdas`, standardised on its own training rows.
/// `fold_problem(k, training_weights)` gives fold k's problem (mean-imputed designs differ by fold); by default the same
/// problem with those weights. `strength_scale(k)` multiplies λ in fold k (--lambda-scale sum); default 1.
struct CrossValidationOptions {
  Measure measure = Measure::mse;
  std::function<DesignPtr(Index fold, std::span<const double> training_weights)> fold_design;
  bool lambda_on_sum_scale = false;
};

CrossValidation cross_validate(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
                               const Folds& folds, const PathOptions& path_options, const CrossValidationOptions& options,
                               const Context& context);

/// Index of the chosen λ. min and 1se need a cross-validation; aic, bic and ebic only the path.
Index select(const Path& path, const CrossValidation* cross_validation, SelectionRule rule, const Problem& problem);

}  // namespace riata
