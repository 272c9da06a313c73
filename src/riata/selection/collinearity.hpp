#pragma once

#include <span>

#include "riata/design/design.hpp"

namespace riata {

/// How far the columns of the standardised design Z (n × p; weighted mean 0 and variance 1) are from being independent.
/// Constant columns do not count. NaN where min(n, p) > kMostForEigenvalues.
struct Collinearity {
  /// Largest over smallest non-zero singular value of Z; infinite for p < n where columns are linearly dependent.
  double condition_number = 0;
  /// (Σd²)²/Σd⁴ over the singular values d of Z: how many directions the features really vary in. For p independent features
  /// about p n/(n + p), for copies of one feature 1; it makes sense for p ≥ n too.
  double effective_dimension = 0;
  /// effective_dimension over what p independent features would have; small: collinear.
  double independence = 0;
};

inline constexpr Index kMostForEigenvalues = 1500;

/// Of all columns but those that are left out. O(n p min(n, p)).
Collinearity collinearity(const Design& design, std::span<const double> weights, const Context& context,
                          std::span<const Index> left_out = {});

}  // namespace riata
