#include "riata/core/context.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace riata {
namespace {

TEST(Context, EveryBlockRunsOnce) {
  for (int threads : {1, 2, 3}) {
    std::vector<int> hits(100, 0);
    Context(threads).for_blocks(100, [&](Index block) { ++hits[static_cast<std::size_t>(block)]; });
    EXPECT_EQ(hits, std::vector<int>(100, 1));
  }
}

TEST(Context, AnExceptionInABlockReachesTheCaller) {
  EXPECT_THROW(Context(2).for_blocks(10,
                                     [](Index block) {
                                       if (block == 7) throw std::runtime_error("seven");
                                     }),
               std::runtime_error);
}

}  // namespace
}  // namespace riata
