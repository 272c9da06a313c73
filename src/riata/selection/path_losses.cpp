#include "riata/selection/path_losses.hpp"

#include <cmath>

#include "riata/solver/column_products.hpp"

namespace riata {

bool formed(const PathPoint& point) { return !std::isnan(point.intercept); }

void PathLosses::take(const PathPoint& point, const LinearPredictor& eta) {
  const bool told = moments_ != nullptr && formed(point);
  if (told) {
    places_.push_back(losses_.size());
    models_.push_back({point.coefficients, point.intercept});
  }
  losses_.push_back(told ? 0.0 : rows_.mean(eta()));
}

std::vector<double> PathLosses::losses(const Context& context) {
  constexpr double kLeastShare = 1e-9;  // of the response's variation: below it the sum of squares is rounding
  if (models_.empty()) return losses_;
  const std::vector<double> squares = moments_->sums_of_squares(models_);
  for (std::size_t k = 0; k < squares.size(); ++k) {
    losses_[places_[k]] = squares[k] > kLeastShare * moments_->zz ? squares[k] / moments_->weight
                                                                  : rows_.mean(predictions(models_[k], context));
  }
  return losses_;
}

std::vector<double> PathLosses::predictions(const LinearModel& model, const Context& context) const {
  std::vector<double> eta(problem_.response.size(), model.intercept);
  for (std::size_t i = 0; i < problem_.offset.size(); ++i) eta[i] += problem_.offset[i];
  const auto& [columns, values] = model.coefficients;
  if (!columns.empty()) add_columns(*problem_.design, columns, values, eta, context);
  return eta;
}

}  // namespace riata
