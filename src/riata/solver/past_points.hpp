#pragma once

#include <span>
#include <vector>

#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// A point of a path: coefficients and the linear predictor that they make.
struct PathState {
  double l1 = 0;
  double b0 = 0;
  std::vector<Index> columns;  ///< increasing
  std::vector<double> values;  ///< not zero
  std::vector<double> eta;     ///< n
};

/// The last points of a path, and where it goes on: every coefficient as a polynomial of l1 through the last values since it
/// became non-zero. η follows without a product with the design, but for what coefficients have that are younger than
/// others.
class PastPoints {
 public:
  PastPoints(const FittedProblem& fitted, const Context& context) : fitted_(fitted), context_(context) {}

  /// Points come by falling l1; one with the last point's l1 replaces it.
  void add(PathState point);

  /// A guess at l1 with columns of `working` (increasing) alone; points beyond l1 are forgotten. Nothing where no more is
  /// known than the last point, which the caller is at.
  bool predict(double l1, std::span<const Index> working, PathState& out);

 private:
  const FittedProblem& fitted_;
  const Context& context_;
  std::vector<PathState> points_;  ///< the last one is the newest
};

}  // namespace riata
