#pragma once

namespace riata {

/// How far a point is from the minimum, computed on the full problem (docs/certificates.md).
struct Certificate {
  double relative_gap = 0;   ///< duality gap / half the null deviance per unit weight; NaN for non-convex penalties
  double kkt_violation = 0;  ///< largest violation of the optimality conditions / largest |gradient| at the null model
};

}  // namespace riata
