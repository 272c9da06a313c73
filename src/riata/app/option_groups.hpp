#pragma once

#include "riata/app/option_rows.hpp"
#include "riata/app/spec.hpp"

/// Rows that several commands have, by heading. Each is a template over the command's Spec.
namespace riata {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kLargest = std::numeric_limits<double>::max();
inline const rows::Range kPositive{.low = 0, .high = kInfinity, .open_low = true, .open_high = true};

template <class Spec>
void add(std::vector<Option<Spec>>& table, Option<Spec> row, bool recorded = true) {
  row.recorded = recorded && row.recorded;
  static const Spec kDefaults;
  if (row.default_text.empty() && row.get && row.kind == Option<Spec>::Kind::value) row.default_text = row.get(kDefaults);
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
      {"--memory", "auto|lean|BYTES", group,
       "memory that the data may take; larger inputs are refused. auto: 80 % of what the machine or container has; lean: "
       "the "
       "same, and a fit takes at most about a fifth of the data's size, or 64 MiB, beyond the data, at some cost of time"},
      Option<Spec>::Kind::value);
  memory.set = [](Spec& spec, std::string_view value) {
    spec.lean = value == "lean";
    spec.memory_budget = spec.lean ? 0 : parse_memory(value, "--memory");
  };
  memory.get = [](const Spec& spec) { return spec.lean ? "lean" : memory_text(spec.memory_budget); };
  add(table, memory, false);
  add(table, rows::flag<Spec>({"-q,--quiet", "", group, "no progress, no warnings on stderr"}, &RunSpec::quiet), false);
  add(table, rows::flag<Spec>({"-v,--verbose", "", group, "say more on stderr"}, &RunSpec::verbose), false);
}

template <class Spec, class Owner>
void add_report(std::vector<Option<Spec>>& table, const std::string& group, std::string Owner::*member) {
  add(table,
      rows::text<Spec>({"--report", "OUT.html", group, "write a page with figures, for any browser, without a network"},
                       member),
      false);
}

template <class Spec>
void add_format(std::vector<Option<Spec>>& table, const std::string& group) {
  add(table,
      rows::choice<Spec, RunSpec, OutputFormat, OutputFormat>({"--format", "", group, "text for people, or one JSON object"},
                                                              &RunSpec::format,
                                                              {{"text", OutputFormat::text}, {"json", OutputFormat::json}}),
      false);
}

template <class Spec>
void add_columns(std::vector<Option<Spec>>& table) {
  const std::string group = "Columns (a name, or a position counted from 1)";
  add(table, rows::text<Spec>({"--target", "COL", group, "column to predict",
                               "LIBSVM: the label; no header: the last column; else required"},
                              &ModelSpec::target));
  add(table, rows::names<Spec>({"--features", "A,B", group, "columns to predict from", "all that have no other part"},
                               &ModelSpec::features));
  add(table, rows::names<Spec>({"--exclude", "A,B", group, "columns to leave out"}, &ModelSpec::exclude));
  add(table, rows::names<Spec>({"--categorical", "A,B", group, "columns of numbers to be taken as categories"},
                               &ModelSpec::categorical));
  add(table,
      rows::text<Spec>({"--weights", "COL", group, "row weights; 0 is the same as no such row"}, &ModelSpec::weights));
  add(table, rows::text<Spec>({"--offset", "COL", group, "a known part of the linear predictor"}, &ModelSpec::offset));
  add(table, rows::choice<Spec, ModelSpec, MissingPolicy, MissingPolicy>(
                 {"--missing", "", group,
                  "empty cells of features: an error; rows dropped; the mean of the training rows; mean and a 0/1 column"},
                 &ModelSpec::missing,
                 {{"error", MissingPolicy::error},
                  {"drop", MissingPolicy::drop},
                  {"mean", MissingPolicy::mean},
                  {"indicator", MissingPolicy::indicator}}));
}

template <class Spec>
void add_model(std::vector<Option<Spec>>& table) {
  const std::string group = "Model";
  add(table, rows::choice<Spec, ModelSpec, LossChoice, LossChoice>(
                 {"--loss", "", group, "auto: squared for numbers; logistic for text, true/false or exactly two values"},
                 &ModelSpec::loss,
                 {{"auto", LossChoice::automatic},
                  {"squared", LossChoice::squared},
                  {"logistic", LossChoice::logistic},
                  {"multinomial", {}},
                  {"poisson", {}},
                  {"huber", {}},
                  {"mse", {}}}));
  add(table, rows::choice<Spec, ModelSpec, std::optional<PenaltyChoice>, PenaltyChoice>(
                 {"--penalty", "", group, "l2: ridge; l1: lasso, exact zeros; elastic-net: both", "l2"}, &ModelSpec::penalty,
                 {{"none", PenaltyChoice::none},
                  {"l1", PenaltyChoice::l1},
                  {"l2", PenaltyChoice::l2},
                  {"elastic-net", PenaltyChoice::elastic_net},
                  {"lassonet", {}, "is for networks: riata train has it"},
                  {"lasso", {}, "is called l1 here: give --penalty l1"},
                  {"ridge", {}, "is called l2 here: give --penalty l2"}}));
  add(table, rows::number<double, Spec>(
                 {"--l1-ratio", "R", group, "elastic-net: share of the l1 part; 1 is the lasso, 0 ridge", "0.5"},
                 &ModelSpec::l1_ratio, {.low = 0, .high = 1}));
  add(table, rows::flag<Spec>({"--standardize,!--no-standardize", "", group,
                               "scale features to unit variance inside; coefficients come back on the original scale"},
                              &ModelSpec::standardize));
  add(table, rows::flag<Spec>({"--intercept,!--no-intercept", "", group, "fit an intercept; it is never penalised"},
                              &ModelSpec::intercept));
  add(table, rows::assignments<Spec>(
                 {"--penalty-factor", "NAME=V", group, "multiplies λ for a feature; 0: not penalised, inf: left out", "1"},
                 &ModelSpec::penalty_factor, {.low = 0}));
  add(table, rows::assignments<Spec>(
                 {"--lower", "NAME=V", group, "least value of a coefficient (0 or below); V alone: of all", "-inf"},
                 &ModelSpec::lower, {.high = 0}));
  add(table, rows::assignments<Spec>(
                 {"--upper", "NAME=V", group, "largest value of a coefficient (0 or above); V alone: of all", "inf"},
                 &ModelSpec::upper, {.low = 0}));
}

template <class Spec>
void add_strength(std::vector<Option<Spec>>& table) {
  const std::string group = "Strength of the penalty";
  Option<Spec> lambda = rows::base<Spec>(
      {"--lambda", "L[,L...]", group, "these values exactly; one value: that model, no selection", "a grid"},
      Option<Spec>::Kind::list, "finite values of at least 0");
  lambda.set = [](Spec& spec, std::string_view value) {
    const std::vector<std::string> items = split_list(value, "--lambda");
    spec.lambdas.reserve(spec.lambdas.size() + items.size());
    for (const std::string& item : items) {
      const double number = parse_number<double>(item, "--lambda");
      if (!(number >= 0) || number > kLargest) {
        throw Error(ErrorKind::argument,
                    "--lambda: " + printable(item) + " is out of range; give finite values of at least 0");
      }
      spec.lambdas.push_back(number);
    }
  };
  lambda.get = [](const Spec& spec) {
    std::vector<std::string> items;
    items.reserve(spec.lambdas.size());
    for (double value : spec.lambdas) items.push_back(to_text(value));
    return join_list(items);
  };
  add(table, lambda);
  add(table, rows::number<Index, Spec>({"--lambdas,--nlambda", "N", group, "how many values the automatic grid has", "100"},
                                       &ModelSpec::n_lambdas, {.low = 1, .high = 100000}));
  add(table,
      rows::number<double, Spec>({"--lambda-min-ratio", "R", group, "smallest value of the grid over the largest",
                                  "1e-4, or 1e-2 with fewer rows than features"},
                                 &ModelSpec::lambda_min_ratio, {.low = 0, .high = 1, .open_low = true, .open_high = true}));
  add(table, rows::choice<Spec, ModelSpec, LambdaScale, LambdaScale>(
                 {"--lambda-scale", "", group,
                  "what a given λ multiplies: mean: the penalty beside the mean loss; sum: it is divided by the sum of the "
                  "weights of the rows trained on; batch: by their number. Results always show the mean scale"},
                 &ModelSpec::lambda_scale,
                 {{"mean", LambdaScale::mean}, {"sum", LambdaScale::sum}, {"batch", LambdaScale::batch}}));
}

template <class Spec>
void add_selection(std::vector<Option<Spec>>& table) {
  const std::string group = "Cross-validation and choice";
  add(table,
      rows::number<Index, Spec>({"--folds,--nfolds", "K", group, "folds; 0: no cross-validation", "10; 0 with one --lambda"},
                                &ModelSpec::folds, {.low = 0, .high = 1e9}));
  add(table, rows::text<Spec>({"--fold-column", "COL", group, "the fold of each row"}, &ModelSpec::fold_column));
  add(table,
      rows::text<Spec>({"--group-column", "COL", group, "rows of a group stay in one fold"}, &ModelSpec::group_column));
  add(table, rows::flag<Spec>({"--folds-in-time", "", group, "rows are in order of time: train on the past only"},
                              &ModelSpec::folds_in_time));
  add(table,
      rows::choice<Spec, ModelSpec, std::optional<SelectionRule>, SelectionRule>(
          {"--select", "", group,
           "min: least error; 1se: the strongest penalty within one standard error of it; or a criterion, which needs "
           "no folds",
           "1se"},
          &ModelSpec::select,
          {{"min", SelectionRule::min},
           {"1se", SelectionRule::one_standard_error},
           {"aic", SelectionRule::aic},
           {"bic", SelectionRule::bic},
           {"ebic", SelectionRule::ebic}}));
  add(table,
      rows::choice<Spec, ModelSpec, std::optional<MeasureChoice>, MeasureChoice>(
          {"--measure", "", group,
           "what cross-validation looks at: for the squared loss the deviance is the mse; error (share of rows classified "
           "wrongly) and auc (larger is better) are for classes",
           "deviance"},
          &ModelSpec::measure,
          {{"mse", MeasureChoice::mse},
           {"mae", MeasureChoice::mae},
           {"deviance", MeasureChoice::deviance},
           {"error", MeasureChoice::error},
           {"auc", MeasureChoice::auc}}));
}

}  // namespace riata
