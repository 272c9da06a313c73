#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "riata/selection/selection.hpp"
#include "riata/solver/column_error.hpp"

namespace riata {

/// One entry of a contest: a penalty, in one or several mixtures of l1 and l2, each with its grid of λ. Which mixture and
/// which λ is chosen inside the contest.
struct Contestant {
  std::string penalty;
  std::vector<PenaltySpec> mixtures;
  std::vector<std::vector<double>> lambdas;  ///< a grid for every mixture: decreasing, mean scale
};

struct ContestOptions {
  SelectionRule rule = SelectionRule::min;  ///< min or one_standard_error
  Measure measure = Measure::mse;
  PathOptions path;
  std::function<DesignPtr(std::span<const double> training_weights)> fold_design;  ///< as in CrossValidationOptions
  bool lambda_on_sum_scale = false;
};

/// The model of one outer fold: chosen and fitted without a look at the rows it is judged on.
struct FoldModel {
  Index fold = 0;
  double weight = 0;  ///< of the rows it is judged on
  double error = 0;   ///< on those rows
  double lambda = 0, l1_ratio = 0;
  double intercept = 0;
  SparseCoefficients coefficients;
};

/// What a rule for λ chose on all rows, and the nested error of choosing by it.
struct RuleChoice {
  double lambda = 0, mean = 0, standard_error = 0;
  Index n_nonzero = 0;
};

/// What one contestant achieved. Its mean weighs folds by their weight; standard_error = sqrt(weighted variance / (folds −
/// 1)).
struct Standing {
  std::string penalty, failure;              ///< why it could not be fitted; empty: it could
  std::optional<ColumnError> failed_column;  ///< where one column is why
  std::vector<FoldModel> folds;
  double mean = 0, standard_error = 0;
  double lambda = 0, l1_ratio = 0;  ///< chosen on all rows by the ordinary cross-validation
  PathPoint model;                  ///< there, fitted on all rows
  std::optional<RuleChoice> other;  ///< by the other of min and 1se, where there is a choice
  double seconds = 0;
  Status status = Status::converged;
};

/// Errors of folds averaged by the weight of their rows; standard_error = sqrt(weighted variance / (folds − 1)), NaN for
/// one.
struct FoldMean {
  double mean = 0, standard_error = 0;
};
FoldMean fold_mean(std::span<const double> values, std::span<const double> weights);

/// The difference of two standings, fold by fold.
FoldMean paired_difference(const Standing& a, const Standing& b);

/// All contestants on the same folds. For outer fold k, mixture and λ are chosen by cross-validation over the other folds:
/// fold j ≠ k is predicted by a model fitted without j and k (one fit serves k with j and j with k). In time order fold k is
/// judged by a choice over the folds before it, and the first fold is judged by none. The result does not depend on the
/// number of threads, seconds excepted.
/// Throws Error(argument) where fewer than three folds are there.
std::vector<Standing> contest(const Problem& problem, const std::vector<Contestant>& contestants, const Folds& folds,
                              const ContestOptions& options, const Context& context);

}  // namespace riata
