#pragma once

#include <span>
#include <string>
#include <vector>

#include "riata/app/fit_problem.hpp"
#include "riata/model/model.hpp"

namespace riata {

// What a fit warns of besides what its table, its solver and its folds do.

/// The option that bounds the steps of a fit.
std::string bound_option(const FitSpec& spec);

/// A column of ones beside --no-intercept is meant as one; standardised it would be 0/0, and gets 0.
void warn_of_constants(const FitSpec& spec, const FitProblem& fit, std::vector<std::string>& warnings,
                       const Context& context);

/// Columns that do vary, but by less than what counts as rounding beside their mean, so that they were left out.
void warn_of_nearly_constants(Model& model, const FitProblem& fit, std::span<const Index> excluded);

/// λ that did not reach the tolerance, of the path and perhaps of folds: how far they got, and what helps.
void warn_of_unfinished(Model& model, const FitSpec& spec, const FitProblem& fit, bool folds_unfinished,
                        const Context& context);

/// The best λ may lie beyond an automatic grid.
void warn_of_the_end(Model& model, const FitSpec& spec);

}  // namespace riata
