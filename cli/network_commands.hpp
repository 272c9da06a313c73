#pragma once

#include <string>

#include "riata/app/run_network.hpp"
#include "session.hpp"

namespace riata::cli {

// What predict, evaluate and inspect do with a network. Each returns the exit code.

int predict_network(const PredictSpec& spec, const NetworkModel& model, const std::string& table, Session& session);
int evaluate_network(const EvaluateSpec& spec, const NetworkModel& model, const std::string& table, Session& session);
int inspect_network(const InspectSpec& spec, const NetworkModel& model);

}  // namespace riata::cli
