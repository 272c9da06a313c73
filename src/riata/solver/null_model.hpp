#pragma once

#include "riata/solver/quadratic.hpp"

namespace riata {

/// The minimiser without penalised columns: intercept, offset and unpenalised columns within their bounds. Leaves the
/// quadratic evaluated there.
State null_model(const FittedProblem& fitted, Quadratic& quadratic, const Context& context);

/// max |vⱼ|/fⱼ over penalised columns, v the gradient at the null model: the λ above which a penalty with slope one at zero
/// keeps all of them at zero. A column whose bound forbids to move that way does not count. 0 without penalised columns.
/// Rounded up by a few units in the 13th digit, so that rounding cannot let a coefficient in.
double largest_useful_lambda(const FittedProblem& fitted, Quadratic& quadratic, const Context& context);

}  // namespace riata
