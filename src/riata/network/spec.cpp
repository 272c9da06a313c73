#include "riata/network/spec.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "riata/core/error.hpp"

namespace riata {
namespace {

template <class E, std::size_t N>
using Names = std::array<std::pair<std::string_view, E>, N>;

constexpr Names<Activation, 5> kActivations = {{{"identity", Activation::identity},
                                                {"relu", Activation::relu},
                                                {"tanh", Activation::tanh},
                                                {"sigmoid", Activation::sigmoid},
                                                {"gelu", Activation::gelu}}};
constexpr Names<NetworkLoss, 6> kLosses = {{{"squared", NetworkLoss::squared},
                                            {"mse", NetworkLoss::mse},
                                            {"logistic", NetworkLoss::logistic},
                                            {"multinomial", NetworkLoss::multinomial},
                                            {"poisson", NetworkLoss::poisson},
                                            {"huber", NetworkLoss::huber}}};
constexpr Names<OptimizerKind, 7> kOptimizers = {{{"sgd", OptimizerKind::sgd},
                                                  {"sgdw", OptimizerKind::sgdw},
                                                  {"adam", OptimizerKind::adam},
                                                  {"adamw", OptimizerKind::adamw},
                                                  {"rmsprop", OptimizerKind::rmsprop},
                                                  {"adagrad", OptimizerKind::adagrad},
                                                  {"nadam", OptimizerKind::nadam}}};

template <class E, std::size_t N>
E by_name(const Names<E, N>& names, std::string_view name, const char* what) {
  std::string offered;
  for (const auto& [known, value] : names) {
    if (known == name) return value;
    offered += (offered.empty() ? "" : ", ") + std::string(known);
  }
  throw Error(ErrorKind::argument, fmt::format("there is no {} \"{}\": use one of {}", what, name, offered));
}

template <class E, std::size_t N>
std::string_view name_of(const Names<E, N>& names, E wanted) {
  for (const auto& [known, value] : names) {
    if (value == wanted) return known;
  }
  return "";
}

void require(bool holds, const char* what, double value, const char* range) {
  if (!holds) throw Error(ErrorKind::argument, fmt::format("the {} is {}: give {}", what, value, range));
}
void at_least_zero(const char* what, double value) {
  require(value >= 0 && std::isfinite(value), what, value, "a number that is not negative");
}
void at_least_one(const char* what, Index value) {
  require(value >= 1, what, static_cast<double>(value), "a whole number from 1");
}
void share(const char* what, double value) { require(value >= 0 && value < 1, what, value, "a number from 0 to below 1"); }

void check(const OptimizerOptions& options) {
  at_least_zero("learning rate", options.learning_rate);
  share("momentum", options.momentum);
  share("dampening", options.dampening);
  share("first decay rate (β₁)", options.beta1);
  share("second decay rate (β₂)", options.beta2);
  share("smoothing", options.smoothing);
  at_least_zero("epsilon", options.epsilon.value_or(0));
  at_least_zero("weight decay", options.weight_decay);
  at_least_zero("rate decay", options.rate_decay);
  at_least_zero("momentum decay", options.momentum_decay);
  if (options.nesterov && (options.momentum == 0 || options.dampening != 0)) {
    throw Error(ErrorKind::argument, "Nesterov's momentum needs a momentum above 0 and no dampening");
  }
  const bool decoupled = options.kind == OptimizerKind::sgdw || options.kind == OptimizerKind::adamw;
  if (!decoupled && options.decay_scale != DecayScale::rate) {
    throw Error(
        ErrorKind::argument,
        fmt::format("an absolute decay scale needs a decoupled decay: use sgdw or adamw, not {}", to_string(options.kind)));
  }
}

void check(const ScheduleOptions& options) {
  require(options.factor > 0 && options.factor <= 1, "schedule's factor", options.factor, "a number above 0, at most 1");
  at_least_one("schedule's step", options.every);
  at_least_zero("schedule's length", static_cast<double>(options.length));
  at_least_zero("least learning rate", options.floor);
  at_least_zero("schedule's patience", static_cast<double>(options.patience));
  at_least_zero("schedule's threshold", options.threshold);
  at_least_zero("number of warm-up epochs", static_cast<double>(options.warm_up));
}

void check_hierarchy(const NetworkSpec& network, const TrainOptions& options) {
  at_least_zero("hierarchy of LassoNet (M)", options.hierarchy);
  if (network.skip && options.groups != WeightGroups::none) {
    throw Error(ErrorKind::argument, "groups of weights know no skip: use the hierarchy of LassoNet");
  }
  if (options.hierarchy == 0) return;
  if (!network.skip) throw Error(ErrorKind::argument, "the hierarchy of LassoNet needs a network with a skip");
  if (!options.layer_factors.empty() || options.l1_step == L1Step::subgradient) {
    throw Error(ErrorKind::argument,
                "LassoNet has one λ and a prox of its own: leave out factors of layers and the subgradient step");
  }
}

bool has_l1_part(const AnyPenalty& penalty) {
  if (const auto* net = std::get_if<ElasticNet>(&penalty)) return net->l1_ratio > 0;
  return std::holds_alternative<L1>(penalty);
}

}  // namespace

void check(const NetworkSpec& network) {
  at_least_one("number of inputs", network.inputs);
  at_least_one("number of outputs", network.outputs);
  for (const Index width : network.hidden) at_least_one("width of a hidden layer", width);
  if (network.skip && network.hidden.empty()) {
    throw Error(ErrorKind::argument, "a skip goes past hidden layers, and there are none");
  }
  if (network.loss == NetworkLoss::multinomial) {
    require(network.outputs >= 2, "number of classes", static_cast<double>(network.outputs), "at least 2");
  }
}

void check(const NetworkSpec& network, const TrainOptions& options, bool has_validation) {
  check(network);
  check(options.optimizer);
  check(options.schedule);
  at_least_zero("strength λ", options.lambda);
  at_least_zero("number of epochs", static_cast<double>(options.epochs));
  at_least_zero("batch size", static_cast<double>(options.batch_size));
  at_least_zero("clipping norm", options.clip_norm);
  share("dropout", options.dropout);
  share("dropout of inputs", options.input_dropout);
  at_least_zero("patience", static_cast<double>(options.patience));
  at_least_zero("number of epochs without progress", static_cast<double>(options.stall));
  if (options.patience > 0 && !has_validation) {
    throw Error(ErrorKind::argument, "patience needs validation rows: give a validation share or table");
  }
  const std::size_t n_layers = network.hidden.size() + 1;
  if (!options.layer_factors.empty() && options.layer_factors.size() != n_layers) {
    throw Error(ErrorKind::argument, fmt::format("{} factors of layers for a network of {} layers: give one a layer",
                                                 options.layer_factors.size(), n_layers));
  }
  for (const double factor : options.layer_factors) at_least_zero("factor of a layer", factor);
  if (!options.input_factors.empty() && std::ssize(options.input_factors) != network.inputs) {
    throw Error(ErrorKind::argument, fmt::format("{} factors of inputs for {} inputs: give one an input",
                                                 options.input_factors.size(), network.inputs));
  }
  for (const double factor : options.input_factors) require(factor >= 0, "factor of an input", factor, "a number from 0");
  if (options.l1_step == L1Step::clip) {
    throw Error(ErrorKind::argument,
                "the l1 step of a network is proximal or subgradient; clip belongs to gradient descent");
  }
  check_hierarchy(network, options);
  if (options.groups != WeightGroups::none && options.l1_step == L1Step::subgradient) {
    throw Error(ErrorKind::argument, "groups of weights need the proximal step: no subgradient step gives exact zeros");
  }
  if (options.l1_step == L1Step::subgradient && !has_l1_part(options.penalty)) {
    throw Error(ErrorKind::argument, "the subgradient step belongs to the penalties l1 and elastic-net");
  }
}

std::string_view to_string(Activation activation) { return name_of(kActivations, activation); }
std::string_view to_string(NetworkLoss loss) { return name_of(kLosses, loss); }
std::string_view to_string(OptimizerKind kind) { return name_of(kOptimizers, kind); }
Activation activation_by_name(std::string_view name) { return by_name(kActivations, name, "activation"); }
NetworkLoss network_loss_by_name(std::string_view name) { return by_name(kLosses, name, "loss"); }
OptimizerKind optimizer_by_name(std::string_view name) { return by_name(kOptimizers, name, "optimiser"); }

}  // namespace riata
