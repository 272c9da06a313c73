#pragma once

#include <limits>
#include <string>
#include <vector>

#include "riata/report/evaluate_facts.hpp"

namespace riata {

/// Weighted mean x̄ = Σ wᵢxᵢ/Σw of independent rows with its standard error se, se² = n/(n−1) Σ wᵢ²(xᵢ − x̄)²/(Σw)² (NaN for
/// one row), and its skewness k = Σ wᵢ³(xᵢ − x̄)³ / (Σ wᵢ²(xᵢ − x̄)²)^(3/2): for equal weights γ/√n, γ that of the rows; |k|
/// ≤ 1.
struct Mean {
  double value = 0, error = std::numeric_limits<double>::quiet_NaN(), skewness = 0;
};

Mean weighted_mean(const std::vector<double>& x, const std::vector<double>& w);

/// x̄ ± z se within [least, most], z = 1.96: the symmetric interval at 95 %.
MeasuredValue symmetric_interval(const std::string& name, const Mean& mean, double least, double most);

/// For the mean of errors, which are not negative: the interval at 95 % with Hall's (1992, J. R. Stat. Soc. B 54, 221–228)
/// correction for skewness. T = (x̄ − μ)/se is skewed by k; g(T) = T + k(T²/3 + 1/6) + k²T³/27 is normal to the next order.
/// With its inverse g⁻¹(u) = 3/k ((1 + k(u − k/6))^⅓ − 1), u at k = 0,
///
///   max(0, x̄ − se g⁻¹(z)) ≤ μ ≤ x̄ − se g⁻¹(−z),   z = 1.96.
///
/// It holds x̄, for |k| < 6z. Rows without skewness give the symmetric interval.
MeasuredValue mean_interval(const std::string& name, const std::vector<double>& x, const std::vector<double>& w);

/// 1 − mse/variance; by the delta method its error is that of the mean of (−eᵢ² + (1 − R²)(yᵢ − ȳ)²)/variance.
MeasuredValue r_squared(const std::vector<double>& squares, const std::vector<double>& y, const std::vector<double>& w);

/// A share of rows by Wilson's interval, with the rows' effective number (Σw)²/Σw².
MeasuredValue share_interval(const std::string& name, const std::vector<double>& hits, const std::vector<double>& w);

}  // namespace riata
