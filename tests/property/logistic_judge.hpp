#pragma once

#include "random_problem.hpp"

namespace riata {

/// The same problem with classes for its response: 1 above `border`.
RandomProblem with_classes(RandomProblem random, double border);
bool has_both_classes(const RandomProblem& random);
Problem logistic(const RandomProblem& random);

/// A logistic point by the textbook formulas, in long double.
struct LogisticTruth {
  Real objective = 0;
  Real violation = 0;  ///< the largest of the optimality conditions, as a share of the largest column's norm
  Real lower = 0;      ///< objective of a better point, by Newton steps on the coefficients that may move, or the same
};
LogisticTruth judge_logistic(const RandomProblem& random, const Path& path, const PathPoint& point);

}  // namespace riata
