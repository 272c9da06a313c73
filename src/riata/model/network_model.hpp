#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/status.hpp"
#include "riata/data/dataset.hpp"
#include "riata/model/findings.hpp"
#include "riata/model/network_search.hpp"
#include "riata/model/safetensors.hpp"
#include "riata/network/spec.hpp"

namespace riata {

enum class Precision { float32, float64 };

/// One epoch of a history. NaN: nothing to tell.
struct EpochRow {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  Index epoch = 0;
  double training_loss = kNone, validation_loss = kNone, test_loss = kNone;
  double training_accuracy = kNone, validation_accuracy = kNone, test_accuracy = kNone;
  double weight_norm = kNone;
};

/// A named array of parameters, row by row: `layers.K.weight` (out × in), `layers.K.bias` or `skip.weight`.
struct NetworkParameter {
  std::string name;
  std::vector<Index> shape;
  std::vector<double> values;
};

/// The trained network: all that prediction, evaluation and the model card need; what a model file holds.
///
/// Inputs of the first layer are (x_j − centre_j)/scale_j of the coded columns; of a numeric response ŷ = shift + unit · η,
/// with η what the last layer gives (link scale for the other losses, where shift is 0 and unit 1). A column that is not to
/// be centred and scaled has centre 0 and scale 1.
struct NetworkModel {
  std::string riata;                                         ///< version that trained it
  std::vector<std::pair<std::string, std::string>> options;  ///< that differ from their defaults
  std::string source;                                        ///< name of the table it was trained on (no folder)
  Coding coding;
  std::vector<std::string> feature_names;     ///< of the coded columns
  std::vector<std::string> dropped_features;  ///< coded columns that pruned() has taken out
  std::string target, weights_column, offset_column;
  std::vector<std::string> classes;  ///< logistic: the second is the positive one
  Index n_samples = 0, n_validation = 0, n_test = 0;
  double total_weight = 0;

  NetworkSpec network;
  Precision precision = Precision::float32;
  std::string penalty = "none", objective, optimizer;
  double lambda = 0, l1_ratio = 0, weight_decay = 0;
  bool standardize = true, intercept = true;
  std::vector<double> centre, scale;
  double response_shift = 0, response_unit = 1;
  std::vector<NetworkParameter> parameters;  ///< weight and bias of each layer, in order; the skip's weight

  double null_loss = 0;  ///< of the null model on the validation rows (without any: on the training rows)
  std::vector<EpochRow> history;
  std::string verdict, diagnosis;
  Index diagnosis_epoch = 0;  ///< 0: none
  Index best_epoch = 0, stopped_epoch = 0;
  Status status = Status::converged;
  std::vector<std::string> warnings;
  std::optional<LambdaSearch> search;      ///< where λ was chosen among several
  std::optional<TwinFacts> twin;           ///< where one was trained
  std::optional<Calibration> calibration;  ///< of two classes on the rows held out, where a page was wanted
};

constexpr int kNetworkFormat = 3;  ///< 2: with the features that were dropped; 3: with `intercept` and `skip`

/// One safetensors file of the pruned network (prune_network.hpp): parameters under their names, `scaling.centre` and
/// `scaling.scale`, the history as a table, and a description as JSON in the metadata. No timings: the same bytes for the
/// same model.
std::string write_network(const NetworkModel& model);

/// The model a file's bytes hold. Every count, shape and value is checked: any bytes give a model or an Error(input).
NetworkModel read_network(std::string_view bytes, const std::string& source);

/// What the last layer gives on rows of coded columns, n × outputs; rows are standardised here.
void network_eta(const NetworkModel& model, const Design& design, Matrix eta, const Context& context);

/// Parts of the parameters that are zero, by name; and the features that reach no output: every path from them goes through
/// a weight that is exactly zero, or they were dropped.
struct ParameterFacts {
  std::string name;
  double weight_norm = 0;
  Index exact_zeros = 0, size = 0;
};
std::vector<ParameterFacts> parameter_facts(const NetworkModel& model);
std::vector<std::string> unused_features(const NetworkModel& model);
/// How strongly the first layer, and a linear part beside it, listen to a feature: the norm of its weights there.
struct InputNorm {
  Index feature = 0;
  double norm = 0;
};
std::vector<InputNorm> input_norms(const NetworkModel& model);  ///< the largest 300, decreasing; none that is zero
/// Coded columns that it was trained on.
Index trained_features(const NetworkModel& model);

}  // namespace riata
