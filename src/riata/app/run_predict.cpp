#include <limits>

#include "riata/app/apply_model.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/data/column_values.hpp"

namespace riata {

Predictions run_predict(const PredictSpec& spec, const Model& model, const Table& table, const Context& context) {
  if (spec.type == PredictionType::class_label) {
    throw Error(ErrorKind::argument, "--type class: the model predicts a number (loss " + model.loss + "); give response");
  }
  const Index point = choose_lambda(model, spec.lambda);
  std::vector<Index> kept;
  kept.reserve(spec.keep.size());
  for (const std::string& name : spec.keep) kept.push_back(table.find(name));
  const Applied applied = apply_model(model, point, table, "", spec.unseen, context);

  Predictions out;
  out.warnings = applied.dataset.warnings;
  out.values.assign(static_cast<std::size_t>(table.rows), std::numeric_limits<double>::quiet_NaN());
  std::vector<double> response(applied.eta.size());
  if (spec.type == PredictionType::response) {
    loss_by_name(model.loss)->inverse_link(applied.eta, response);
  } else {
    response = applied.eta;
  }
  for (std::size_t i = 0; i < response.size(); ++i) out.values[static_cast<std::size_t>(applied.rows[i])] = response[i];
  const auto lost = table.rows - std::ssize(response);
  if (lost > 0) out.warnings.push_back(std::to_string(lost) + " rows with missing values have no prediction (NA)");
  for (Index position : kept) {
    out.kept_names.push_back(table.column_name(position));
    const Labels labels = read_labels(table, position);
    std::vector<std::string>& column = out.kept.emplace_back();
    for (std::int32_t code : labels.codes) {
      column.push_back(code < 0 ? std::string() : labels.levels[static_cast<std::size_t>(code)]);
    }
  }
  return out;
}

}  // namespace riata
