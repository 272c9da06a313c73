#pragma once

#include <cstdint>
#include <vector>

#include "riata/selection/selection.hpp"

namespace riata {

/// Which features a lasso keeps whatever half of the rows it sees: complementary-pairs stability selection
/// (Shah & Samworth, "Variable selection with error control", JRSS B 75, 2013).
///
/// The rows are cut into two random halves, `pairs` times. On each half the lasso path is followed until more than q
/// features are non-zero; those of the λ before are selected. A feature's frequency is its share among the 2·pairs halves,
/// and it is called stable at `threshold` or above. Of features that are selected less often than chance (q/p), the expected
/// number that are stable nevertheless is at most `expected_false` (their theorem 2: unimodal distributions), and at most
/// `expected_false_worst` whatever the distribution (theorem 1).
struct Stability {
  Index pairs = 0, q = 0;
  double threshold = 0.75;
  std::vector<double> frequency;  ///< p
  double expected_false = 0, expected_false_worst = 0;
};

/// Their C(τ, B): expected_false = C · q²/p.
double unimodal_factor(double threshold, Index pairs);

/// q is chosen so that expected_false is at most one (q ≥ 1). `lambdas` decreasing, mean scale, from λ_max of the lasso.
Stability stability_selection(const Problem& problem, std::span<const double> lambdas, Index pairs, std::uint64_t seed,
                              const PathOptions& path_options, const Context& context);

}  // namespace riata
