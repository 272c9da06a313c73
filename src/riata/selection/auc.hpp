#pragma once

#include <span>
#include <vector>

namespace riata {

/// Of every row of positive weight: the share (by weight) of the other class's rows that lie on the right side of it, ties
/// counted half. Scores of class 1 should be the larger ones. NaN for rows of weight zero, and where a class has no row.
/// The area under the ROC curve is the weighted mean of these over either class; their spread within the classes gives its
/// standard error (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44). O(n log n).
std::vector<double> placements(std::span<const double> classes, std::span<const double> scores,
                               std::span<const double> weights);

/// Area under the ROC curve; NaN where a class has no row of positive weight.
double area_under_curve(std::span<const double> classes, std::span<const double> scores, std::span<const double> weights);

}  // namespace riata
