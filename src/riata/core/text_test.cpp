#include "riata/core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace riata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, NumbersAreTheShortestThatReadBack) {
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(1e300), "1e+300");
  EXPECT_EQ(to_text(-0.0), "-0");
  EXPECT_EQ(to_text(std::nan("")), "nan");
  EXPECT_EQ(to_text(-std::numeric_limits<double>::infinity()), "-inf");
  for (double value : {1.0 / 3.0, 5e-324, 1.7976931348623157e308, 123456789.125}) {
    EXPECT_EQ(parse_double(to_text(value)), value);
  }
}

TEST(Text, AShellReadsAWordAsItWas) {
  EXPECT_EQ(shell_word("data/a-1.csv"), "data/a-1.csv");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("Sale Price"), "'Sale Price'");
  EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

TEST(Text, ANumberIsTheWholeText) {
  EXPECT_EQ(parse_double("+2.5"), 2.5);
  EXPECT_EQ(parse_double("1e-3"), 1e-3);
  for (const char* bad : {"", " 1", "1 ", "1,5", "0x10", "1e400", "--1", "+-1", "+", "1.0f"}) {
    EXPECT_FALSE(parse_double(bad)) << bad;
  }
  EXPECT_EQ(parse_index("12"), 12);
  EXPECT_FALSE(parse_index("1.0"));
  EXPECT_FALSE(parse_index("99999999999999999999"));
}

TEST(Text, CloseNamesAreOfferedNearestFirst) {
  const std::vector<std::string> names = {"price", "Prices", "rooms", "p"};
  EXPECT_THAT(close_names("prise", names), ElementsAre("price", "Prices"));
  EXPECT_THAT(close_names("zebra", names), IsEmpty());
  EXPECT_EQ(did_you_mean("room", names), " (did you mean 'rooms'?)");
  EXPECT_EQ(did_you_mean("roosm", names), " (did you mean 'rooms'?)");
  EXPECT_EQ(did_you_mean("zebra", names), "");
  EXPECT_EQ(did_you_mean("q", names), "");
}

TEST(Text, NothingThatSteersATerminalPasses) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\uFFFD[31mb");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(printable("x\u202Ey"), "x\uFFFDy");
  EXPECT_EQ(printable("\xC0\xAF\xFF"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("größe 面积"), "größe 面积");
}

TEST(Text, WidthCountsTerminalColumns) {
  EXPECT_EQ(display_width("größe"), 5);
  EXPECT_EQ(display_width("面积"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(shortened("面积面积", 5), "面积…");
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
}

}  // namespace
}  // namespace riata
