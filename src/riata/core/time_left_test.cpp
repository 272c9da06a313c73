#include "riata/core/time_left.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace riata {
namespace {

TEST(TimeLeft, IsThePaceSoFarInRoundWords) {
  const std::tuple<double, Index, Index, const char*> cases[] = {
      {0.9, 50, 100, ""},  // too early to say
      {5, 0, 100, ""},     // nothing done
      {5, 100, 100, ""},   // nothing left
      {5, 7, 0, ""},       // nobody knows how much there is
      {2, 90, 100, "about 1 s left"},
      {5, 50, 100, "about 5 s left"},
      {20, 30, 100, "about 50 s left"},
      {20, 25, 100, "about 60 s left"},
      {22, 129, 100000, "about 5 h left"},
      {61, 50, 100, "about 2 min left"},
      {100, 10, 100, "about 15 min left"},
      {3600, 10, 100, "about 9 h left"},
      {86400, 10, 100, "about 9 days left"},
      {10, 1, 1'000'000'000'000, "more than 1000 days left"},
  };
  for (const auto& [seconds, done, total, words] : cases) {
    EXPECT_EQ(time_left(seconds, done, total), words) << seconds << " s, " << done << " of " << total;
  }
}

}  // namespace
}  // namespace riata
