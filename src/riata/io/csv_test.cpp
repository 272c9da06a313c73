#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "riata/io/file_for_tests.hpp"
#include "riata/io/read_table.hpp"

namespace riata::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Csv : public testing::Test {
 protected:
  Table read(std::string_view text, const ReadOptions& options = {}, const std::string& name = "t.csv") {
    return read_table(folder_.write(name, text), options, context_);
  }
  std::string refusal(std::string_view text, const ReadOptions& options = {}, const std::string& name = "t.csv") {
    return folder_.refusal([&] { read(text, options, name); });
  }
  std::string names(const Table& table) {
    std::string out;
    for (Index j = 0; j < table.n_columns(); ++j) out += (j == 0 ? "" : "|") + table.column_name(j);
    return out;
  }

  TemporaryFolder folder_;
  Context context_{2};
};

TEST_F(Csv, NumbersTextAndBooleans) {
  const Table table = read("a,b,c,d\n1,red,true,\n-2.5e3,\"bl\"\"u,e\",FALSE,7\n");
  EXPECT_EQ(names(table), "a|b|c|d");
  EXPECT_TRUE(table.has_header);
  EXPECT_EQ(table.rows, 2);
  EXPECT_THAT(numbers_of(table, 0), ElementsAre(1, -2500));
  EXPECT_THAT(texts_of(table, 1), ElementsAre("red", "bl\"u,e"));
  EXPECT_EQ(kind_of(table.columns[2]), ColumnKind::boolean);
  EXPECT_THAT(numbers_of(table, 2), ElementsAre(1, 0));
  EXPECT_THAT(numbers_of(table, 3), ElementsAre(-999, 7));
  EXPECT_EQ(table.row_number(1), 3);
}

TEST_F(Csv, MissingTokensBlanksAndSmallNumbers) {
  const Table table = read("a,b\n1,x\nNA,NA\n 3 ,\n ? ,y\n1e-400,\n\"\",z\nnan,.\n");
  EXPECT_THAT(numbers_of(table, 0), ElementsAre(1, -999, 3, -999, 0, -999, -999));
  EXPECT_THAT(texts_of(table, 1), ElementsAre("x", "<missing>", "<missing>", "y", "<missing>", "z", "<missing>"));
}

TEST_F(Csv, HeaderIsSeenOrSaid) {
  Table table = read("1,2\n3,4\n");
  EXPECT_FALSE(table.has_header);
  EXPECT_EQ(names(table), "x1|x2");
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(table.row_number(0), 1);
  EXPECT_EQ(read("1,NA\n3,4\n").rows, 2);
  ReadOptions options;
  options.header = ReadOptions::Header::yes;
  EXPECT_EQ(names(read("1,2\n3,4\n", options)), "1|2");
  options.header = ReadOptions::Header::no;
  table = read("a,b\nc,d\n", options);
  EXPECT_THAT(texts_of(table, 0), ElementsAre("a", "c"));
}

TEST_F(Csv, LineEndsByteOrderMarkAndQuotedNewlines) {
  const Table table = read("\xEF\xBB\xBF\"a\nb\",c\r\n1,\"x\r\ny\"\r\n2,z");
  EXPECT_EQ(names(table), "a\nb|c");
  EXPECT_THAT(texts_of(table, 1), ElementsAre("x\r\ny", "z"));
  EXPECT_THAT(numbers_of(read("a,b\r1,2\r3,4\r"), 1), ElementsAre(2, 4));
}

TEST_F(Csv, AByteOrderMarkInTheFirstCellIsKept) {
  EXPECT_THAT(texts_of(read("a,b\n\xEF\xBB\xBFx,y\n"), 0), ElementsAre("\xEF\xBB\xBFx"));
}

TEST_F(Csv, BlankLinesCountInRowNumbers) {
  const Table table = read("\na,b\n\n1,2\n\n\n3,4\n\n");
  EXPECT_THAT(numbers_of(table, 0), ElementsAre(1, 3));
  EXPECT_EQ(table.row_number(0), 4);
  EXPECT_EQ(table.row_number(1), 7);
  EXPECT_THAT(refusal("a,b\n\n1,2\n\nx,4\n"), StartsWith("t.csv:5:1 \"a\": 'x' is not a number"));
}

TEST_F(Csv, SeparatorsAreSeen) {
  EXPECT_THAT(numbers_of(read("a\tb\n1\t2\n"), 1), ElementsAre(2));
  EXPECT_THAT(texts_of(read("a;b\n1;x,y\n2;z\n"), 1), ElementsAre("x,y", "z"));
  EXPECT_THAT(texts_of(read("a\tb,c\n1\tx,y\n", {}, "t.tsv"), 1), ElementsAre("x,y"));
  EXPECT_EQ(
      refusal("a;b\n1,5;2,25\n3;4\n"),
      "t.csv:2:1 \"a\": '1,5' holds a comma; write numbers with a decimal point and without thousands separators, or read "
      "the column as labels with --categorical a");
  EXPECT_THAT(refusal("1,5;2,5\n3,5;4,5\n"), HasSubstr("'1,5' holds a comma"));
  EXPECT_THAT(refusal("a,b\n\"1,234\",2\n"), HasSubstr("'1,234' holds a comma"));
}

TEST_F(Csv, IdentifiersThatFloat64WouldRoundAreRefusedWhereTheyAreUsed) {
  const Table table = read("id,hash,a\n12,18446744073709551615,1\n,2,2\n9007199254740993,3,9007199254740993.5\n-4,4,1e19\n");
  EXPECT_EQ(
      folder_.refusal([&] { read_numbers(table, 0); }),
      "t.csv:4:1 \"id\": 9007199254740993 is an integer beyond 2^53 that float64 would round; leave the column out with "
      "--exclude id, read it as labels with --categorical id, or store it as float64 if rounding does no harm");
  EXPECT_THAT(folder_.refusal([&] { read_numbers(table, 1); }), HasSubstr("t.csv:2:2 \"hash\": 18446744073709551615 is"));
  EXPECT_THAT(numbers_of(table, 2), ElementsAre(1, 2, 0x1p53 + 2, 1e19)) << "decimals are rounded as ever";
  EXPECT_THAT(numbers_of(read("a\n9007199254740992\n9007199254740994\n"), 0), ElementsAre(0x1p53, 0x1p53 + 2));
}

TEST_F(Csv, AColumnOfNumbersHoldsNothingElse) {
  EXPECT_EQ(
      refusal("id,price\n1,2\n2,cheap\n3,x\n"),
      "t.csv:3:2 \"price\": 'cheap' is not a number, as the values before it are; correct the cell, leave it empty if it is "
      "missing, or read the column as labels with --categorical price");
  EXPECT_EQ(refusal("a,b\n1,2\n1e400,2\n"),
            "t.csv:3:1 \"a\": '1e400' is too large for a number (at most 1.8e308); correct the cell");
  ReadOptions options;
  options.text_columns = {"price", "nowhere"};
  EXPECT_THAT(texts_of(read("id,price\n1,01\n2,cheap\n", options), 1), ElementsAre("01", "cheap"));
  options.text_columns = {"2"};
  EXPECT_THAT(texts_of(read("id,price\n1,01\n2,cheap\n", options), 1), ElementsAre("01", "cheap"));
}

TEST_F(Csv, TypesHoldForTheWholeFile) {
  std::string text = "a,b,c,d\n";
  for (int i = 0; i < 100000; ++i) text += "1,,x,\n";
  EXPECT_THAT(refusal(text + "word,2,3,\n"), StartsWith("t.csv:100002:1 \"a\": 'word' is not a number"));
  const Table table = read(text + "1,2,3,word\n");
  EXPECT_EQ(table.rows, 100001);
  EXPECT_EQ(numbers_of(table, 1).back(), 2);
  EXPECT_EQ(texts_of(table, 2).back(), "3");
  EXPECT_EQ(texts_of(table, 3).back(), "word");
  EXPECT_THAT(refusal(text + "1,2,3,4\n1,2,3,word\n"), StartsWith("t.csv:100003:4 \"d\": 'word' is not a number"));
}

TEST_F(Csv, BrokenTablesAreRefusedWithTheirRow) {
  EXPECT_EQ(refusal("a,b\n1,2\n3\n"), "t.csv:3: expected 2 fields, as in the first row, but found 1; complete the row");
  EXPECT_EQ(
      refusal("a,b\n1,2\n3,4,5\n"),
      "t.csv:3: expected 2 fields, as in the first row, but found 3; put quotes around text that holds the separator ','");
  EXPECT_EQ(
      refusal("a,b\nrow,1,2\nrow,3,4\n"),
      "t.csv:2: expected 2 fields, as in the first row, but found 3; if the first column holds row names, give it a name in "
      "the header too");
  EXPECT_EQ(refusal("a,b\n1,2\n3,\"4\n5,6\n7,8\n"), "t.csv:3: a quote opened in this row is never closed; close it");
  EXPECT_EQ(
      refusal("a,b\n1,x\n3,caf\xE9\n"),
      "t.csv:3: byte 13 (0xE9) is not valid UTF-8; say how the file is encoded, for example --encoding gb18030 or latin1");
  EXPECT_EQ(refusal(std::string_view("a,b\n1,\0\n", 8)),
            "t.csv:2: a NUL byte at byte 6; the file is damaged, not text, or in another encoding (try --encoding utf-16)");
  EXPECT_EQ(refusal("\xFF\xFE"
                    "a"),
            "t.csv: the file is written in UTF-16; read it with --encoding utf-16");
  EXPECT_EQ(refusal(std::string_view("\xFF\xFE\0\0a\0\0\0", 8)),
            "t.csv: the file is written in UTF-32; read it with --encoding utf-32");
  EXPECT_EQ(refusal("a,b\n"), "t.csv: there is a header but no row below it");
  EXPECT_EQ(refusal("a,b"), "t.csv: there is a header but no row below it");
  EXPECT_EQ(refusal("\n\n"), "t.csv: the file holds blank lines only");
  EXPECT_EQ(refusal(""), "t.csv: the file is empty (0 bytes)");
  EXPECT_EQ(refusal("a,b,a\n1,2,3\n"), "t.csv:1: columns 1 and 3 are both named \"a\"; give each its own name");
  EXPECT_EQ(refusal("a,,c\n1,2,3\n"), "t.csv:1: column 2 of 3 has no name; name it in the header");
  EXPECT_THAT(refusal(",b\n1,2\n"), HasSubstr("pandas: index=False, R: row.names=FALSE"));
  EXPECT_EQ(folder_.refusal([&] { read_table(folder_.path("none.csv"), {}, context_); }), "none.csv: there is no such file");
  EXPECT_THAT(folder_.refusal([&] { read_table(folder_.path("."), {}, context_); }), HasSubstr("is a folder, not a table"));
}

TEST_F(Csv, UnclosedQuoteInALongFileNamesItsRow) {
  std::string text = "a,b\n1,2\n3,\"4\n";
  while (text.size() < (6u << 20)) text += "5,6\n";
  EXPECT_EQ(refusal(text), "t.csv:3: a quote opened in this row is never closed; close it");
  context_.memory_budget = 8 << 20;
  EXPECT_EQ(refusal(text), "t.csv:3: a quote opened in this row is not closed within 2097152 bytes; close it");
}

TEST_F(Csv, LongRowsAndNumbers) {
  std::string wide = "y";
  for (int j = 0; j < 20000; ++j) wide += ",a" + std::to_string(j);
  wide += "\n";
  for (int i = 0; i < 3; ++i) {
    wide += "1";
    for (int j = 0; j < 20000; ++j) wide += ",1.2345678901234567890";
    wide += "\n";
  }
  const Table table = read(wide);
  EXPECT_EQ(table.n_columns(), 20001);
  EXPECT_EQ(numbers_of(table, 20000).back(), 1.2345678901234567890);
  EXPECT_THAT(numbers_of(read("a,b\n1,2\n3," + std::string(1200000, '1') + "e-1199999\n"), 1),
              ElementsAre(2, 1.1111111111111112));
}

TEST_F(Csv, OtherEncodings) {
  ReadOptions options;
  options.encoding = "gb18030";
  EXPECT_THAT(texts_of(read("a,b\n1,\xD6\xD0\n", options), 1), ElementsAre("中"));
  options.encoding = "UTF-16";
  EXPECT_THAT(numbers_of(read(std::string_view("\xFF\xFE"
                                               "a\0\n\0"
                                               "7\0\n\0",
                                               10),
                              options),
                         0),
              ElementsAre(7));
  options.encoding = "gb18030";
  EXPECT_THAT(refusal("a,b\n1,\xFF\n", options), StartsWith("t.csv: the bytes from offset 6 on are not valid gb18030"));
  options.encoding = "klingon";
  EXPECT_EQ(refusal("a,b\n1,2\n", options), "--encoding klingon: unknown encoding; `iconv -l` lists those there are");
}

TEST_F(Csv, MemoryBudgetIsKept) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100000; ++i) text += "1,2\n";
  context_.memory_budget = 1000000;
  EXPECT_THAT(refusal(text), HasSubstr("raise it with --memory BYTES"));
  context_.memory_budget = 1;
  EXPECT_EQ(
      refusal("a,b\n1,\"2\"\n"),
      "t.csv:1: the table does not fit in the 1 byte this run may use; raise it with --memory BYTES if the machine has "
      "them");
}

TEST_F(Csv, ThreadsDoNotChangeTheTable) {
  std::string text = "a,b\n";
  for (int i = 0; i < 200000; ++i) text += std::to_string(i * 0.37) + ",l" + std::to_string(i % 97) + "\n";
  const Table two = read(text);
  context_ = Context(1);
  const Table one = read(text);
  EXPECT_EQ(numbers_of(one, 0), numbers_of(two, 0));
  EXPECT_EQ(texts_of(one, 1), texts_of(two, 1));
}

}  // namespace
}  // namespace riata::io
