#include "riata/report/error_shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace riata {
namespace {

/// Predictions 0, 1/n … in a shuffled order, each with the errors mean(x) ± size(x).
template <class Mean, class Size>
RowFacts rows(std::size_t n, Mean mean, Size size) {
  RowFacts out;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t place = i * 7 % n;
    const double x = static_cast<double>(place) / static_cast<double>(n);
    out.predicted.push_back(x);
    out.observed.push_back(x + mean(x) + (place % 2 == 0 ? 1 : -1) * size(x));
  }
  return out;
}

constexpr auto kZero = [](double) { return 0.0; };
constexpr auto kOne = [](double) { return 1.0; };

TEST(ErrorShape, OfEvenErrorsIsFlat) {
  const auto shape = error_shape(rows(1000, kZero, kOne));
  ASSERT_TRUE(shape);
  EXPECT_NEAR(shape->bend, 0, 0.1);
  EXPECT_NEAR(shape->growth, 1, 1e-12);
}

TEST(ErrorShape, AStraightTrendIsNoBend) {
  EXPECT_NEAR(error_shape(rows(
                              1000, [](double x) { return 5 * x; }, kOne))
                  ->bend,
              0, 0.1);
}

TEST(ErrorShape, FindsABendAndItsSide) {
  // x² less its line is x² − x + c: of mean c − 0.0867 in the outer fifths, c − 0.22 in the inner three.
  // below.
  const auto square = [](double x) { return 3 * x * x; };
  const double within = std::sqrt(1.0 / 200 * (2 * 0.25 + 3.0 / 9));
  EXPECT_NEAR(error_shape(rows(1000, square, kOne))->bend, 3 * (0.22 - 0.26 / 3) / within, 0.3);
  EXPECT_LT(error_shape(rows(
                            1000, [&](double x) { return -square(x); }, kOne))
                ->bend,
            -6);
}

TEST(ErrorShape, MeasuresAFunnel) {
  const auto shape = error_shape(rows(1000, kZero, [](double x) { return 1 + 9 * x; }));
  EXPECT_NEAR(shape->growth, 9.1 / 1.9, 0.02);
  EXPECT_TRUE(shape->funnels());
}

/// Rows without any shape, 2000 tables of each kind: what decision 0381 measures.
TEST(ErrorShape, HardlyEverWarnsOfChance) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  std::student_t_distribution<double> heavy(3);
  std::lognormal_distribution<double> skewed;
  const std::vector<std::function<double()>> kinds = {[&] { return normal(engine); }, [&] { return heavy(engine); },
                                                      [&] { return skewed(engine) - std::exp(0.5); }};
  for (const auto& error : kinds) {
    int bends = 0, funnels = 0;
    for (int table = 0; table < 2000; ++table) {
      RowFacts rows;
      for (int i = 0; i < 100; ++i) {
        rows.predicted.push_back(normal(engine));
        rows.observed.push_back(rows.predicted.back() + error());
      }
      const auto shape = error_shape(rows);
      bends += shape->bends();
      funnels += shape->funnels();
    }
    EXPECT_LE(bends, 5);
    EXPECT_LE(funnels, 15);
  }
}

TEST(ErrorShape, ASureBendMayBeTooSmallToMatter) {
  const auto slight = [](double x) { return 0.4 * x * x; };
  EXPECT_GT(error_shape(rows(100000, slight, kOne))->bend, 4);
  EXPECT_FALSE(error_shape(rows(100000, slight, kOne))->bends());
  EXPECT_TRUE(error_shape(rows(
                              1000, [](double x) { return 3 * x * x; }, kOne))
                  ->bends());
}

TEST(ErrorShape, SaysNothingOfFewRowsOrOfNoErrors) {
  EXPECT_FALSE(error_shape(rows(99, kZero, kOne)));
  EXPECT_FALSE(error_shape(rows(1000, kZero, kZero)));
}

}  // namespace
}  // namespace riata
