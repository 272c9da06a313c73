#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "riata/data/folds.hpp"
#include "riata/path/path.hpp"

namespace riata {

class FoldMoments;

enum class Measure { mse, mae, deviance, error, auc };
enum class SelectionRule { min, one_standard_error, aic, bic, ebic };

/// Means are weighted by the folds' weight; standard_error = sqrt(weighted variance over folds / (K − 1)), NaN for one fold.
/// λ_min: the least mean (the larger λ of equals); λ_1se: the largest λ with mean ≤ mean_min + standard_error_min.
/// After an interrupt only the λ that every fold had finished are there; perhaps none.
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
  std::vector<Path> paths;            ///< of the folds, where CrossValidationOptions::keep_paths
  Status status = Status::converged;  ///< the worst of the folds' paths
};

/// `fold_design(k, training_weights)` gives fold k's design (mean-imputed cells differ by fold); by default the problem's.
/// `lambda_on_sum_scale`: in fold k λ counts as λ·Σw/Σw_k, w_k the fold's training weights (--lambda-scale sum).
/// `moments`: those of these folds, where the caller has them already (fold_moments.hpp); else made here where they pay.
struct CrossValidationOptions {
  Measure measure = Measure::mse;
  std::function<DesignPtr(Index fold, std::span<const double> training_weights)> fold_design;
  bool lambda_on_sum_scale = false;
  const FoldMoments* moments = nullptr;
  std::vector<Index> frequency_at;  ///< λ (positions) whose selection frequencies are wanted besides min and 1se
  bool keep_paths = false;          ///< folds × λ coefficients stay
};

/// Every fold on the common grid `lambdas` (decreasing, mean scale), standardised on its own training rows, which are those
/// of positive weight in training; judged on its validation rows with their weights. Folds without validation weight do not
/// count. Threads over folds; the result does not depend on their number.
/// Throws Error(argument) for folds that do not fit or have nothing to train on, and for measures that the loss lacks.
CrossValidation cross_validate(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
                               const Folds& folds, const PathOptions& path_options, const CrossValidationOptions& options,
                               const Context& context);

/// A path of all rows and what the folds say of it.
struct ValidatedPath {
  Path path;
  CrossValidation cross_validation;
  double path_seconds = 0;  ///< until the path had ended
};

/// Both, each as alone, side by side where there are threads for it, and one after the other where memory is told. Progress
/// is the path's, and the folds' once that has ended; of two errors the path's is thrown.
ValidatedPath fit_and_validate(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
                               const Folds& folds, const PathOptions& path_options, const PathOptions& fold_options,
                               const CrossValidationOptions& options, const Context& context);

/// Of every fold the weighted variance (divisor Σw) of the response on its validation rows: 1 − error/variance is R². NaN
/// where fewer than two rows are judged.
std::vector<double> validation_variances(const Problem& problem, const Folds& folds);

/// Index of the chosen λ. min and 1se need a cross-validation; aic, bic and ebic only the path.
Index select(const Path& path, const CrossValidation* cross_validation, SelectionRule rule, const Problem& problem);

}  // namespace riata
