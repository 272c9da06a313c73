#include "riata/selection/contest_choice.hpp"

#include <algorithm>
#include <cmath>

namespace riata {

Choice choose(const std::vector<const Losses*>& folds, std::span<const double> weights, SelectionRule rule) {
  const Losses& first = *folds.front();
  std::vector<std::vector<FoldMean>> all(first.size());
  Choice best;
  for (std::size_t m = 0; m < first.size(); ++m) {
    for (std::size_t l = 0; l < first[m].size(); ++l) {
      std::vector<double> values;
      for (const Losses* fold : folds) values.push_back((*fold)[m][l]);
      all[m].push_back(fold_mean(values, weights));
      if (all[m][l].mean < all[best.mixture][best.lambda].mean) best = {m, l};
    }
  }
  if (rule != SelectionRule::one_standard_error) return best;
  const FoldMean& least = all[best.mixture][best.lambda];
  const double bound = least.mean + (std::isnan(least.standard_error) ? 0.0 : least.standard_error);
  std::size_t simplest = 0;
  while (simplest < best.lambda && !(all[best.mixture][simplest].mean <= bound)) ++simplest;
  return {best.mixture, simplest};
}

std::size_t reach_of(const std::vector<const Losses*>& folds, std::span<const double> weights, std::size_t mixture) {
  constexpr double kRisen = 4;
  const std::size_t n = (*folds.front())[mixture].size();
  const auto loss = [&](std::size_t l, std::size_t less_that_at) {
    std::vector<double> values;
    for (const Losses* fold : folds)
      values.push_back((*fold)[mixture][l] - (less_that_at < n ? (*fold)[mixture][less_that_at] : 0.0));
    return fold_mean(values, weights);
  };
  std::size_t least = 0, reach = n;
  for (std::size_t l = 1; l < n; ++l) {
    if (loss(l, n).mean < loss(least, n).mean) least = l;
  }
  while (reach > least + 1) {
    const FoldMean rise = loss(reach - 1, least);
    if (!(rise.mean > kRisen * rise.standard_error)) break;
    --reach;
  }
  return std::min(n, reach + 1);
}

}  // namespace riata
