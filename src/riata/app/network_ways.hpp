#pragma once

#include <string>
#include <vector>

#include "riata/app/run.hpp"
#include "riata/app/train_data.hpp"

namespace riata {

/// One contestant of `riata compare --hidden`: how the network is held back, and the strengths it may take.
struct NetworkWay {
  std::string name;
  TrainSpec spec;
  std::vector<double> strengths;  ///< decreasing: λ, or adamw's decay; 0 where there is none
  bool stops_early = false;       ///< chooses a number of epochs instead
};

/// The contest's network as `riata train` knows it, without regularisation and without rows held out.
TrainSpec contest_network(const CompareSpec& spec);

/// Trained to the end, stopped early, l2, AdamW's decoupled weight decay, l1.
std::vector<NetworkWay> network_ways(const CompareSpec& spec, const TrainProblem& problem, const Context& context);

TrainOptions way_options(const NetworkWay& way, const TrainProblem& problem, double strength);

}  // namespace riata
