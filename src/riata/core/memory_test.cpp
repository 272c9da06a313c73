#include "riata/core/memory.hpp"

#include <gtest/gtest.h>

#include "riata/core/error.hpp"

namespace riata {
namespace {

TEST(Memory, BudgetIsTheContextsElseTheMachines) {
  Context context(1);
  EXPECT_GT(memory_budget(context), 1 << 20);
  EXPECT_LT(memory_budget(context), Index{1} << 50);
  context.memory_budget = 1000;
  EXPECT_EQ(memory_budget(context), 1000);
}

TEST(Memory, LeanLeavesAFifthOfTheData) {
  Context context(1);
  constexpr Index kGigabyte = 1000000000, kLeast = Index{64} << 20;
  EXPECT_EQ(working_memory(context, kGigabyte), Index{2} << 30);
  context.memory_budget = 5000;
  EXPECT_EQ(working_memory(context, kGigabyte), 5000);
  context.lean = true;
  EXPECT_EQ(working_memory(context, 10), kLeast);
  EXPECT_EQ(working_memory(context, kGigabyte), kGigabyte / 5);
}

TEST(Memory, BytesText) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(1600000000), "1.6 GB");
  EXPECT_EQ(bytes_text(1e30), "1000000000000.0 EB");
}

TEST(Memory, RefusesBeforeAllocation) {
  Context context(1);
  context.memory_budget = 1000;
  EXPECT_NO_THROW(require_memory(1000, "a matrix", "x.npy", context));
  try {
    require_memory(0x1p60 * 8, "a matrix of 2^60 rows", "x.npy", context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_STREQ(error.what(),
                 "x.npy: a matrix of 2^60 rows needs 9.2 EB, more than the 1.0 kB this run may use; raise it with --memory "
                 "BYTES if the machine has them");
  }
}

}  // namespace
}  // namespace riata
