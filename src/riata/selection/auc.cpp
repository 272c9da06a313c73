#include "riata/selection/auc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace riata {

std::vector<double> placements(std::span<const double> classes, std::span<const double> scores,
                               std::span<const double> weights) {
  std::vector<std::size_t> order;
  double total[2] = {0, 0};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    order.push_back(i);
    total[classes[i] > 0.5] += weights[i];
  }
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<double> out(scores.size(), std::numeric_limits<double>::quiet_NaN());
  double below[2] = {0, 0};
  for (std::size_t first = 0; first < order.size();) {
    double tied[2] = {0, 0};
    std::size_t end = first;
    for (; end < order.size() && scores[order[end]] == scores[order[first]]; ++end) {
      tied[classes[order[end]] > 0.5] += weights[order[end]];
    }
    const double negative_below = (below[0] + 0.5 * tied[0]) / total[0];
    const double positive_above = (total[1] - below[1] - 0.5 * tied[1]) / total[1];
    for (std::size_t k = first; k < end; ++k) {
      out[order[k]] = classes[order[k]] > 0.5 ? negative_below : positive_above;
    }
    for (int c = 0; c < 2; ++c) below[c] += tied[c];
    first = end;
  }
  return out;
}

double area_under_curve(std::span<const double> classes, std::span<const double> scores, std::span<const double> weights) {
  const std::vector<double> placed = placements(classes, scores, weights);
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!(weights[i] > 0) || classes[i] < 0.5) continue;
    sum += weights[i] * placed[i];
    total += weights[i];
  }
  return sum / total;
}

}  // namespace riata
