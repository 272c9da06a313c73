#pragma once

#include <span>
#include <vector>

#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// A point of a path.
struct PathState {
  double l1 = 0;
  double b0 = 0;
  std::vector<Index> columns;  ///< increasing
  std::vector<double> values;  ///< not zero
};

/// The last points of a path, and where it goes on: every coefficient as a polynomial of l1 through the last values since it
/// became non-zero. A path that went too far ahead finds its points again.
class PastPoints {
 public:
  explicit PastPoints(const FittedProblem& fitted) : fitted_(fitted) {}

  /// The point where the caller is now; it replaces an earlier one with its l1.
  void add(PathState point);

  /// The point at l1 itself, with columns of `working` (increasing) alone; nothing where the caller is there or it is not
  /// known.
  bool find(double l1, std::span<const Index> working, PathState& out) const;
  /// Otherwise a guess from those before it; nothing where no more is known than the point where the caller is.
  bool predict(double l1, std::span<const Index> working, PathState& out) const;

 private:
  PathState combined(double l1, std::span<const PathState> newest_last, std::span<const Index> working) const;

  const FittedProblem& fitted_;
  std::vector<PathState> points_;  ///< l1 falls
  double present_ = -1;            ///< l1 of the one added last
};

}  // namespace riata
