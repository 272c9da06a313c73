#include "riata/report/calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/random.hpp"

namespace riata {
namespace {

RowFacts unseen() { return {.origin = RowFacts::Origin::out_of_fold, .observed = {}, .predicted = {}, .weights = {}}; }

void add(RowFacts& rows, double predicted, double observed, double weight = 1) {
  rows.predicted.push_back(predicted);
  rows.observed.push_back(observed);
  rows.weights.push_back(weight);
}

RowFacts rows(std::size_t n) {
  Random random(4);
  RowFacts out = unseen();
  for (std::size_t i = 0; i < n; ++i) {
    const double predicted = std::round(random.uniform() * 50) / 50;  // with ties
    add(out, predicted, random.uniform() < predicted ? 1.0 : 0.0);
  }
  return out;
}

TEST(Calibration, TheAreaIsTheShareOfPairsInOrder) {
  const RowFacts all = rows(300);
  double right = 0, pairs = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    for (std::size_t j = 0; j < 300; ++j) {
      if (all.observed[i] <= all.observed[j]) continue;
      pairs += 1;
      right += all.predicted[i] > all.predicted[j] ? 1.0 : all.predicted[i] == all.predicted[j] ? 0.5 : 0.0;
    }
  }
  EXPECT_NEAR(area_under(all).value, right / pairs, 1e-12);
  EXPECT_EQ(roc(all).back().true_positive, 1);
  EXPECT_EQ(roc(all).back().false_positive, 1);
}

TEST(Calibration, BinsHoldEveryRowOnceAndAgreeWithTheTruth) {
  const RowFacts all = rows(2000);
  Index n = 0;
  double last = -1;
  for (const CalibrationBin& bin : calibration_bins(all)) {
    n += bin.n;
    EXPECT_GT(bin.predicted, last);
    last = bin.predicted;
    EXPECT_NEAR(bin.predicted, bin.observed, 4 * bin.standard_error + 0.01);
  }
  EXPECT_EQ(n, 2000);
  RowFacts same = unseen();
  for (const double observed : {0, 1, 1, 0, 1, 1, 1}) add(same, 0.5, observed);
  ASSERT_EQ(calibration_bins(same).size(), 1u);
  EXPECT_NEAR(calibration_bins(same)[0].observed, 5.0 / 7, 1e-15);
}

/// n rows at log-odds −1 and at +1, of which so many are of the class.
RowFacts two_levels(int n, int low, int high) {
  RowFacts out = unseen();
  for (int i = 0; i < n; ++i) {
    for (const bool up : {false, true}) {
      add(out, 1 / (1 + std::exp(up ? -1.0 : 1.0)), i < (up ? high : low) ? 1.0 : 0.0);
    }
  }
  return out;
}

TEST(Calibration, SlopeOfTwoLevelsIsThatOfTheirLogOdds) {
  const std::optional<Calibration> found = calibration_of(two_levels(80, 8, 70));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->slope, (std::log(70.0 / 10) - std::log(8.0 / 72)) / 2, 1e-12);
  EXPECT_NEAR(found->slope_error, std::sqrt(1.0 / 70 + 1.0 / 10 + 1.0 / 8 + 1.0 / 72) / 2, 1e-12);
  EXPECT_EQ(found->verdict(), Calibration::Verdict::too_timid);
  EXPECT_NEAR(found->predicted, 0.5, 1e-12);
  EXPECT_EQ(found->observed, 78.0 / 160);
  EXPECT_EQ(calibration_of(two_levels(800, 320, 480))->verdict(), Calibration::Verdict::too_extreme);
  EXPECT_EQ(calibration_of(two_levels(800, 215, 585))->verdict(), Calibration::Verdict::trustworthy);
  EXPECT_EQ(calibration_of(two_levels(800, 115, 400))->verdict(), Calibration::Verdict::too_high);
  EXPECT_EQ(calibration_of(two_levels(10, 3, 7))->verdict(), Calibration::Verdict::unclear);
  EXPECT_FALSE(calibration_of(two_levels(50, 0, 50)));  // separated: the slope is infinite
}

TEST(Calibration, RowsThatWereFittedAreNotJudged) {
  RowFacts rows = two_levels(80, 8, 70);
  EXPECT_TRUE(calibration_of(rows));
  rows.origin = RowFacts::Origin::fitted;
  EXPECT_FALSE(calibration_of(rows));
}

TEST(Calibration, SlopeIsThatOfTheDataAndAMeanHasNone) {
  Random random(7);
  RowFacts rows = unseen();
  for (int i = 0; i < 20000; ++i) {
    const double x = 3 * (random.uniform() - 0.5);
    const double predicted = 1 / (1 + std::exp(-2 * x));  // twice as sure as it should be
    add(rows, predicted, random.uniform() < 1 / (1 + std::exp(-x)) ? 1.0 : 0.0);
  }
  EXPECT_NEAR(calibration_of(rows)->slope, 0.5, 3 * calibration_of(rows)->slope_error);
  rows.predicted.assign(rows.observed.size(), 0.5);
  EXPECT_FALSE(calibration_of(rows));
}

TEST(Calibration, TheErrorOfTheAreaIsDeLongs) {
  const RowFacts all = rows(200);
  std::vector<std::vector<double>> shares(2);
  for (std::size_t i = 0; i < 200; ++i) {
    double right = 0, pairs = 0;
    for (std::size_t j = 0; j < 200; ++j) {
      if (all.observed[i] == all.observed[j]) continue;
      const double ahead = (all.predicted[i] - all.predicted[j]) * (all.observed[i] > 0 ? 1 : -1);
      right += ahead > 0 ? 1.0 : ahead == 0 ? 0.5 : 0.0;
      pairs += 1;
    }
    shares[all.observed[i] > 0 ? 1 : 0].push_back(right / pairs);
  }
  double variance = 0;
  for (const std::vector<double>& one : shares) {
    double mean = 0, square = 0;
    const auto n = static_cast<double>(one.size());
    for (const double share : one) mean += share / n;
    for (const double share : one) square += (share - mean) * (share - mean) / (n - 1);
    variance += square / n;
  }
  EXPECT_NEAR(area_under(all).standard_error, std::sqrt(variance), 1e-12);
}

/// A row of weight two is two rows to every share, slope and area; errors do not depend on the weights' unit.
TEST(Calibration, RowsCountByTheirWeights) {
  RowFacts once = unseen(), twice = unseen(), threefold = unseen();
  const RowFacts all = rows(400);
  for (std::size_t i = 0; i < 400; ++i) {
    const double weight = i % 3 == 0 ? 2 : 1, predicted = 0.1 + 0.8 * all.predicted[i];
    add(once, predicted, all.observed[i], weight);
    add(threefold, predicted, all.observed[i], 3 * weight);
    for (int copy = 0; copy < weight; ++copy) add(twice, predicted, all.observed[i]);
  }
  EXPECT_NEAR(area_under(once).value, area_under(twice).value, 1e-12);
  const Calibration a = *calibration_of(once), b = *calibration_of(twice), c = *calibration_of(threefold);
  EXPECT_NEAR(a.slope, b.slope, 1e-9);
  EXPECT_NEAR(a.predicted, b.predicted, 1e-12);
  EXPECT_NEAR(a.observed, b.observed, 1e-12);
  EXPECT_GT(a.slope_error, b.slope_error) << "two copies are not two rows of evidence";
  EXPECT_NEAR(a.slope_error, c.slope_error, 1e-9);
  EXPECT_NEAR(a.observed_error, c.observed_error, 1e-12);
  EXPECT_NEAR(area_under(once).standard_error, area_under(threefold).standard_error, 1e-12);
  const std::vector<CalibrationBin> bins = calibration_bins(once), same = calibration_bins(threefold);
  for (std::size_t k = 0; k < bins.size(); ++k) {
    EXPECT_NEAR(bins[k].observed, same[k].observed, 1e-12);
    EXPECT_NEAR(bins[k].standard_error, same[k].standard_error, 1e-12);
  }
  const std::vector<RocPoint> corners = roc(once), others = roc(twice);
  ASSERT_EQ(corners.size(), others.size());
  for (std::size_t k = 0; k < corners.size(); ++k) {
    EXPECT_NEAR(corners[k].false_positive, others[k].false_positive, 1e-12);
    EXPECT_NEAR(corners[k].true_positive, others[k].true_positive, 1e-12);
  }
}

}  // namespace
}  // namespace riata
