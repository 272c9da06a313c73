#include "riata/solver/working_choice.hpp"

#include <algorithm>

namespace riata {

bool products_are_cheap(const FittedProblem& fitted) {
  constexpr Index kManyActive = 2000;
  constexpr Index kSparse = 20;  // entries a stored one
  const Index n = fitted.rows(), p = fitted.cols();
  return std::min(n, p) > kManyActive && fitted.design->stored() < n / kSparse * p;
}

bool takes_products(const FittedProblem& fitted, bool all) {
  constexpr Index kMostGram =
      1000;  // a Gram of all columns costs p products with the design, conjugate gradients some dozens
  return products_are_cheap(fitted) || (all && fitted.cols() > kMostGram && fitted.loss->name() != "squared");
}

std::unique_ptr<WorkingProblem> default_working(const FittedProblem& fitted, bool all, const Context& context) {
  if (takes_products(fitted, all)) return product_working_problem(fitted, context);
  return fitted.loss->name() == "squared" ? squared_working_problem(fitted, context)
                                          : smooth_working_problem(fitted, context);
}

}  // namespace riata
