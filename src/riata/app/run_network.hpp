#pragma once

#include <string>
#include <vector>

#include "riata/app/run.hpp"
#include "riata/model/network_model.hpp"

namespace riata {

// What run_predict and run_evaluate are for linear models. A network has one λ: asking for another is an Error(argument).

Predictions run_predict(const PredictSpec& spec, const NetworkModel& model, const Table& table, const Context& context);
EvaluateFacts run_evaluate(const EvaluateSpec& spec, const NetworkModel& model, const Table& table, const Context& context);

/// Throws Error(argument) where --lambda asks for a choice that a network does not have.
void refuse_lambda(const LambdaChoice& choice, const NetworkModel& model);

}  // namespace riata
