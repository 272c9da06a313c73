#include "riata/solver/past_points.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <vector>

// Where polynomials go on is known.
namespace riata {
namespace {

using Coefficient = std::function<double(double l1)>;

class PastPointsTest : public ::testing::Test {
 protected:
  PastPointsTest() { fitted_.factor.assign(all_.size(), 1.0); }

  static PathState state(double l1, const std::map<Index, Coefficient>& b) {
    PathState out{l1, 1 + l1 * l1, {}, {}};
    for (const auto& [j, f] : b) {
      if (f(l1) == 0) continue;
      out.columns.push_back(j);
      out.values.push_back(f(l1));
    }
    return out;
  }

  static void expect_same(const PathState& got, const PathState& expected) {
    EXPECT_EQ(got.l1, expected.l1);
    EXPECT_NEAR(got.b0, expected.b0, 1e-12);
    ASSERT_EQ(got.columns, expected.columns);
    for (std::size_t k = 0; k < got.values.size(); ++k) EXPECT_NEAR(got.values[k], expected.values[k], 1e-12);
  }

  const std::vector<Index> all_{0, 1, 2, 3, 4};
  FittedProblem fitted_;
  PastPoints past_{fitted_};
};

TEST_F(PastPointsTest, GoOnAsPolynomialsOfTheirAge) {
  const std::map<Index, Coefficient> b{
      {0, [](double l) { return 2 - l * l; }},                   // in all three
      {1, [](double l) { return l < 0.85 ? 3 - 2 * l : 0.0; }},  // in two
      {2, [](double l) { return l < 0.75 ? -0.5 : 0.0; }},       // in one
      {3, [](double l) { return l > 0.65 ? l - 0.65 : 0.0; }},   // about to turn
      {4, [](double l) { return l > 0.85 ? -1.0 : 0.0; }},       // has left
  };
  for (const double l1 : {0.95, 0.9, 0.8, 0.7}) past_.add(state(l1, b));
  PathState got;
  ASSERT_TRUE(past_.predict(0.6, all_, got));
  expect_same(got, state(0.6, b));
  const std::vector<Index> some{0, 2};
  ASSERT_TRUE(past_.predict(0.6, some, got));
  expect_same(got, state(0.6, {{0, b.at(0)}, {2, b.at(2)}}));
}

// Weights of points that nearly coincide are as large as their distance is small, and multiply their rounding.
TEST_F(PastPointsTest, NearTwinsAreLeftOut) {
  const std::map<Index, Coefficient> b{{0, [](double l) { return 1 + l / 3; }}, {3, [](double l) { return l / 7 - 1; }}};
  for (const double l1 : {0.8, 0.8 * (1 - 1e-13), 0.9}) past_.add(state(l1, b));
  PathState got;
  ASSERT_TRUE(past_.predict(0.6, all_, got));
  ASSERT_EQ(got.columns, (std::vector<Index>{0, 3}));
  EXPECT_NEAR(got.values[0], b.at(0)(0.8), 1e-12);
  EXPECT_NEAR(got.values[1], b.at(3)(0.8), 1e-12);
}

TEST_F(PastPointsTest, FindsItsPointsAgain) {
  const std::map<Index, Coefficient> b{{1, [](double l) { return 3 - 2 * l; }}};
  PathState got;
  EXPECT_FALSE(past_.predict(0.9, all_, got));
  past_.add(state(0.9, b));
  EXPECT_FALSE(past_.predict(0.8, all_, got));
  EXPECT_FALSE(past_.predict(0.9, all_, got));
  past_.add(state(0.8, {}));
  past_.add(state(0.8, b));  // replaces it
  ASSERT_TRUE(past_.predict(0.7, all_, got));
  expect_same({got.l1, 0, got.columns, got.values}, {0.7, 0, {1}, {b.at(1)(0.7)}});
  past_.add(state(0.5, {}));
  ASSERT_TRUE(past_.predict(0.9, all_, got));  // that point itself
  expect_same(got, state(0.9, b));
  past_.add(state(0.9, b));
  EXPECT_FALSE(past_.predict(0.9, all_, got));
  EXPECT_FALSE(past_.find(0.7, all_, got));
  ASSERT_TRUE(past_.find(0.5, all_, got));
  expect_same(got, state(0.5, {}));
}

}  // namespace
}  // namespace riata
