#include "network_commands.hpp"

#include "kept_columns.hpp"
#include "model_file.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/report/train_advice.hpp"
#include "riata/report/train_facts.hpp"

namespace riata::cli {
namespace {

/// The heading of an evaluation: what the report on a linear model takes from its model.
Model heading_of(const NetworkModel& network) {
  Model model;
  model.loss = to_string(network.network.loss);
  model.penalty = network.penalty;
  model.source = network.source;
  return model;
}

}  // namespace

int predict_network(const PredictSpec& spec, const NetworkModel& model, const std::string& table, Session& session) {
  const Table rows = session.read(table, columns_as_text(spec, model.coding, model.offset_column, text_columns(model)));
  Predictions predictions = run_predict(spec, model, rows, session.context());
  keep_spelling(spec, table, rows, session, predictions);
  session.done();
  session.warn(predictions.warnings);
  const std::string text = csv_text(predictions.columns);
  spec.output == "-" ? print(text) : write_whole(spec.output, text);
  return 0;
}

int evaluate_network(const EvaluateSpec& spec, const NetworkModel& model, const std::string& table, Session& session) {
  const Table rows = session.read(table, text_columns(model));
  EvaluateFacts facts = run_evaluate(spec, model, rows, session.context());
  facts.network = network_words(model);
  session.done();
  session.warn(facts.warnings);
  const Model heading = heading_of(model);
  print(spec.format == OutputFormat::json ? evaluate_json(heading, facts) : evaluate_text(heading, facts, output_style()));
  return 0;
}

int inspect_network(const InspectSpec& spec, const NetworkModel& model) {
  refuse_lambda(spec.lambda, model);
  print(spec.format == OutputFormat::json ? inspect_json(model) : inspect_text(model, output_style()));
  return 0;
}

}  // namespace riata::cli
