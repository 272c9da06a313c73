#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/app/spec.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/dataset.hpp"
#include "riata/data/folds.hpp"
#include "riata/path/path.hpp"
#include "riata/solver/column_error.hpp"
#include "riata/solver/problem.hpp"

namespace riata {

/// A FitSpec and a table made into what the engine takes. Owns what `problem` points to, so it is not copied.
struct FitProblem {
  FitProblem(const FitSpec& spec, const Table& table, const Context& context);
  FitProblem(const FitProblem&) = delete;
  FitProblem& operator=(const FitProblem&) = delete;

  Dataset dataset;
  std::vector<double> factor, lower, upper;
  Problem problem;
  PenaltySpec penalty;
  double total_weight = 0;
};

/// What `function` finds wrong with a column, known by number, or with the response names the table and the column.
template <class Function>
auto with_names(const Table& table, const Dataset& dataset, Function function) {
  try {
    return function();
  } catch (const ColumnError& error) {
    const std::string& name = dataset.feature_names[static_cast<std::size_t>(error.column())];
    throw Error(error.kind(), error.named(printable(name)).message(), printable(table.source));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input || !error.where().empty()) throw;
    throw Error(error.kind(), error.message(), printable(table.source));
  }
}

/// One value a coded column. A name may be a table's column (all its coded columns) or a coded column, an empty one means
/// all; of several that fit the last counts. Throws Error(column) for one that is neither.
std::vector<double> per_column(const Assignments& assignments, const Coding& coding, double otherwise, const char* option);

/// λ to fit, decreasing, on the mean scale.
std::vector<double> make_lambdas(const FitSpec& spec, const FitProblem& fit, const Context& context);

/// Nothing where there is to be no cross-validation. May add a warning.
std::optional<Folds> make_folds(const FitSpec& spec, const FitProblem& fit, std::vector<std::string>& warnings);

/// "1/(2Σw) Σ wᵢ(yᵢ-ηᵢ)² + λ Σ vⱼsⱼ|βⱼ|"
std::string objective_text(const FitProblem& fit, const PenaltySpec& penalty);

}  // namespace riata
