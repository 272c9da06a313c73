#include "riata/selection/auc.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace riata {
namespace {

TEST(Auc, IsTheShareOfPairsInOrder) {
  std::mt19937_64 generator(4);
  std::uniform_int_distribution<int> score(0, 9), bit(0, 1);
  std::vector<double> y, s, w;
  for (int i = 0; i < 60; ++i) {
    y.push_back(bit(generator));
    s.push_back(score(generator));  // with ties
    w.push_back(i % 7 == 0 ? 0.0 : 1.0 + i % 3);
  }
  double right = 0, pairs = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t j = 0; j < y.size(); ++j) {
      if (y[i] != 1 || y[j] != 0) continue;
      pairs += w[i] * w[j];
      right += w[i] * w[j] * (s[i] > s[j] ? 1 : s[i] == s[j] ? 0.5 : 0);
    }
  }
  EXPECT_NEAR(area_under_curve(y, s, w), right / pairs, 1e-14);
  const std::vector<double> placed = placements(y, s, w);
  double negatives = 0, total = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (y[i] != 0 || w[i] == 0) continue;
    negatives += w[i] * placed[i];
    total += w[i];
  }
  EXPECT_NEAR(negatives / total, right / pairs, 1e-14);
}

TEST(Auc, HasNoValueForOneClass) {
  const std::vector<double> y = {1, 1, 0}, s = {1, 2, 3}, w = {1, 1, 0};
  EXPECT_TRUE(std::isnan(area_under_curve(y, s, w)));
}

}  // namespace
}  // namespace riata
