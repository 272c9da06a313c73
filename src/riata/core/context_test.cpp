#include "riata/core/context.hpp"

#include <gtest/gtest.h>

#include <atomic>
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

/// Threads of the first that wait for one another begin nothing of the second, which would keep them from going on.
TEST(Context, SideBySideRunsEachOnceAndTheFirstByItself) {
  for (int threads : {1, 2, 3}) {
    const Context context(threads);
    std::atomic<int> first = 0, second = 0;
    thread_local bool in_first = false;
    std::atomic<bool> mixed = false;
    context.side_by_side(
        [&] {
          in_first = true;
          context.for_blocks(50, [&](Index) { ++first; });
          in_first = false;
        },
        [&] {
          context.for_blocks(50, [&](Index) {
            if (in_first) mixed = true;
            ++second;
          });
        });
    EXPECT_EQ(first, 50);
    EXPECT_EQ(second, 50);
    EXPECT_FALSE(mixed);
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
