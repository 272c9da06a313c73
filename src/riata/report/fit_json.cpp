#include "riata/core/json_writer.hpp"
#include "riata/core/version.hpp"
#include "riata/report/fit_advice.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/report/rows_json.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Values under the names of their features. `value(i)` belongs to the i-th listed coefficient.
template <class Value>
void write_by_feature(JsonWriter& out, const Model& model, const std::vector<Index>& indices, Value value) {
  out.begin_object();
  for (std::size_t i = 0; i < indices.size(); ++i) out.member(model.feature_names[at(indices[i])], value(i));
  out.end_object();
}

void write_path(JsonWriter& out, const Model& model) {
  out.key("path");
  out.begin_array();
  for (const ModelPoint& point : model.path) {
    out.begin_object();
    out.member("lambda", point.lambda);
    out.member("n_nonzero", point.n_nonzero);
    out.member("deviance_ratio", point.deviance_ratio);
    out.member("objective", point.objective);
    out.member("relative_gap", point.certificate.relative_gap);
    out.member("kkt_violation", point.certificate.kkt_violation);
    out.member("status", to_string(point.status));
    if (point.gcv_error) out.member("gcv_error", *point.gcv_error);
    if (point.leave_one_out_error) out.member("leave_one_out_error", *point.leave_one_out_error);
    out.end_object();
  }
  out.end_array();
}

void write_cross_validation(JsonWriter& out, const Model& model) {
  if (!model.cross_validation) return out.null_member("cross_validation");
  const ModelCrossValidation& cv = *model.cross_validation;
  out.key("cross_validation");
  out.begin_object();
  out.member("folds", cv.n_folds);
  out.member("measure", cv.measure);
  out.member("mean", cv.mean);
  out.member("standard_error", cv.standard_error);
  out.member("lambda_min", model.path[at(cv.index_min)].lambda);
  out.member("lambda_1se", model.path[at(cv.index_1se)].lambda);
  out.end_object();
}

void write_frequency(JsonWriter& out, const Model& model) {
  std::vector<Index> selected;
  const std::vector<double> none;
  const std::vector<double>& shares = model.cross_validation ? model.cross_validation->selection_frequency : none;
  for (std::size_t j = 0; j < shares.size(); ++j) {
    if (shares[j] > 0) selected.push_back(static_cast<Index>(j));
  }
  out.key("selection_frequency");
  write_by_feature(out, model, selected, [&](std::size_t i) { return shares[at(selected[i])]; });
}

void write_solution(JsonWriter& out, const Model& model, std::optional<Index> index) {
  if (!index) {
    for (const char* key :
         {"selected", "intercept", "coefficients", "standardized_coefficients", "selection_frequency", "certificate"}) {
      out.null_member(key);
    }
    return;
  }
  const ModelPoint& point = model.path[at(*index)];
  const bool as_fitted = model.selected && *index == model.selected->index;
  out.key("selected");
  out.begin_object();
  out.member("rule", as_fitted ? model.selected->rule : "given");
  out.member("lambda", point.lambda);
  out.member("index", *index);
  out.end_object();
  const SparseCoefficients coefficients = point.coefficients.value_or(SparseCoefficients{});
  out.member("intercept", point.intercept);
  out.key("coefficients");
  write_by_feature(out, model, coefficients.indices, [&](std::size_t i) { return coefficients.values[i]; });
  out.key("standardized_coefficients");
  write_by_feature(out, model, coefficients.indices, [&](std::size_t i) {
    return coefficients.values[i] * model.standard_deviation[at(coefficients.indices[i])];
  });
  write_frequency(out, model);
  out.key("certificate");
  out.begin_object();
  out.member("relative_gap", point.certificate.relative_gap);
  out.member("kkt_violation", point.certificate.kkt_violation);
  out.end_object();
}

void write_trajectory(JsonWriter& out, const char* key, const Model& model, const Trajectory& trajectory) {
  out.key(key);
  out.begin_array();
  for (const TrajectoryRow& row : trajectory.rows) {
    out.begin_object();
    out.member("iteration", row.iteration);
    out.member("objective", row.objective);
    out.member("intercept", row.intercept);
    out.key("coefficients");
    write_by_feature(out, model, row.coefficients.indices, [&](std::size_t i) { return row.coefficients.values[i]; });
    out.end_object();
  }
  out.end_array();
}

/// What makes a trajectory's coefficients those per standard deviation.
void write_deviations(JsonWriter& out, const Model& model) {
  out.key("standard_deviations");
  out.begin_object();
  for (std::size_t j = 0; j < model.feature_names.size(); ++j)
    out.member(model.feature_names[j], model.standard_deviation[j]);
  out.end_object();
}

/// Features that could stand in for those of the chosen model; null where a page alone would have looked for them.
void write_stand_ins(JsonWriter& out, const Model& model, std::optional<Index> index) {
  const bool chosen = model.selected && index == model.selected->index;
  if (!chosen || !model.findings.stand_ins) return out.null_member("stand_ins");
  out.key("stand_ins");
  out.begin_array();
  for (const StandIns& one : *model.findings.stand_ins) {
    out.begin_object();
    out.member("feature", model.feature_names[at(one.feature)]);
    out.member("n_others", one.n_others);
    out.key("correlations");
    out.begin_object();
    for (const StandIns::Other& other : one.others) out.member(model.feature_names[at(other.feature)], other.correlation);
    out.end_object();
    out.end_object();
  }
  out.end_array();
}

void write_facts(JsonWriter& out, const Model& model, std::string_view command, std::optional<Index> index) {
  out.member("riata", command == "fit" ? version() : std::string_view(model.riata));
  out.member("command", command);
  out.member("status", to_string(model.status));
  out.member("n_samples", model.n_samples);
  out.member("n_features", model.feature_names.size());
  out.member("loss", model.loss);
  if (!model.classes.empty()) {
    out.member("classes", model.classes);
    out.member("positive_class", model.classes.back());
  }
  out.member("penalty", model.penalty);
  out.member("l1_ratio", model.l1_ratio);
  out.member("standardize", model.standardize);
  out.member("intercept_fitted", model.intercept);
  out.member("objective", model.objective);
  write_path(out, model);
  write_cross_validation(out, model);
  write_solution(out, model, index);
  out.member("warnings", fit_warnings(model, index));
}

}  // namespace

std::string fit_json(const FitFacts& facts) {
  const Model& model = facts.model;
  std::optional<Index> index;
  if (model.selected) index = model.selected->index;
  JsonWriter out;
  out.begin_object();
  write_facts(out, model, "fit", index);
  out.key("seconds");
  out.begin_object();
  out.member("read", facts.seconds.read);
  out.member("fit", facts.seconds.fit);
  out.member("cross_validation", facts.seconds.cross_validation);
  out.end_object();
  write_stand_ins(out, model, index);
  write_rows(out, facts.rows, model.classes.size() == 2);
  if (facts.trajectory) write_trajectory(out, "trajectory", model, *facts.trajectory);
  if (facts.other_trajectory) {
    out.member("other_penalty", model.penalty == "l1" ? "l2" : "l1");
    write_trajectory(out, "other_trajectory", model, *facts.other_trajectory);
  }
  if (facts.trajectory) write_deviations(out, model);
  out.end_object();
  return out.text() + "\n";
}

std::string inspect_json(const Model& model, std::optional<Index> index) {
  JsonWriter out;
  out.begin_object();
  write_facts(out, model, "inspect", index);
  out.member("target", model.target);
  out.member("table", model.source);
  out.key("options");
  out.begin_object();
  for (const auto& [name, value] : model.options) out.member(name, value);
  out.end_object();
  write_stand_ins(out, model, index);
  out.end_object();
  return out.text() + "\n";
}

}  // namespace riata
