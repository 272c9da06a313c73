#include "riata/core/json_writer.hpp"
#include "riata/core/version.hpp"
#include "riata/model/coding_json.hpp"
#include "riata/model/model.hpp"
#include "riata/model/model_file.hpp"

namespace riata {
namespace {

void write(JsonWriter& out, const ModelPoint& point) {
  out.line_break();
  out.begin_object();
  out.member("lambda", point.lambda);
  out.member("intercept", point.intercept);
  out.member("n_nonzero", point.n_nonzero);
  if (point.coefficients) {
    out.member("indices", point.coefficients->indices);
    out.member("values", point.coefficients->values);
  } else {
    out.null_member("indices");
    out.null_member("values");
  }
  out.member("objective", point.objective);
  out.member("deviance_ratio", point.deviance_ratio);
  out.member("degrees_of_freedom", point.degrees_of_freedom);
  if (point.gcv_error) out.member("gcv_error", *point.gcv_error);
  if (point.leave_one_out_error) out.member("leave_one_out_error", *point.leave_one_out_error);
  out.member("relative_gap", point.certificate.relative_gap);
  out.member("kkt_violation", point.certificate.kkt_violation);
  out.member("status", to_string(point.status));
  out.end_object();
}

void write(JsonWriter& out, const ModelCrossValidation& cv) {
  out.begin_object();
  out.member("folds", cv.n_folds);
  out.member("measure", cv.measure);
  out.member("mean", cv.mean);
  out.member("standard_error", cv.standard_error);
  out.member("index_min", cv.index_min);
  out.member("index_1se", cv.index_1se);
  out.member("selection_frequency", cv.selection_frequency);
  out.end_object();
}

void write_fit(JsonWriter& out, const Model& model) {
  out.key("path");
  out.begin_array();
  for (const ModelPoint& point : model.path) write(out, point);
  out.end_array();
  out.line_break();
  out.key("cross_validation");
  model.cross_validation ? write(out, *model.cross_validation) : out.null();
  out.line_break();
  out.key("selected");
  if (model.selected) {
    out.begin_object();
    out.member("rule", model.selected->rule);
    out.member("index", model.selected->index);
    out.end_object();
  } else {
    out.null();
  }
  out.line_break();
  out.key("findings");
  write_findings(out, model.findings);
}

void write(JsonWriter& out, const Model& model) {
  out.begin_object();
  out.line_break();
  out.key("options");
  out.begin_array();
  for (const auto& [name, value] : model.options) out.value(std::vector<std::string>{name, value});
  out.end_array();
  out.member("source", model.source);
  out.member("target", model.target);
  out.member("classes", model.classes);
  out.member("weights_column", model.weights_column);
  out.member("offset_column", model.offset_column);
  out.member("n_samples", model.n_samples);
  out.member("total_weight", model.total_weight);
  out.member("null_deviance", model.null_deviance);
  out.member("loss", model.loss);
  out.member("penalty", model.penalty);
  out.member("l1_ratio", model.l1_ratio);
  out.member("standardize", model.standardize);
  out.member("intercept_fitted", model.intercept);
  out.member("objective", model.objective);
  out.member("solver", model.solver);
  out.member("status", to_string(model.status));
  out.member("warnings", model.warnings);
  out.line_break();
  out.key("coding");
  write_coding(out, model.coding);
  out.line_break();
  out.member("feature_names", model.feature_names);
  out.member("standard_deviation", model.standard_deviation);
  out.line_break();
  write_fit(out, model);
  out.end_object();
}

}  // namespace

std::string write_model(const Model& model) {
  JsonWriter out;
  out.text() = std::string(model_file::kMagic) + std::to_string(kModelFormat) + ",\"riata\":" + json_string(version()) +
               std::string(model_file::kChecksumKey);
  const std::size_t digits_at = out.text().size();
  out.text() += std::string(model_file::kChecksumDigits, '0') + "\",\"model\":";
  write(out, model);
  std::string text = std::move(out.text()) + "}\n";
  text.replace(digits_at, model_file::kChecksumDigits, model_checksum(text, digits_at));
  return text;
}

}  // namespace riata
