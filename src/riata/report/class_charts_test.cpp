#include "riata/report/class_charts.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/random.hpp"

namespace riata {
namespace {

RowFacts rows(std::size_t n) {
  Random random(4);
  RowFacts out;
  for (std::size_t i = 0; i < n; ++i) {
    out.predicted.push_back(std::round(random.uniform() * 50) / 50);  // with ties
    out.observed.push_back(random.uniform() < out.predicted.back() ? 1.0 : 0.0);
  }
  return out;
}

TEST(ClassCharts, TheAreaIsTheShareOfPairsInOrder) {
  const RowFacts all = rows(300);
  double right = 0, pairs = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    for (std::size_t j = 0; j < 300; ++j) {
      if (all.observed[i] <= all.observed[j]) continue;
      pairs += 1;
      right += all.predicted[i] > all.predicted[j] ? 1.0 : all.predicted[i] == all.predicted[j] ? 0.5 : 0.0;
    }
  }
  EXPECT_NEAR(area_under(roc(all)), right / pairs, 1e-12);
  EXPECT_EQ(roc(all).back().true_positive, 1);
  EXPECT_EQ(roc(all).back().false_positive, 1);
}

TEST(ClassCharts, BinsHoldEveryRowOnceAndAgreeWithTheTruth) {
  const RowFacts all = rows(2000);
  Index n = 0;
  double last = -1;
  for (const CalibrationBin& bin : calibration(all)) {
    n += bin.n;
    EXPECT_GT(bin.predicted, last);
    last = bin.predicted;
    EXPECT_NEAR(bin.predicted, bin.observed, 4 * bin.standard_error + 0.01);
  }
  EXPECT_EQ(n, 2000);
  RowFacts same;
  same.predicted.assign(7, 0.5);
  same.observed = {0, 1, 1, 0, 1, 1, 1};
  ASSERT_EQ(calibration(same).size(), 1u);
  EXPECT_NEAR(calibration(same)[0].observed, 5.0 / 7, 1e-15);
  EXPECT_EQ(class_charts(same, "yes").size(), 2u);
}

}  // namespace
}  // namespace riata
