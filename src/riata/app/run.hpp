#pragma once

#include <string>
#include <vector>

#include "riata/app/kept_parts.hpp"
#include "riata/app/spec.hpp"
#include "riata/core/context.hpp"
#include "riata/data/table.hpp"
#include "riata/model/model.hpp"
#include "riata/report/compare_facts.hpp"
#include "riata/report/csv.hpp"
#include "riata/report/evaluate_facts.hpp"
#include "riata/report/fit_facts.hpp"

namespace riata {

/// What the subcommands do, as functions of plain values: no files, no printing.

/// Which options can stand together, known before any table is read. Throws Error(argument) naming both.
void check(const FitSpec& spec);
void check(const CompareSpec& spec);

/// Table → path, cross-validation, choice, model. An interrupt leaves what is finished, with Status::interrupted.
/// Throws Error(run) when the fit diverged.
FitFacts run_fit(const FitSpec& spec, const Table& table, const Context& context);

/// None, l2, l1 and elastic-net on the same folds, λ (and the mixture) chosen inside; what was measured; advice.
/// `parts`: the finished trainings of a contest on a network. Throws Error(run) when interrupted.
CompareFacts run_compare(const CompareSpec& spec, const Table& table, const Context& context, const KeptParts& parts = {});

/// Predictions for the rows of a table: `prediction`; for a model of classes `probability_<class>` of each; and the columns
/// to copy beside them. NaN, or no text, where a row cannot be predicted (a missing value in a model fitted with rows
/// dropped). `prediction` is the mean of the response (for classes the probability of the second one), the linear predictor,
/// or the likelier class.
struct Predictions {
  std::vector<CsvColumn> columns;
  std::vector<std::string> warnings;
};

/// A column of the table to copy, its cells as text.
CsvColumn kept_column(const Table& table, Index position);

Predictions run_predict(const PredictSpec& spec, const Model& model, const Table& table, const Context& context);

EvaluateFacts run_evaluate(const EvaluateSpec& spec, const Model& model, const Table& table, const Context& context);

/// Position in the model's path. Throws Error(argument) saying which λ there are.
Index choose_lambda(const Model& model, const LambdaChoice& choice);

/// The λ to inspect: nothing when none was asked for and the model has no selection.
std::optional<Index> inspect_lambda(const Model& model, const LambdaChoice& choice);

}  // namespace riata
