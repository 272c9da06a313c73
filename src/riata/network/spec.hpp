#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/kernels/layer_kinds.hpp"
#include "riata/penalty/list.hpp"
#include "riata/solver/trajectory.hpp"

namespace riata {

/// A multilayer perceptron: inputs → hidden[0] → … → outputs, each step affine, with the activation after each hidden one.
/// No hidden layer: the linear model.
struct NetworkSpec {
  Index inputs = 0;
  std::vector<Index> hidden;
  Index outputs = 1;  ///< multinomial: the number of classes; every other loss: of responses, whose losses add up
  Activation activation = Activation::relu;
  NetworkLoss loss = NetworkLoss::squared;
  bool skip = false;  ///< the inputs also reach the outputs directly: η gets θx more

  Index n_responses() const { return loss == NetworkLoss::multinomial ? 1 : outputs; }
  bool operator==(const NetworkSpec&) const = default;
};

enum class OptimizerKind { sgd, sgdw, adam, adamw, rmsprop, adagrad, nadam };

/// sgdw and adamw shrink weights apart from the gradient: by 1 − rate·decay (rate, PyTorch's) or 1 − decay (absolute).
enum class DecayScale { rate, absolute };

/// Names, meaning and order of operations are PyTorch 2's.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam;
  double learning_rate = 1e-3;
  double momentum = 0;  ///< sgd, sgdw, rmsprop
  double dampening = 0;
  bool nesterov = false;
  double beta1 = 0.9, beta2 = 0.999;   ///< adam, adamw, nadam
  std::optional<double> epsilon = {};  ///< nothing: 1e-10 for adagrad, 1e-8 for the others
  bool amsgrad = false;                ///< adam, adamw
  double smoothing = 0.99;             ///< rmsprop's α
  bool centered = false;               ///< rmsprop
  double rate_decay = 0;               ///< adagrad's lr_decay
  double momentum_decay = 4e-3;        ///< nadam
  double weight_decay = 0;  ///< sgd, adam, rmsprop, adagrad, nadam: λw joins the gradient; sgdw, adamw: decoupled
  DecayScale decay_scale = DecayScale::rate;
};

/// constant; step: × factor every `every` epochs; cosine: to `floor` over `length` epochs (0: all); plateau: × factor when
/// the validation loss (without one: training loss) has not improved for more than `patience` epochs; inverse: by a power of
/// the rows that were seen; adaptive: × factor instead of stopping where training has stalled (TrainOptions::stall), as long
/// as the rate is above `floor`. With E finished epochs:
///   step     r · factor^⌊E/every⌋
///   cosine   floor + (r − floor)(1 + cos(πE/length))/2
///   inverse  r / (1 + seen + rows·E)^power
/// warm_up epochs first rise linearly, multiplied with the above: (E + 1)/(warm_up + 1).
struct ScheduleOptions {
  enum class Kind { constant, step, cosine, plateau, inverse, adaptive };
  Kind kind = Kind::constant;
  double factor = 0.1;
  Index every = 30;
  Index length = 0;
  double floor = 0;
  Index patience = 10;
  double threshold = 1e-4;  ///< plateau: relative
  Index warm_up = 0;
  double power = 0.5;         ///< inverse
  double seen = 0, rows = 1;  ///< inverse: rows before the first epoch, and of each
};

/// Whose weights leave together: all outgoing weights of an input, of a hidden unit, or of both. The penalty of a group is
/// λ √size ‖w‖₂ (Yuan & Lin 2006), in place of the penalty by weight.
enum class WeightGroups { none, inputs, units, both };

struct TrainOptions {
  OptimizerOptions optimizer;
  ScheduleOptions schedule;

  AnyPenalty penalty = NoPenalty{};
  double lambda = 0;  ///< mean scale: sum is λ/Σw of the rows trained on, batch λ/batch size
  WeightGroups groups = WeightGroups::none;
  /// LassoNet (Lemhadri, Ruan, Abraham, Tibshirani 2021), for a network with a skip: M > 0 asks for λ Σⱼ ‖θⱼ‖₂ so that
  /// |w| ≤ M ‖θⱼ‖₂ for every weight of the first layer that leaves input j, in place of the penalty by weight. 0: off.
  double hierarchy = 0;
  std::vector<double> layer_factors;  ///< multiplies λ of each affine layer; empty: ones
  /// Multiplies λ of all weights of an input, in the first layer: 0: not penalised; inf: held at 0. Empty: ones.
  std::vector<double> input_factors;
  bool biases = true;            ///< false: they stay what they are
  bool penalize_biases = false;  ///< by λ and by weight_decay (PyTorch's weight_decay does: --torch-compat)
  /// proximal: a step, then the prox of the penalty in the step's own metric: exact zeros. subgradient: λ sign(w) joins the
  /// gradient (sign 0 = 0) and weights hover about zero. clip is not for networks.
  L1Step l1_step = L1Step::proximal;

  Index epochs = 100;
  Index batch_size = 0;      ///< 0: all rows
  bool shuffle = true;       ///< a new order of the rows every epoch, where there are batches
  double clip_norm = 0;      ///< 0: off; the norm of the data loss's gradient
  double dropout = 0;        ///< share of hidden activations that is zeroed, the others divided by 1 − share
  double input_dropout = 0;  ///< the same for inputs
  Index patience = 0;  ///< stop when the validation loss has not improved for that many epochs, restore the best; 0: off
  /// Stop when for more than `stall` epochs the loss on the validation rows (without any: of training) has not fallen by
  /// stall_tolerance below its least, and restore the best where there are validation rows; 0: off.
  Index stall = 0;
  double stall_tolerance = 0;
  std::uint64_t seed = 0;
};

/// Throws Error(argument) for what cannot be trained: sizes, ranges, patience without validation, …
void check(const NetworkSpec& network);
void check(const NetworkSpec& network, const TrainOptions& options, bool has_validation);

std::string_view to_string(Activation activation);
std::string_view to_string(NetworkLoss loss);
std::string_view to_string(OptimizerKind kind);
/// By name; throw Error(argument) listing the names.
Activation activation_by_name(std::string_view name);
NetworkLoss network_loss_by_name(std::string_view name);
OptimizerKind optimizer_by_name(std::string_view name);

}  // namespace riata
