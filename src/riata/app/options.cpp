#include "riata/app/export.hpp"
#include "riata/app/option_groups.hpp"

namespace riata {
namespace rows {

std::string Range::words() const {
  const auto number = [](double x) {
    const bool whole = std::floor(x) == x && std::abs(x) < 1e16;
    return whole ? std::to_string(static_cast<Index>(x)) : to_text(x);
  };
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (has_low && has_high && open_low && open_high) return "a value between " + number(low) + " and " + number(high);
  if (has_low && has_high) return "a value from " + number(low) + (open_high ? " to below " : " to ") + number(high);
  if (has_low) return (open_low ? "a value above " : "a value of at least ") + number(low);
  if (has_high) return (open_high ? "a value below " : "a value of at most ") + number(high);
  return "";
}

}  // namespace rows

namespace {

void add_solving(std::vector<Option<FitSpec>>& table) {
  const std::string group = "Solving";
  add(table, rows::number<double, FitSpec>({"--tolerance", "T", group, "largest relative duality gap at every λ", "1e-6"},
                                           &FitSpec::tolerance, {.low = 0, .high = 1, .open_low = true, .open_high = true}));
  add(table, rows::number<Index, FitSpec>({"--max-iterations", "N", group, "rounds for one λ", "the solver's own bound"},
                                          &FitSpec::max_iterations, {.low = 1, .high = 1e15}));
  add(table, rows::flag<FitSpec>({"--strict", "", group, "exit 4 when a λ has not converged"}, &FitSpec::strict), false);
  add(table, rows::choice<FitSpec, FitSpec, SolverKind, SolverKind>(
                 {"--solver", "", group, "auto takes the fastest that fits"}, &FitSpec::solver,
                 {{"auto", SolverKind::automatic},
                  {"coordinate-descent", SolverKind::coordinate_descent},
                  {"newton", SolverKind::newton},
                  {"gradient-descent", SolverKind::gradient_descent}}));
  add(table, rows::choice<FitSpec, FitSpec, std::optional<L1Step>, L1Step>(
                 {"--l1-step", "", group, "gradient descent: how a step treats the l1 part", "proximal"}, &FitSpec::l1_step,
                 {{"proximal", L1Step::proximal}, {"subgradient", L1Step::subgradient}, {"clip", L1Step::clip}}));
  add(table, rows::number<double, FitSpec>({"--learning-rate", "A", group, "gradient descent: length of a step", "1/L"},
                                           &ModelSpec::learning_rate, kPositive));
  add(table, rows::number<Index, FitSpec>({"--iterations", "N", group, "gradient descent: steps", "10000"},
                                          &FitSpec::iterations, {.low = 1, .high = 1e9}));
  add(table, rows::number<Index, FitSpec>({"--seed", "N", group, "seed of the random folds"}, &ModelSpec::seed,
                                          {.low = 0, .high = 9e15}));
}

std::vector<Option<FitSpec>> fit_rows() {
  std::vector<Option<FitSpec>> table;
  add_columns(table);
  add_model(table);
  add_strength(table);
  add_selection(table);
  add_solving(table);
  add(table,
      rows::text<FitSpec>({"--model", "OUT", "Results", "write the fitted model, for predict, evaluate and inspect"},
                          &ModelSpec::model),
      false);
  add_report(table, "Results", &ModelSpec::report);
  add_format(table, "Results");
  add_reading(table);
  add_running(table);
  return table;
}

template <class Spec>
void add_lambda_choice(std::vector<Option<Spec>>& table) {
  Option<Spec> row = rows::base<Spec>({"--lambda", "L|min|1se", "Model", "which λ of the path", "the one the fit selected"},
                                      Option<Spec>::Kind::value);
  row.set = [](Spec& spec, std::string_view value) {
    if (value == "min") {
      spec.lambda = {LambdaChoice::Rule::min, 0};
    } else if (value == "1se") {
      spec.lambda = {LambdaChoice::Rule::one_standard_error, 0};
    } else {
      spec.lambda = {LambdaChoice::Rule::value, parse_number<double>(value, "--lambda")};
    }
  };
  row.get = [](const Spec&) { return std::string(); };
  add(table, row);
}

template <class Spec>
Option<Spec> unseen_row() {
  return rows::choice<Spec, Spec, UnseenPolicy, UnseenPolicy>(
      {"--unseen", "", "Model", "levels of a category that the fit has not seen: an error, as the first level, as missing"},
      &Spec::unseen,
      {{"error", UnseenPolicy::error}, {"baseline", UnseenPolicy::baseline}, {"missing", UnseenPolicy::missing}});
}

std::vector<Option<PredictSpec>> predict_rows() {
  std::vector<Option<PredictSpec>> table;
  add_lambda_choice(table);
  add(table, unseen_row<PredictSpec>());
  add(table,
      rows::choice<PredictSpec, PredictSpec, PredictionType, PredictionType>(
          {"--type", "", "Results", "the response, the linear predictor, or the class"}, &PredictSpec::type,
          {{"response", PredictionType::response}, {"link", PredictionType::link}, {"class", PredictionType::class_label}}));
  add(table, rows::names<PredictSpec>({"--keep", "COL", "Results", "columns of the table to copy beside the predictions"},
                                      &PredictSpec::keep));
  add(table, rows::text<PredictSpec>({"-o,--output", "FILE", "Results", "where to write the CSV; - is the standard output"},
                                     &PredictSpec::output));
  add_reading(table);
  add_running(table);
  return table;
}

std::vector<Option<EvaluateSpec>> evaluate_rows() {
  std::vector<Option<EvaluateSpec>> table;
  add_lambda_choice(table);
  add(table, unseen_row<EvaluateSpec>());
  add(table, rows::text<EvaluateSpec>({"--target", "COL", "Model", "column with the true values", "the model's target"},
                                      &EvaluateSpec::target));
  add(table, rows::text<EvaluateSpec>({"--weights", "COL", "Model", "row weights"}, &EvaluateSpec::weights));
  add_format(table, "Results");
  add_reading(table);
  add_running(table);
  return table;
}

std::vector<Option<InspectSpec>> inspect_rows() {
  std::vector<Option<InspectSpec>> table;
  add_lambda_choice(table);
  add_format(table, "Results");
  return table;
}

std::vector<Option<ReportSpec>> report_rows() {
  std::vector<Option<ReportSpec>> table;
  add(table,
      rows::text<ReportSpec>({"-o,--output", "FILE.html", "Results", "where to write the page; - is the standard output"},
                             &ReportSpec::output));
  return table;
}

std::vector<Option<ExportSpec>> export_rows() {
  std::vector<Option<ExportSpec>> table;
  add_lambda_choice(table);
  add(table, rows::text<ExportSpec>({"-o,--output", "FILE.onnx", "Results", "where to write it; - is the standard output"},
                                    &ExportSpec::output));
  add(table, rows::choice<ExportSpec, ExportSpec, Precision, Precision>(
                 {"--precision", "", "Results",
                  "of inputs and outputs; float32: of all in between, too, for runtimes that have no float64"},
                 &ExportSpec::precision, {{"float64", Precision::float64}, {"float32", Precision::float32}}));
  return table;
}

}  // namespace

template <>
const std::vector<Option<FitSpec>>& options<FitSpec>() {
  static const std::vector<Option<FitSpec>> kTable = fit_rows();
  return kTable;
}

template <>
const std::vector<Option<PredictSpec>>& options<PredictSpec>() {
  static const std::vector<Option<PredictSpec>> kTable = predict_rows();
  return kTable;
}

template <>
const std::vector<Option<EvaluateSpec>>& options<EvaluateSpec>() {
  static const std::vector<Option<EvaluateSpec>> kTable = evaluate_rows();
  return kTable;
}

template <>
const std::vector<Option<InspectSpec>>& options<InspectSpec>() {
  static const std::vector<Option<InspectSpec>> kTable = inspect_rows();
  return kTable;
}

template <>
const std::vector<Option<ReportSpec>>& options<ReportSpec>() {
  static const std::vector<Option<ReportSpec>> kTable = report_rows();
  return kTable;
}

template <>
const std::vector<Option<ExportSpec>>& options<ExportSpec>() {
  static const std::vector<Option<ExportSpec>> kTable = export_rows();
  return kTable;
}

}  // namespace riata
