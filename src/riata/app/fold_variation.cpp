#include "riata/app/fold_variation.hpp"

#include <cmath>
#include <numeric>

namespace riata {

double fold_variation(const std::vector<std::vector<double>>& vectors, bool about_own_mean) {
  const std::size_t n = vectors.front().size();
  std::vector<double> mean(n, 0.0);
  const double share = 1 / static_cast<double>(vectors.size());
  for (const auto& one : vectors) {
    for (std::size_t i = 0; i < n; ++i) mean[i] += share * one[i];
  }
  const double centre = about_own_mean ? std::accumulate(mean.begin(), mean.end(), 0.0) / static_cast<double>(n) : 0.0;
  double size = 0, distance = 0;
  for (std::size_t i = 0; i < n; ++i) size += (mean[i] - centre) * (mean[i] - centre);
  for (const auto& one : vectors) {
    for (std::size_t i = 0; i < n; ++i) distance += share * (one[i] - mean[i]) * (one[i] - mean[i]);
  }
  if (distance == 0) return 0;
  return size > 0 ? std::sqrt(distance / size) : std::nan("");
}

}  // namespace riata
