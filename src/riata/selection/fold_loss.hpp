#pragma once

#include <span>
#include <string_view>

#include "riata/selection/selection.hpp"

namespace riata {

/// The contracted name: mse, mae, deviance, error, auc.
std::string_view to_string(Measure measure);

/// Throws Error(argument) naming the measures that the loss has.
void check_measure(Measure measure, const Loss& loss);

/// The measure of predictions on the rows of positive weight, by their weights; NaN where there are none.
class FoldLoss {
 public:
  /// weights: n, zero for rows that are not judged. Problem and weights must outlive this.
  FoldLoss(const Problem& problem, std::span<const double> weights, Measure measure);

  /// eta: linear predictor of all n rows.
  double mean(std::span<const double> eta) const;

 private:
  const Problem& problem_;
  std::span<const double> weights_;
  Measure measure_;
  double total_ = 0;
};

}  // namespace riata
