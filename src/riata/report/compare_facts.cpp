#include "riata/report/compare_facts.hpp"

#include <algorithm>
#include <cmath>

namespace riata {

std::string other_rule(const CompareFacts& facts) { return facts.rule == "min" ? "1se" : "min"; }

std::vector<double> largest_weights(const Candidate& one, std::size_t most) {
  std::vector<double> out = one.weights;
  std::ranges::stable_sort(out, [](double a, double b) { return std::abs(a) > std::abs(b); });
  if (out.size() > most) out.resize(most);
  return out;
}

WeightSizes weight_sizes(const Candidate& one) {
  std::vector<double> sizes = one.weights;
  if (sizes.empty()) return {};
  for (double& size : sizes) size = std::abs(size);
  std::ranges::sort(sizes);
  return {.largest = sizes.back(), .median = sizes[sizes.size() / 2]};
}

const Candidate& advised(const CompareFacts& facts) {
  return *std::ranges::find(facts.candidates, facts.advice.penalty, &Candidate::penalty);
}

const char* difference_words(const CompareFacts& facts) { return facts.measure == "auc" ? "to the best" : "over the best"; }

}  // namespace riata
