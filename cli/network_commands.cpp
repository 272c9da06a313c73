#include "network_commands.hpp"

#include <algorithm>

#include "model_file.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/text.hpp"
#include "riata/report/train_advice.hpp"
#include "riata/report/train_facts.hpp"

namespace riata::cli {
namespace {

/// Besides the model's categories, columns that are only copied: those keep their spelling.
std::vector<std::string> columns_as_text(const PredictSpec& spec, const NetworkModel& model) {
  std::vector<std::string> out = text_columns(model);
  for (const std::string& name : spec.keep) {
    const bool feature =
        std::ranges::any_of(model.coding.features, [&](const FeatureCoding& one) { return one.name == name; });
    if (!feature && name != model.offset_column && !parse_index(name)) out.push_back(name);
  }
  return out;
}

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
  const Table rows = session.read(table, columns_as_text(spec, model));
  const Predictions predictions = run_predict(spec, model, rows, session.context());
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
