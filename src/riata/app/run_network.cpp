#include "riata/app/run_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/app/apply_model.hpp"
#include "riata/app/measures.hpp"
#include "riata/app/network_rows.hpp"
#include "riata/app/train_data.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/column_values.hpp"
#include "riata/report/csv.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Rows of a table through the network.
struct Passed {
  Dataset dataset;
  std::vector<Index> rows;  ///< of the table
  NetworkRows said;
  std::vector<double> mean;  ///< means_of(said)
};

Passed pass(const NetworkModel& model, const Table& table, const std::string& target, UnseenPolicy unseen,
            const Context& context) {
  Passed out{apply_coding(table, model.coding, target, unseen, context),
             {},
             {model.network.loss, model.network.outputs, {}, model.response_unit},
             {}};
  const Index n = out.dataset.design->rows(), k = model.network.outputs;
  out.rows = out.dataset.row_numbers;
  if (out.rows.empty()) {
    out.rows.resize(at(n));
    std::iota(out.rows.begin(), out.rows.end(), Index{0});
  }
  std::vector<double>& eta = out.said.eta;
  eta.assign(at(n * k), 0.0);
  network_eta(model, *out.dataset.design, Matrix(eta.data(), n, k), context);
  for (double& one : eta) one = model.response_shift + model.response_unit * one;
  if (!model.offset_column.empty()) {
    const std::vector<double> offset = number_column(table, model.offset_column, out.rows);
    for (std::size_t i = 0; i < offset.size(); ++i) eta[i] += offset[i];
  }
  out.mean = means_of(out.said);
  return out;
}

/// Values of the predicted rows, at their places in the table.
CsvColumn numbers(std::string name, const double* values, const Passed& passed, Index n_rows) {
  CsvColumn out{std::move(name), std::vector<double>(at(n_rows), std::numeric_limits<double>::quiet_NaN()), {}};
  for (std::size_t i = 0; i < passed.rows.size(); ++i) out.numbers[at(passed.rows[i])] = values[i];
  return out;
}

CsvColumn labels(const NetworkModel& model, const Passed& passed, Index n_rows) {
  CsvColumn out{"prediction", {}, std::vector<std::string>(at(n_rows), "NA")};
  const std::vector<Index> codes = likeliest(passed.said);
  for (std::size_t i = 0; i < codes.size(); ++i) out.texts[at(passed.rows[i])] = model.classes[at(codes[i])];
  return out;
}

void add_probabilities(const NetworkModel& model, const Passed& passed, Index n_rows, std::vector<CsvColumn>& out) {
  const Index n = std::ssize(passed.rows);
  if (model.network.outputs == 1) {
    std::vector<double> first(passed.said.eta);
    for (double& one : first) one = 1 / (1 + std::exp(one));
    out.push_back(numbers("probability_" + model.classes[0], first.data(), passed, n_rows));
    out.push_back(numbers("probability_" + model.classes[1], passed.mean.data(), passed, n_rows));
    return;
  }
  for (Index c = 0; c < model.network.outputs; ++c) {
    out.push_back(numbers("probability_" + model.classes[at(c)], passed.mean.data() + c * n, passed, n_rows));
  }
}

}  // namespace

void refuse_lambda(const LambdaChoice& choice, const NetworkModel& model) {
  const bool same = choice.rule == LambdaChoice::Rule::value && choice.value == model.lambda;
  if (choice.rule == LambdaChoice::Rule::selected || same) return;
  throw Error(ErrorKind::argument,
              "--lambda: a network's file holds one λ, " + to_text(model.lambda) + "; leave the option out");
}

Predictions run_predict(const PredictSpec& spec, const NetworkModel& model, const Table& table, const Context& context) {
  refuse_lambda(spec.lambda, model);
  if (spec.type == PredictionType::class_label && model.classes.empty()) {
    throw Error(ErrorKind::argument, "--type class: the model predicts a number; give response");
  }
  const bool several = model.network.outputs > 1;
  if (spec.type == PredictionType::link && several) {
    throw Error(ErrorKind::argument, "--type link: the model has a linear predictor for each class; give response or class");
  }
  std::vector<Index> to_keep;
  for (const std::string& name : spec.keep) to_keep.push_back(table.find(name));
  const Passed passed = pass(model, table, "", spec.unseen, context);
  Predictions out;
  out.warnings = passed.dataset.warnings;
  if (spec.type == PredictionType::class_label || several) {
    out.columns.push_back(labels(model, passed, table.rows));
  } else {
    const std::vector<double>& values = spec.type == PredictionType::link ? passed.said.eta : passed.mean;
    out.columns.push_back(numbers("prediction", values.data(), passed, table.rows));
  }
  if (!model.classes.empty()) add_probabilities(model, passed, table.rows, out.columns);
  const auto lost = table.rows - std::ssize(passed.rows);
  if (lost > 0) out.warnings.push_back(std::to_string(lost) + " rows with missing values have no prediction (NA)");
  for (const Index position : to_keep) out.columns.push_back(kept_column(table, position));
  return out;
}

EvaluateFacts run_evaluate(const EvaluateSpec& spec, const NetworkModel& model, const Table& table, const Context& context) {
  refuse_lambda(spec.lambda, model);
  const std::string target = spec.target.empty() ? model.target : spec.target;
  const Passed passed = pass(model, table, target, spec.unseen, context);
  JudgedRows rows;
  rows.y = response_like(passed.dataset.response, model.classes, table.source);
  rows.weights = judged_weights(table, spec.weights, passed.rows);
  rows.deviance = deviances(passed.said, rows.y);
  rows.n_classes = std::ssize(model.classes);
  if (rows.n_classes > 0) {
    const std::vector<Index> codes = likeliest(passed.said);
    for (std::size_t i = 0; i < codes.size(); ++i) rows.wrong.push_back(static_cast<double>(codes[i]) == rows.y[i] ? 0 : 1);
  }
  if (rows.n_classes == 0) rows.mean = passed.mean;
  EvaluateFacts facts;
  facts.n_samples = std::ssize(rows.y);
  facts.measures = measures_of(rows);
  facts.method = method_of(rows.n_classes);
  facts.table = table.source.substr(table.source.find_last_of('/') + 1);
  facts.target = target;
  facts.lambda = model.lambda;
  facts.warnings = passed.dataset.warnings;
  return facts;
}

}  // namespace riata
