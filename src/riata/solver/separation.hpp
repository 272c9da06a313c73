#pragma once

#include <span>

#include "riata/solver/column_error.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// Separation: the classes of a logistic problem can be told apart by its unpenalised columns without an error (or but for
/// rows on the border). The loss then has no minimum, it falls for ever along a direction in which coefficients grow (Albert
/// & Anderson 1984, Biometrika 71). The ColumnError names the column that separates, or has the largest share in it.
///
/// Throws ColumnError where one of these columns separates alone: no value of one class is above (below) any of the
/// other's, ties allowed; without an intercept about zero. Columns whose bounds stop them do not. Losses other than the
/// logistic are never separated. One look at each column.
void refuse_separating_columns(const FittedProblem& fitted, std::span<const Index> columns);

/// The same for all of them together, at a point where a solver has ended: η = b₀ + Z b of these columns alone tells the
/// classes apart; or it does after what the undecided rows determine has been taken out of b (checked up to 5·10⁷ entries).
void refuse_separation(const FittedProblem& fitted, std::span<const Index> columns, std::span<const double> b, double b0);

/// The same without a point: of what these columns span, found by Newton steps in an orthonormal basis of it. For columns so
/// nearly dependent that solvers end before they have moved far. Not where rows × columns² is beyond 10¹⁰. An interrupt ends
/// it without an answer.
void refuse_separating_span(const FittedProblem& fitted, std::span<const Index> columns, const Context& context);

}  // namespace riata
