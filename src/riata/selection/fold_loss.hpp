#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "riata/selection/selection.hpp"

namespace riata {

/// The contracted name: mse, mae, deviance, error, auc.
std::string_view to_string(Measure measure);

bool larger_is_better(Measure measure);

/// Throws Error(argument) naming the measures that the loss has.
void check_measure(Measure measure, const Loss& loss);

/// Throws Error(input) naming the fold where these weights leave rows of one class only to a loss that needs two.
void check_training(const Problem& problem, std::span<const double> weights, Index fold);

/// The measure of predictions on the rows of positive weight, by their weights; NaN where there are none.
class FoldLoss {
 public:
  /// weights: n, zero for rows that are not judged. The problem must outlive this.
  FoldLoss(const Problem& problem, std::span<const double> weights, Measure measure);

  /// eta: linear predictor of all n rows.
  double mean(std::span<const double> eta) const;

  /// Σw of the rows that are judged; 0 where the measure has no value for them: auc needs rows of both classes.
  double weight() const;

 private:
  /// The measure of each row that is judged by itself, where it is a mean over rows.
  void row_values(std::span<const double> eta, std::span<double> out) const;

  const Problem& problem_;
  Measure measure_;
  double total_ = 0;
  std::vector<std::size_t> judged_;          ///< the rows of positive weight,
  std::vector<double> weights_, responses_;  ///< and theirs
};

}  // namespace riata
