#include "riata/io/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace riata::io {
namespace {

using Kind = ParsedNumber::Kind;

TEST(Numbers, AreReadWhole) {
  const auto value = [](std::string_view text) {
    const ParsedNumber parsed = parse_number(text);
    EXPECT_EQ(parsed.kind, Kind::number) << text;
    return parsed.value;
  };
  EXPECT_EQ(value("1"), 1);
  EXPECT_EQ(value("+1.5e3"), 1500);
  EXPECT_EQ(value("  -.5\t"), -0.5);
  EXPECT_EQ(value("5e-324"), 5e-324);
  EXPECT_EQ(value("1e-400"), 0);
  EXPECT_EQ(value("0." + std::string(500, '0') + "1"), 0);
  EXPECT_EQ(value("0e999"), 0);
  EXPECT_TRUE(std::isinf(value("Infinity")));
  EXPECT_EQ(value("1" + std::string(1000000, '0') + "e-1000000"), 1);
}

TEST(Numbers, WhatIsNoneSaysWhy) {
  const auto kind = [](std::string_view text) { return parse_number(text).kind; };
  for (const char* missing : {"", "  ", "NA", " NA ", "nan", "?", ".", "NULL", "NaN", "-nan"}) {
    EXPECT_EQ(kind(missing), Kind::missing) << missing;
  }
  for (const char* text : {"abc", "1a", "0x10", "1e", "--1", "+-1", "1 2", "None", ",", "e5", "1_000"}) {
    EXPECT_EQ(kind(text), Kind::text) << text;
  }
  for (const char* comma : {"1,5", "-1,5e3", "1,234,567.8", "1.234,5"}) {
    EXPECT_EQ(kind(comma), Kind::comma) << comma;
  }
  EXPECT_EQ(kind("1e400"), Kind::too_large);
  EXPECT_EQ(kind("-1e400"), Kind::too_large);
  EXPECT_EQ(kind(std::string(400, '9')), Kind::too_large);
}

TEST(Numbers, Booleans) {
  EXPECT_EQ(parse_boolean("TRUE"), 1);
  EXPECT_EQ(parse_boolean(" false"), 0);
  EXPECT_EQ(parse_boolean("yes"), -1);
  EXPECT_EQ(parse_boolean("1"), -1);
}

}  // namespace
}  // namespace riata::io
