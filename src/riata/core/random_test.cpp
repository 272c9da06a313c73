#include "riata/core/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace riata {
namespace {

using testing::ElementsAre;

// The vectors published with the algorithm (Random123, kat_vectors).
TEST(Philox, KnownAnswers) {
  EXPECT_THAT(philox(0, 0, 0), ElementsAre(0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u));
  EXPECT_THAT(philox(~0ull, ~0ull, ~0ull), ElementsAre(0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu));
  EXPECT_THAT(philox(0x299f31d0a4093822ull, 0x0370734413198a2eull, 0x85a308d3243f6a88ull),
              ElementsAre(0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u));
}

TEST(Random, TheNumbersStayForGood) {
  Random random(0);
  EXPECT_EQ(random.bits(), 0xe169c58d6627e8d5ull);
  EXPECT_EQ(random.bits(), 0x9b00dbd8bc57ac4cull);
  EXPECT_THAT(Random(42, kFoldStream).permutation(10), ElementsAre(0, 4, 5, 8, 6, 3, 2, 1, 7, 9));
}

TEST(Random, SeedsAndStreamsDiffer) {
  EXPECT_NE(Random(1).bits(), Random(2).bits());
  EXPECT_NE(Random(1, 1).bits(), Random(1, 2).bits());
}

TEST(Random, UniformAndBelowStayInRangeAndAreEven) {
  Random random(7);
  std::vector<Index> seen(7);
  double sum = 0;
  for (int i = 0; i < 70000; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    ++seen.at(static_cast<std::size_t>(random.below(7)));
  }
  EXPECT_NEAR(sum / 70000, 0.5, 0.005);
  for (Index count : seen) EXPECT_NEAR(static_cast<double>(count), 10000, 400);
}

TEST(Random, BelowTakesTheWidestRange) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const Index x = random.below(INT64_MAX);
    EXPECT_GE(x, 0);
    EXPECT_LT(x, INT64_MAX);
  }
}

TEST(Random, PermutationHoldsEveryNumberOnce) {
  std::vector<Index> order = Random(5).permutation(1000);
  std::sort(order.begin(), order.end());
  for (Index i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace riata
