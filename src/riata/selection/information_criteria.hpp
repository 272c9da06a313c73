#pragma once

#include <vector>

#include "riata/selection/selection.hpp"

namespace riata {

/// What an information criterion looks at, for one λ.
struct FitSummary {
  double total_weight = 0;        ///< m = Σw: weights count as numbers of rows
  double deviance = 0;            ///< per unit weight: Σ wᵢ (yᵢ − ηᵢ)² / m for the squared loss
  bool known_scale = false;       ///< the deviance is −2 log likelihood itself (logistic), not up to an unknown variance
  double degrees_of_freedom = 0;  ///< without the intercept
  bool intercept = true;
  Index candidates = 0;  ///< p': penalised features that were not left out
  Index selected = 0;    ///< s: how many of them are non-zero
};

/// For the squared loss with unknown variance, k = df + intercept (docs/selection.md):
///
///   aic  = m ln(deviance) + 2k            (Akaike 1974)
///   bic  = m ln(deviance) + k ln m        (Schwarz 1978)
///   ebic = bic + 2 ln C(p', s)            (Chen & Chen 2008, Biometrika 95, γ = 1)
///
/// Where the scale is known, m·deviance stands for m ln(deviance).
///
/// +∞ where k ≥ m: no residual degree of freedom is left to judge the fit by.
double information_criterion(SelectionRule rule, const FitSummary& fit);

/// The criterion at every λ of the path. Throws Error(argument) where degrees of freedom are not known.
std::vector<double> information_criteria(const Path& path, SelectionRule rule, const Problem& problem);

/// ln C(n, k).
double log_binomial(Index n, Index k);

}  // namespace riata
