#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "riata/app/network_ways.hpp"
#include "riata/app/train_data.hpp"

namespace riata {

/// What one network is trained on and how; --epochs (but where they set the rates), --learning-rate and --clip-norm may
/// change from run to run.
std::string network_fingerprint(const TrainSpec& spec, const TrainProblem& problem, double lambda);

/// What a grid is trained on and how, with its folds and the parameters that it starts from (`start`, as bytes): its parts
/// go together only where everything is the same.
std::string grid_fingerprint(const TrainSpec& spec, const TrainProblem& problem, const std::vector<double>& lambdas,
                             std::string_view start);

/// The same of a contest on one network.
std::string contest_fingerprint(const CompareSpec& spec, const TrainProblem& problem, const std::vector<NetworkWay>& ways);

}  // namespace riata
