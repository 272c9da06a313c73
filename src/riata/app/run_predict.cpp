#include <limits>

#include "riata/app/apply_model.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/data/column_values.hpp"

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Values of the predicted rows, at their places in the table.
CsvColumn numbers(std::string name, const std::vector<double>& values, const Applied& applied, Index n_rows) {
  CsvColumn out{std::move(name), std::vector<double>(static_cast<std::size_t>(n_rows), kNone), {}};
  for (std::size_t i = 0; i < values.size(); ++i) out.numbers[static_cast<std::size_t>(applied.rows[i])] = values[i];
  return out;
}

CsvColumn classes(const Model& model, const Applied& applied, Index n_rows) {
  CsvColumn out{"prediction", {}, std::vector<std::string>(static_cast<std::size_t>(n_rows), "NA")};
  for (std::size_t i = 0; i < applied.eta.size(); ++i) {
    out.texts[static_cast<std::size_t>(applied.rows[i])] = model.classes[applied.eta[i] > 0 ? 1 : 0];
  }
  return out;
}

}  // namespace

CsvColumn kept_column(const Table& table, Index position) {
  CsvColumn out{table.column_name(position), {}, {}};
  if (position < std::ssize(table.columns)) {
    const Column& column = table.columns[static_cast<std::size_t>(position)];
    if (kind_of(column) == ColumnKind::text) {
      out.texts = read_texts(column);
      return out;
    }
  }
  const Labels labels = read_labels(table, position);
  for (std::int32_t code : labels.codes) {
    out.texts.push_back(code < 0 ? std::string() : labels.levels[static_cast<std::size_t>(code)]);
  }
  return out;
}

Predictions run_predict(const PredictSpec& spec, const Model& model, const Table& table, const Context& context) {
  if (spec.type == PredictionType::class_label && model.classes.empty()) {
    throw Error(ErrorKind::argument, "--type class: the model predicts a number (loss " + model.loss + "); give response");
  }
  const Index point = choose_lambda(model, spec.lambda);
  std::vector<Index> to_keep;
  for (const std::string& name : spec.keep) to_keep.push_back(table.find(name));
  const Applied applied = apply_model(model, point, table, "", spec.unseen, context);

  Predictions out;
  out.warnings = applied.dataset.warnings;
  const auto loss = loss_by_name(model.loss);
  std::vector<double> response(applied.eta.size());
  loss->inverse_link(applied.eta, response);
  switch (spec.type) {
    case PredictionType::response: out.columns.push_back(numbers("prediction", response, applied, table.rows)); break;
    case PredictionType::link: out.columns.push_back(numbers("prediction", applied.eta, applied, table.rows)); break;
    case PredictionType::class_label: out.columns.push_back(classes(model, applied, table.rows)); break;
  }
  if (!model.classes.empty()) {
    std::vector<double> other(applied.eta);
    for (double& eta : other) eta = -eta;
    loss->inverse_link(other, other);  // 1 − p at no loss of digits
    out.columns.push_back(numbers("probability_" + model.classes[0], other, applied, table.rows));
    out.columns.push_back(numbers("probability_" + model.classes[1], response, applied, table.rows));
  }
  const auto lost = table.rows - std::ssize(response);
  if (lost > 0) out.warnings.push_back(std::to_string(lost) + " rows with missing values have no prediction (NA)");
  for (const Index position : to_keep) out.columns.push_back(kept_column(table, position));
  return out;
}

}  // namespace riata
