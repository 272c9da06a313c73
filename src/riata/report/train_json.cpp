#include <algorithm>

#include "riata/core/json_writer.hpp"
#include "riata/core/version.hpp"
#include "riata/report/rows_json.hpp"
#include "riata/report/train_facts.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

void write_history(JsonWriter& out, const NetworkModel& model) {
  out.key("history");
  out.begin_array();
  for (const EpochRow& row : model.history) {
    out.begin_object();
    out.member("epoch", row.epoch);
    out.member("training_loss", row.training_loss);
    out.member("validation_loss", row.validation_loss);
    if (model.n_test > 0) out.member("test_loss", row.test_loss);
    out.member("training_accuracy", row.training_accuracy);
    out.member("validation_accuracy", row.validation_accuracy);
    if (model.n_test > 0) out.member("test_accuracy", row.test_accuracy);
    out.member("weight_norm", row.weight_norm);
    out.end_object();
  }
  out.end_array();
}

void write_layers(JsonWriter& out, const NetworkModel& model) {
  out.key("layers");
  out.begin_array();
  for (const ParameterFacts& one : parameter_facts(model)) {
    out.begin_object();
    out.member("name", one.name);
    out.member("weight_norm", one.weight_norm);
    out.member("exact_zeros", one.exact_zeros);
    out.member("size", one.size);
    out.end_object();
  }
  out.end_array();
  out.member("unused_features", unused_features(model));
  out.key("input_norms");
  out.begin_object();
  for (const InputNorm& one : input_norms(model)) out.member(model.feature_names[at(one.feature)], one.norm);
  out.end_object();
}

/// Without hidden layers and with one output the network is the linear model: its coefficients, on the original scale.
void write_linear(JsonWriter& out, const NetworkModel& model) {
  if (!model.network.hidden.empty() || model.network.outputs != 1) {
    for (const char* key : {"intercept", "coefficients", "standardized_coefficients"}) out.null_member(key);
    return;
  }
  const std::vector<double>& weight = model.parameters[0].values;
  double intercept = model.parameters[1].values[0];
  for (std::size_t j = 0; j < weight.size(); ++j) intercept -= weight[j] * model.centre[j] / model.scale[j];
  out.member("intercept", model.response_shift + model.response_unit * intercept);
  for (const bool standardised : {false, true}) {
    out.key(standardised ? "standardized_coefficients" : "coefficients");
    out.begin_object();
    for (std::size_t j = 0; j < weight.size(); ++j) {
      if (weight[j] == 0) continue;
      out.member(model.feature_names[j], model.response_unit * weight[j] / (standardised ? 1 : model.scale[j]));
    }
    out.end_object();
  }
}

Index n_nonzero(const NetworkModel& model) {
  Index out = 0;
  for (const ParameterFacts& one : parameter_facts(model)) {
    if (one.name.ends_with(".weight")) out += one.size - one.exact_zeros;
  }
  return out;
}

void write_model_facts(JsonWriter& out, const NetworkModel& model) {
  out.member("status", to_string(model.status));
  out.member("n_samples", model.n_samples);
  out.member("n_features", trained_features(model));
  out.member("n_validation", model.n_validation);
  out.member("n_test", model.n_test);
  if (!model.classes.empty()) out.member("classes", model.classes);
  out.member("loss", to_string(model.network.loss));
  out.member("hidden", model.network.hidden);
  out.member("activation", to_string(model.network.activation));
  out.member("optimizer", model.optimizer);
  out.member("precision", model.precision == Precision::float64 ? "float64" : "float32");
  out.member("penalty", model.penalty);
  out.member("l1_ratio", model.l1_ratio);
  out.member("lambda", model.lambda);
  out.member("weight_decay", model.weight_decay);
  out.member("standardize", model.standardize);
  out.member("intercept_fitted", model.intercept);
  out.member("objective", model.objective);
}

void write_result(JsonWriter& out, const NetworkModel& model) {
  write_linear(out, model);
  write_history(out, model);
  write_layers(out, model);
  out.member("null_loss", model.null_loss);
  out.key("diagnosis");
  out.begin_object();
  out.member("verdict", model.verdict);
  model.diagnosis_epoch > 0 ? out.member("epoch", model.diagnosis_epoch) : out.null_member("epoch");
  out.member("text", model.diagnosis);
  out.end_object();
  model.best_epoch > 0 ? out.member("best_epoch", model.best_epoch) : out.null_member("best_epoch");
  out.member("stopped_epoch", model.stopped_epoch);
}

void write_grid(JsonWriter& out, const TrainFacts& facts) {
  out.key("path");
  out.begin_array();
  if (facts.grid.empty()) {
    out.begin_object();
    out.member("lambda", facts.model.lambda);
    out.member("n_nonzero", n_nonzero(facts.model));
    out.end_object();
  }
  for (const LambdaScore& one : facts.grid) {
    out.begin_object();
    out.member("lambda", one.lambda);
    out.member("n_nonzero", one.n_nonzero);
    out.member("n_used_features", one.n_used);
    out.member("exact_zeros", one.exact_zeros);
    out.member(facts.measure, one.mean);
    out.end_object();
  }
  out.end_array();
  if (facts.n_folds == 0) {
    out.null_member("cross_validation");
  } else {
    out.key("cross_validation");
    out.begin_object();
    out.member("folds", facts.n_folds);
    out.member("measure", facts.measure);
    std::vector<double> mean, error;
    for (const LambdaScore& one : facts.grid) {
      mean.push_back(one.mean);
      error.push_back(one.standard_error);
    }
    out.member("mean", mean);
    out.member("standard_error", error);
    out.member("lambda_min", facts.grid[at(facts.index_min)].lambda);
    out.member("lambda_1se", facts.grid[at(facts.index_1se)].lambda);
    out.end_object();
  }
  out.member("seeds", facts.n_seeds);
  out.key("selected");
  out.begin_object();
  out.member("rule", facts.grid.empty() ? "given" : facts.rule);
  out.member("lambda", facts.model.lambda);
  out.member("index", facts.grid.empty() ? Index{0} : facts.rule == "1se" ? facts.index_1se : facts.index_min);
  out.end_object();
}

void write_twin(JsonWriter& out, const TwinFacts& twin) {
  out.key("twin");
  out.begin_object();
  out.member("weight_norm", twin.weight_norm);
  out.member("unregularised_weight_norm", twin.twin_norm);
  out.member("training_loss", twin.training_loss);
  out.member("unregularised_training_loss", twin.twin_training_loss);
  out.member("validation_loss", twin.validation_loss);
  out.member("unregularised_validation_loss", twin.twin_validation_loss);
  out.member("epochs", twin.epochs);
  out.member("unregularised_epochs", twin.twin_epochs);
  out.member("best_epoch", twin.best_epoch);
  out.member("unregularised_best_epoch", twin.twin_best_epoch);
  out.member("least_validation_loss", twin.least_loss);
  out.member("unregularised_least_validation_loss", twin.twin_least_loss);
  out.key("layers");
  out.begin_array();
  for (const TwinFacts::Layer& layer : twin.layers) {
    out.begin_object();
    out.member("name", layer.name);
    out.member("weight_norm", layer.weight_norm);
    out.member("unregularised_weight_norm", layer.twin_norm);
    out.end_object();
  }
  out.end_array();
  out.member("text", twin.text);
  out.end_object();
}

}  // namespace

std::string train_json(const TrainFacts& facts) {
  JsonWriter out;
  out.begin_object();
  out.member("riata", version());
  out.member("command", "train");
  write_model_facts(out, facts.model);
  write_grid(out, facts);
  write_result(out, facts.model);
  if (facts.twin) write_twin(out, *facts.twin);
  out.null_member("certificate");
  out.member("warnings", facts.model.warnings);
  out.key("seconds");
  out.begin_object();
  out.member("read", facts.seconds_read);
  out.member("train", facts.seconds_train);
  out.end_object();
  write_rows(out, facts.rows, facts.model.classes.size() == 2);
  out.end_object();
  return out.text() + "\n";
}

std::string inspect_json(const NetworkModel& model) {
  JsonWriter out;
  out.begin_object();
  out.member("riata", model.riata);
  out.member("command", "inspect");
  write_model_facts(out, model);
  write_result(out, model);
  out.member("warnings", model.warnings);
  out.member("target", model.target);
  out.member("table", model.source);
  out.key("options");
  out.begin_object();
  for (const auto& [name, value] : model.options) out.member(name, value);
  out.end_object();
  out.end_object();
  return out.text() + "\n";
}

}  // namespace riata
