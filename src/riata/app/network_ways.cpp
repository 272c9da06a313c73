#include "riata/app/network_ways.hpp"

#include <cmath>

#include "riata/app/train_options.hpp"

namespace riata {
namespace {

constexpr Index kStrengths = 8;
constexpr double kDecades = 1e-4;   // smallest strength over the largest
constexpr double kMostL2 = 1;       // in units of the standardised target
constexpr double kMostDecay = 0.5;  // of a weight, a step

std::vector<double> strengths_from(double largest, const CompareSpec& spec) {
  const Index n = spec.n_lambdas.value_or(kStrengths);
  const double ratio = spec.lambda_min_ratio.value_or(kDecades);
  std::vector<double> out;
  for (Index k = 0; k < n; ++k) {
    out.push_back(largest * std::pow(ratio, n == 1 ? 0.0 : static_cast<double>(k) / static_cast<double>(n - 1)));
  }
  return out;
}

}  // namespace

TrainSpec contest_network(const CompareSpec& spec) {
  TrainSpec out;
  static_cast<ModelSpec&>(out) = spec;
  out.hidden = spec.hidden;
  out.activation = spec.activation;
  out.epochs = spec.epochs.value_or(out.epochs);
  out.batch_size = spec.batch_size.value_or(out.batch_size);
  out.scaled = spec.standardize;
  out.validation = "0";
  out.penalty = PenaltyChoice::none;
  if (spec.loss == LossChoice::squared) out.network_loss = NetworkLoss::squared;
  if (spec.loss == LossChoice::logistic) out.network_loss = NetworkLoss::logistic;
  return out;
}

std::vector<NetworkWay> network_ways(const CompareSpec& spec, const TrainProblem& problem, const Context& context) {
  const TrainSpec plain = contest_network(spec);
  std::vector<NetworkWay> out = {{"none", plain, {0}}, {"early-stopping", plain, {0}, true}};
  NetworkWay l2{"l2", plain, strengths_from(kMostL2, spec)};
  l2.spec.penalty = PenaltyChoice::l2;
  NetworkWay decay{"adamw", plain, strengths_from(kMostDecay / plain.learning_rate.value_or(kDefaultRate), spec)};
  decay.spec.optimizer = OptimizerKind::adamw;
  NetworkWay l1{"l1", plain, {}};
  l1.spec.penalty = PenaltyChoice::l1;
  l1.spec.n_lambdas = spec.n_lambdas.value_or(kStrengths);
  l1.spec.lambda_min_ratio = spec.lambda_min_ratio.value_or(kDecades);
  l1.strengths = train_lambdas(l1.spec, problem, context);
  out.insert(out.end(), {std::move(l2), std::move(decay), std::move(l1)});
  return out;
}

TrainOptions way_options(const NetworkWay& way, const TrainProblem& problem, double strength) {
  TrainSpec spec = way.spec;
  if (spec.optimizer == OptimizerKind::adamw) spec.weight_decay = strength;
  return train_options(spec, problem, spec.optimizer == OptimizerKind::adamw ? 0 : strength);
}

}  // namespace riata
