#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "riata/app/kept_parts.hpp"
#include "riata/app/spec.hpp"
#include "riata/core/context.hpp"
#include "riata/data/table.hpp"
#include "riata/model/safetensors.hpp"
#include "riata/network/spec.hpp"
#include "riata/report/train_facts.hpp"

namespace riata {

/// `riata train`: everything that the result depends on, save the tables. Defaults are the contract's.
struct TrainSpec : ModelSpec {
  std::optional<NetworkLoss> network_loss;  ///< nothing: by the target; mse under torch_compat
  std::optional<bool> scaled;               ///< features (and a squared loss's target) to unit variance; off in torch_compat
  std::vector<Index> hidden;
  Activation activation = Activation::relu;
  OptimizerKind optimizer = OptimizerKind::adam;
  std::optional<double> momentum;
  double dampening = 0;
  bool nesterov = false, amsgrad = false;
  double weight_decay = 0;
  DecayScale decay_scale = DecayScale::rate;
  Index epochs = 100;
  Index batch_size = 0;
  ScheduleOptions schedule;
  double clip_norm = 0;
  double dropout = 0, input_dropout = 0;
  WeightGroups groups = WeightGroups::none;
  std::optional<double> hierarchy;  ///< M of the penalty lassonet; default 10
  std::vector<double> layer_factors;
  bool subgradient = false;
  std::optional<Index> max_features;  ///< that the chosen network may use
  Index seeds = 1;                    ///< starts that every λ of a grid is judged by: seed, seed + 1, …
  bool warm_start = false;            ///< along the grid, from the least λ up

  std::string validation;  ///< a share or a table; empty: 0.2, or none under torch_compat
  std::string test;        ///< a table
  Index patience = 0;
  Precision precision = Precision::float32;
  std::string initial_weights;
  Index log_every = 10;
  std::string checkpoint;
  std::optional<Index> every;
  bool resume = false;
  bool twin = false;
  bool torch_compat = false;

  bool standardises() const { return scaled.value_or(!torch_compat); }
  bool is_lassonet() const { return penalty == PenaltyChoice::lassonet; }
  /// Whether several λ are walked from dense to sparse, each network from the one before: always with lassonet.
  bool warms() const { return warm_start || is_lassonet(); }
  bool has_folds() const { return folds.value_or(0) > 0 || !fold_column.empty(); }
  /// The share of rows to validate on; nothing where `validation` names a table.
  std::optional<double> validation_share() const;
};

/// What a run reads besides its table. Tables are nothing where none was named.
struct TrainInputs {
  std::optional<Table> validation, test;
  std::optional<Safetensors> initial_weights;
  std::optional<Safetensors> checkpoint;  ///< to go on from
  std::string checkpoint_name;
  KeptParts parts;  ///< of a grid of networks
};

/// What a run tells while it is under way; each may be empty.
struct TrainWatch {
  std::function<void(const std::string& bytes, Index epoch)> on_checkpoint;  ///< to be written whole
  std::function<void(const EpochRow&)> on_epoch;
};

/// Which options can stand together, known before any table is read. Throws Error(argument) naming both.
void check(const TrainSpec& spec);

/// Table → network, history, diagnosis, model. An interrupt leaves what is finished, with Status::interrupted.
/// Throws Error(run) when training diverged, naming the step.
TrainFacts run_train(const TrainSpec& spec, const Table& table, const TrainInputs& inputs, const TrainWatch& watch,
                     const Context& context);

}  // namespace riata
