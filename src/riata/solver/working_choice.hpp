#pragma once

#include <memory>

#include "riata/core/context.hpp"
#include "riata/solver/fitted_problem.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {

/// Whether a sparse design can have so many active columns that their factor costs more than the products that it takes.
bool products_are_cheap(const FittedProblem& fitted);

/// Whether conjugate gradients solve it, not a factor; `all`: every column is in the model.
bool takes_products(const FittedProblem& fitted, bool all);

/// The working problem that is quickest for this design and loss.
std::unique_ptr<WorkingProblem> default_working(const FittedProblem& fitted, bool all, const Context& context);

}  // namespace riata
