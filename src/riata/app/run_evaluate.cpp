#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/app/apply_model.hpp"
#include "riata/app/intervals.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/row_columns.hpp"
#include "riata/selection/auc.hpp"

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// DeLong's standard error: that of the mean placements of both classes.
MeasuredValue auc(const std::vector<double>& y, const std::vector<double>& eta, const std::vector<double>& w) {
  const std::vector<double> placed = placements(y, eta, w);
  Mean of[2];
  for (const int c : {0, 1}) {
    std::vector<double> own(w);
    for (std::size_t i = 0; i < y.size(); ++i) own[i] = y[i] == c ? w[i] : 0;
    if (!(std::accumulate(own.begin(), own.end(), 0.0) > 0)) return {"auc", kNone, kNone, kNone};
    of[c] = weighted_mean(placed, own);
  }
  return symmetric_interval("auc", {of[1].value, std::hypot(of[0].error, of[1].error)}, 0, 1);
}

/// The target as the model's codes 0 and 1; a class the model has not seen is refused by its row.
std::vector<double> class_codes(const Model& model, const Response& response, const Table& table,
                                const std::vector<Index>& rows) {
  const Index position = table.find(response.name);
  std::vector<double> codes;
  for (std::size_t i = 0; i < response.values.size(); ++i) {
    const std::string label = response.classes.empty() ? to_text(response.values[i] + 0.0)
                                                       : response.classes[static_cast<std::size_t>(response.values[i])];
    const auto found = std::ranges::find(model.classes, label);
    if (found == model.classes.end()) {
      throw Error(ErrorKind::input,
                  "'" + printable(label) + "' is not a class of the model, which tells '" + printable(model.classes[0]) +
                      "' from '" + printable(model.classes[1]) + "'",
                  table.place(rows[i], position));
    }
    codes.push_back(static_cast<double>(found - model.classes.begin()));
  }
  return codes;
}

struct Rows {
  std::vector<double> y, eta, mean, weights;
};

/// Twice the loss of each row, whose least is 0: for the squared loss the squared error.
std::vector<double> deviances(const Model& model, const Rows& rows) {
  std::vector<double> out(rows.y.size());
  loss_by_name(model.loss)->value(rows.y, rows.eta, out);
  for (double& one : out) one *= 2;
  return out;
}

std::vector<MeasuredValue> measures_of(const Model& model, const Rows& rows) {
  const std::size_t n = rows.y.size();
  std::vector<double> squares(n), sizes(n), wrong(n);
  for (std::size_t i = 0; i < n; ++i) {
    sizes[i] = std::abs(rows.y[i] - rows.mean[i]);
    squares[i] = sizes[i] * sizes[i];
    wrong[i] = (rows.eta[i] > 0) == (rows.y[i] > 0.5) ? 0 : 1;
  }
  const auto& w = rows.weights;
  const MeasuredValue mse = mean_interval("mse", squares, w);
  const MeasuredValue mae = mean_interval("mae", sizes, w);
  const MeasuredValue deviance = mean_interval("deviance", deviances(model, rows), w);
  if (model.classes.empty()) return {mse, mae, r_squared(squares, rows.y, w), deviance};
  return {deviance, share_interval("error", wrong, w), auc(rows.y, rows.eta, w), mse, mae};
}

}  // namespace

EvaluateFacts run_evaluate(const EvaluateSpec& spec, const Model& model, const Table& table, const Context& context) {
  const std::string target = spec.target.empty() ? model.target : spec.target;
  const Index point = choose_lambda(model, spec.lambda);
  Applied applied = apply_model(model, point, table, target, spec.unseen, context);
  const Response& response = applied.dataset.response;
  if (model.classes.empty() && !response.classes.empty()) {
    throw Error(ErrorKind::input, "the target '" + printable(target) + "' holds no numbers", table.source);
  }
  Rows rows;
  rows.y = model.classes.empty() ? response.values : class_codes(model, response, table, applied.rows);
  rows.weights.assign(rows.y.size(), 1.0);
  if (!spec.weights.empty()) {
    rows.weights = read_weights(table, table.find(spec.weights));
    keep_rows(rows.weights, applied.rows);
  }
  rows.eta = std::move(applied.eta);
  rows.mean.resize(rows.eta.size());
  loss_by_name(model.loss)->inverse_link(rows.eta, rows.mean);
  EvaluateFacts facts;
  facts.table = table.source.substr(table.source.find_last_of('/') + 1);
  facts.target = target;
  facts.n_samples = std::ranges::count_if(rows.weights, [](double w) { return w > 0; });
  facts.lambda = model.path[static_cast<std::size_t>(point)].lambda;
  facts.measures = measures_of(model, rows);
  const std::string others = model.classes.empty() ? "r2: delta method" : "error: Wilson; auc: DeLong";
  facts.method =
      "95 %, means over independent rows corrected for skewness (Hall 1992; " + others + "); the model is taken as fixed";
  facts.warnings = applied.dataset.warnings;
  return facts;
}

}  // namespace riata
