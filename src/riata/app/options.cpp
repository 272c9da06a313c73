#include "riata/app/option_rows.hpp"
#include "riata/app/spec.hpp"

namespace riata {
namespace rows {

std::string Range::words() const {
  const auto number = [](double x) {
    const bool whole = std::floor(x) == x && std::abs(x) < 1e16;
    return whole ? std::to_string(static_cast<Index>(x)) : to_text(x);
  };
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (has_low && has_high && open_low && open_high) return "a value between " + number(low) + " and " + number(high);
  if (has_low && has_high) return "a value from " + number(low) + " to " + number(high);
  if (has_low) return (open_low ? "a value above " : "a value of at least ") + number(low);
  if (has_high) return (open_high ? "a value below " : "a value of at most ") + number(high);
  return "";
}

}  // namespace rows

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();
const rows::Range kPositive{.low = 0, .high = kInfinity, .open_low = true, .open_high = true};

template <class Spec>
void add(std::vector<Option<Spec>>& table, Option<Spec> row, bool recorded = true) {
  row.recorded = recorded && row.recorded;
  static const Spec defaults;
  if (row.default_text.empty() && row.get && row.kind == Option<Spec>::Kind::value) row.default_text = row.get(defaults);
  table.push_back(std::move(row));
}

template <class Spec>
void add_reading(std::vector<Option<Spec>>& table) {
  const std::string group = "Reading";
  add(table,
      rows::choice<Spec, RunSpec, Header, Header>(
          {"--header", "", group, "whether the first line names the columns; auto: it does unless every field is a number"},
          &RunSpec::header, {{"auto", Header::automatic}, {"yes", Header::yes}, {"no", Header::no}}),
      false);
  add(table,
      rows::text<Spec>({"--encoding", "NAME", group, "encoding of a text table; any that iconv knows, such as gb18030"},
                       &RunSpec::encoding),
      false);
}

template <class Spec>
void add_running(std::vector<Option<Spec>>& table) {
  const std::string group = "Running";
  add(table,
      rows::number<Index, Spec>({"--threads", "N", group, "threads to use; results never depend on it", "all cores"},
                                &RunSpec::threads, {.low = 1, .high = 1024}),
      false);
  Option<Spec> memory = rows::base<Spec>(
      {"--memory", "auto|BYTES", group,
       "memory that the data may take; larger inputs are refused. auto: 80 % of what the machine or container has"},
      Option<Spec>::Kind::value);
  memory.set = [](Spec& spec, std::string_view value) { spec.memory_budget = parse_memory(value, "--memory"); };
  memory.get = [](const Spec& spec) { return memory_text(spec.memory_budget); };
  add(table, memory, false);
  add(table, rows::flag<Spec>({"-q,--quiet", "", group, "no progress, no warnings on stderr"}, &RunSpec::quiet), false);
  add(table, rows::flag<Spec>({"-v,--verbose", "", group, "say more on stderr"}, &RunSpec::verbose), false);
}

template <class Spec>
void add_format(std::vector<Option<Spec>>& table, const std::string& group) {
  add(table,
      rows::choice<Spec, RunSpec, OutputFormat, OutputFormat>({"--format", "", group, "text for people, or one JSON object"},
                                                              &RunSpec::format,
                                                              {{"text", OutputFormat::text}, {"json", OutputFormat::json}}),
      false);
}

void add_columns(std::vector<Option<FitSpec>>& table) {
  const std::string group = "Columns (a name, or a position counted from 1)";
  add(table, rows::text<FitSpec>({"--target", "COL", group, "column to predict",
                                  "LIBSVM: the label; no header: the last column; else required"},
                                 &FitSpec::target));
  add(table, rows::names<FitSpec>({"--features", "A,B", group, "columns to predict from", "all that have no other part"},
                                  &FitSpec::features));
  add(table, rows::names<FitSpec>({"--exclude", "A,B", group, "columns to leave out"}, &FitSpec::exclude));
  add(table, rows::names<FitSpec>({"--categorical", "A,B", group, "columns of numbers to be taken as categories"},
                                  &FitSpec::categorical));
  add(table,
      rows::text<FitSpec>({"--weights", "COL", group, "row weights; 0 is the same as no such row"}, &FitSpec::weights));
  add(table, rows::text<FitSpec>({"--offset", "COL", group, "a known part of the linear predictor"}, &FitSpec::offset));
  add(table, rows::choice<FitSpec, FitSpec, MissingPolicy, MissingPolicy>(
                 {"--missing", "", group,
                  "empty cells of features: an error; rows dropped; the mean of the training rows; mean and a 0/1 column"},
                 &FitSpec::missing,
                 {{"error", MissingPolicy::error},
                  {"drop", MissingPolicy::drop},
                  {"mean", MissingPolicy::mean},
                  {"indicator", MissingPolicy::indicator}}));
}

void add_model(std::vector<Option<FitSpec>>& table) {
  const std::string group = "Model";
  add(table,
      rows::choice<FitSpec, FitSpec, LossChoice, LossChoice>(
          {"--loss", "", group, "auto: squared for numbers; text, true/false or two values are classes"}, &FitSpec::loss,
          {{"auto", LossChoice::automatic},
           {"squared", LossChoice::squared},
           {"logistic", {}},
           {"multinomial", {}},
           {"poisson", {}},
           {"huber", {}},
           {"mse", {}}}));
  add(table, rows::choice<FitSpec, FitSpec, std::optional<PenaltyChoice>, PenaltyChoice>(
                 {"--penalty", "", group, "l2: ridge; l1: lasso, exact zeros; elastic-net: both", "l2"}, &FitSpec::penalty,
                 {{"none", PenaltyChoice::none},
                  {"l1", PenaltyChoice::l1},
                  {"l2", PenaltyChoice::l2},
                  {"elastic-net", PenaltyChoice::elastic_net}}));
  add(table, rows::number<double, FitSpec>(
                 {"--l1-ratio", "R", group, "elastic-net: share of the l1 part; 1 is the lasso, 0 ridge", "0.5"},
                 &FitSpec::l1_ratio, {.low = 0, .high = 1}));
  add(table, rows::flag<FitSpec>({"--standardize,!--no-standardize", "", group,
                                  "scale features to unit variance inside; coefficients come back on the original scale"},
                                 &FitSpec::standardize));
  add(table, rows::flag<FitSpec>({"--intercept,!--no-intercept", "", group, "fit an intercept; it is never penalised"},
                                 &FitSpec::intercept));
  add(table, rows::assignments<FitSpec>(
                 {"--penalty-factor", "NAME=V", group, "multiplies λ for a feature; 0: not penalised, inf: left out", "1"},
                 &FitSpec::penalty_factor, {.low = 0}));
  add(table, rows::assignments<FitSpec>({"--lower", "NAME=V", group, "least value of a coefficient (0 or below)", "-inf"},
                                        &FitSpec::lower, {.high = 0}));
  add(table, rows::assignments<FitSpec>({"--upper", "NAME=V", group, "largest value of a coefficient (0 or above)", "inf"},
                                        &FitSpec::upper, {.low = 0}));
}

void add_strength(std::vector<Option<FitSpec>>& table) {
  const std::string group = "Strength of the penalty";
  Option<FitSpec> lambda = rows::base<FitSpec>(
      {"--lambda", "L[,L...]", group, "these values exactly; one value: that model, no selection", "a grid"},
      Option<FitSpec>::Kind::list, "finite values of at least 0");
  lambda.set = [](FitSpec& spec, std::string_view value) {
    for (const std::string& item : split_list(value, "--lambda")) {
      const double number = parse_number<double>(item, "--lambda");
      if (!(number >= 0) || number > kLargest) {
        throw Error(ErrorKind::argument,
                    "--lambda: " + printable(item) + " is out of range; give finite values of at least 0");
      }
      spec.lambdas.push_back(number);
    }
  };
  lambda.get = [](const FitSpec& spec) {
    std::vector<std::string> items;
    for (double value : spec.lambdas) items.push_back(to_text(value));
    return join_list(items);
  };
  add(table, lambda);
  add(table,
      rows::number<Index, FitSpec>({"--lambdas,--nlambda", "N", group, "how many values the automatic grid has", "100"},
                                   &FitSpec::n_lambdas, {.low = 1, .high = 100000}));
  add(table,
      rows::number<double, FitSpec>({"--lambda-min-ratio", "R", group, "smallest value of the grid over the largest",
                                     "1e-4, or 1e-2 with fewer rows than features"},
                                    &FitSpec::lambda_min_ratio, {.low = 0, .high = 1, .open_low = true, .open_high = true}));
  add(table,
      rows::choice<FitSpec, FitSpec, LambdaScale, LambdaScale>(
          {"--lambda-scale", "", group,
           "what a given λ multiplies: mean: the penalty beside the mean loss; sum: it is divided by the sum of the "
           "weights of the rows trained on; batch: by their number. Results always show the mean scale"},
          &FitSpec::lambda_scale, {{"mean", LambdaScale::mean}, {"sum", LambdaScale::sum}, {"batch", LambdaScale::batch}}));
}

void add_selection(std::vector<Option<FitSpec>>& table) {
  const std::string group = "Cross-validation and choice";
  add(table, rows::number<Index, FitSpec>(
                 {"--folds,--nfolds", "K", group, "folds; 0: no cross-validation", "10; 0 with one --lambda"},
                 &FitSpec::folds, {.low = 0, .high = 1e9}));
  add(table, rows::text<FitSpec>({"--fold-column", "COL", group, "the fold of each row"}, &FitSpec::fold_column));
  add(table,
      rows::text<FitSpec>({"--group-column", "COL", group, "rows of a group stay in one fold"}, &FitSpec::group_column));
  add(table, rows::flag<FitSpec>({"--folds-in-time", "", group, "rows are in order of time: train on the past only"},
                                 &FitSpec::folds_in_time));
  add(table,
      rows::choice<FitSpec, FitSpec, std::optional<SelectionRule>, SelectionRule>(
          {"--select", "", group,
           "min: least error; 1se: the strongest penalty within one standard error of it; or a criterion, which needs "
           "no folds",
           "1se"},
          &FitSpec::select,
          {{"min", SelectionRule::min},
           {"1se", SelectionRule::one_standard_error},
           {"aic", SelectionRule::aic},
           {"bic", SelectionRule::bic},
           {"ebic", SelectionRule::ebic}}));
  add(table, rows::choice<FitSpec, FitSpec, std::optional<MeasureChoice>, MeasureChoice>(
                 {"--measure", "", group,
                  "error that cross-validation looks at; for the squared loss the deviance is the mse", "deviance"},
                 &FitSpec::measure,
                 {{"mse", MeasureChoice::mse},
                  {"mae", MeasureChoice::mae},
                  {"deviance", MeasureChoice::deviance},
                  {"error", {}},
                  {"auc", {}}}));
}

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
                                           &FitSpec::learning_rate, kPositive));
  add(table, rows::number<Index, FitSpec>({"--iterations", "N", group, "gradient descent: steps", "10000"},
                                          &FitSpec::iterations, {.low = 1, .high = 1e9}));
  add(table, rows::number<Index, FitSpec>({"--seed", "N", group, "seed of the random folds"}, &FitSpec::seed,
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
                          &FitSpec::model),
      false);
  add(table,
      rows::text<FitSpec>(
          {"--report", "OUT.html", "Results", "write a page with figures, for any browser, without a network"},
          &FitSpec::report),
      false);
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

}  // namespace

template <>
const std::vector<Option<FitSpec>>& options<FitSpec>() {
  static const std::vector<Option<FitSpec>> table = fit_rows();
  return table;
}

template <>
const std::vector<Option<PredictSpec>>& options<PredictSpec>() {
  static const std::vector<Option<PredictSpec>> table = predict_rows();
  return table;
}

template <>
const std::vector<Option<EvaluateSpec>>& options<EvaluateSpec>() {
  static const std::vector<Option<EvaluateSpec>> table = evaluate_rows();
  return table;
}

template <>
const std::vector<Option<InspectSpec>>& options<InspectSpec>() {
  static const std::vector<Option<InspectSpec>> table = inspect_rows();
  return table;
}

template <>
const std::vector<Option<ReportSpec>>& options<ReportSpec>() {
  static const std::vector<Option<ReportSpec>> table = report_rows();
  return table;
}

}  // namespace riata
