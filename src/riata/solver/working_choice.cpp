#include "riata/solver/working_choice.hpp"

#include <algorithm>
#include <span>

namespace riata {

namespace {

/// Whether a few rows outweigh the others, by the number of equal rows that would tell as much (Kish 1965, Survey Sampling).
bool skewed(std::span<const double> weights) {
  constexpr double kShare = 4;
  double sum = 0, squares = 0;
  for (const double w : weights) {
    sum += w;
    squares += w * w;
  }
  return kShare * sum * sum < squares * static_cast<double>(weights.size());
}

}  // namespace

bool products_are_cheap(const FittedProblem& fitted) {
  constexpr Index kManyActive = 2000;
  constexpr Index kMostFactored = 5000;  // where conjugate gradients take long, as skewed rows make them
  constexpr Index kSparse = 20;          // entries a stored one
  const Index n = fitted.rows(), p = fitted.cols(), active = std::min(n, p);
  if (active <= kMostFactored && fitted.loss->name() == "squared" && skewed(fitted.weights)) return false;
  return active > kManyActive && fitted.design->stored() < n / kSparse * p;
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
