#pragma once

#include "riata/app/train_data.hpp"

namespace riata {

/// The linear model in which every weight that is penalised is 0: intercept, offset and the features with a penalty factor
/// of 0, fitted.
struct NullModel {
  double largest_gradient = 0;  ///< max_j |x_jᵀ r|/(Σw v_j) over the penalised columns as the network sees them: λ_max ρ
  double unit = 1;              ///< standard deviation of a response of numbers; 1 for classes and counts
};
NullModel null_model(const TrainSpec& spec, const TrainProblem& problem);

/// Loss on rows of what says the training mean or the training shares of the classes, whatever the features.
template <class T>
double null_loss(const TrainProblem& problem, const Samples<T>& training, const Samples<T>& judged, const Context& context);

}  // namespace riata
