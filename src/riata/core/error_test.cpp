#include "riata/core/error.hpp"

#include <gtest/gtest.h>

namespace riata {
namespace {

TEST(Error, WhatNamesThePlaceFirst) {
  const Error error(ErrorKind::input, "no such value", "a.csv:3");
  EXPECT_STREQ(error.what(), "a.csv:3: no such value");
  EXPECT_EQ(error.kind(), ErrorKind::input);
}

TEST(Error, WithoutAPlaceTheMessageStandsAlone) { EXPECT_STREQ(Error(ErrorKind::argument, "bad").what(), "bad"); }

}  // namespace
}  // namespace riata
