#pragma once

#include <optional>

#include "riata/app/fit_problem.hpp"
#include "riata/report/fit_facts.hpp"

namespace riata {

/// Which of the features that the chosen model uses differ in a few rows only. As below: adds nothing without a choice.
void add_rare_features(const FitProblem& fit, const Context& context, FitFacts& facts);

/// What the page of a fit shows besides: each row's prediction by a model that has not seen it, and the stand-ins of the
/// features that the chosen model uses. Needs a selected λ with its coefficients; else adds nothing.
void add_page_facts(const FitSpec& spec, const FitProblem& fit, const std::optional<Folds>& folds, const Context& context,
                    FitFacts& facts);

}  // namespace riata
