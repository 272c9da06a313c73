#pragma once

#include <string>
#include <vector>

#include "riata/app/run.hpp"
#include "riata/model/network_model.hpp"

namespace riata {

// What run_predict and run_evaluate are for linear models. A network has one λ: asking for another is an Error(argument).

/// A CSV: `prediction`, for classes `probability_<class>` of each, and the columns to copy.
struct NetworkPredictions {
  std::string csv;
  std::vector<std::string> warnings;
};

NetworkPredictions run_predict(const PredictSpec& spec, const NetworkModel& model, const Table& table,
                               const Context& context);
EvaluateFacts run_evaluate(const EvaluateSpec& spec, const NetworkModel& model, const Table& table, const Context& context);

/// Throws Error(argument) where --lambda asks for a choice that a network does not have.
void refuse_lambda(const LambdaChoice& choice, const NetworkModel& model);

}  // namespace riata
