#pragma once

#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/data/dataset.hpp"
#include "riata/data/table.hpp"
#include "riata/model/model.hpp"

namespace riata {

/// A model's linear predictor on the rows of a new table. Rows that cannot be predicted (a missing value, where the fit
/// dropped such rows) are not among `rows`.
struct Applied {
  Dataset dataset;          ///< with a response where a target was named
  std::vector<double> eta;  ///< one a remaining row, offset included
  std::vector<Index> rows;  ///< which rows of the table they are
};

/// Columns are matched by name; a target may be empty. Throws Error(column) for a column that is not there, Error(input) for
/// values that cannot be used.
Applied apply_model(const Model& model, Index point, const Table& table, const std::string& target, UnseenPolicy unseen,
                    const Context& context);

/// A column of plain numbers, for the given rows. Missing cells are an Error(input).
std::vector<double> number_column(const Table& table, const std::string& name, const std::vector<Index>& rows);

}  // namespace riata
