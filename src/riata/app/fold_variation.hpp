#pragma once

#include <span>
#include <vector>

namespace riata {

/// Root mean square distance of the folds' vectors to their mean, over the size of that mean (about its own average where
/// asked). NaN where the mean is zero and the vectors are not.
double fold_variation(const std::vector<std::vector<double>>& vectors, bool about_own_mean);

}  // namespace riata
