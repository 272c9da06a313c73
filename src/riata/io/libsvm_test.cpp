#include "riata/io/libsvm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "riata/io/file_for_tests.hpp"

namespace riata::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Hands out its bytes in pieces of a few.
class Drops final : public ByteSource {
 public:
  Drops(std::string_view bytes, Index size) : bytes_(bytes), size_(size) {}
  Index read(char* out, Index size) override { return bytes_.read(out, std::min(size, size_)); }

 private:
  MemorySource bytes_;
  Index size_;
};

Table parse(std::string_view text, Index piece = 1000000, const Context& context = Context(1)) {
  Drops drops(text, piece);
  return parse_libsvm(drops, "t.svm", context);
}

std::string refusal(std::string_view text, Index budget = 0) {
  Context context(1);
  context.memory_budget = budget;
  try {
    parse(text, 7, context);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Libsvm, RowsBecomeSparseColumns) {
  const std::string_view text = "# a comment\n+1 1:0.5 3:-2e3  # more\r\n\n-1 2:7\n1 3:1 1:4";
  for (Index piece : {1, 2, 3, 7, 1000}) {
    const Table table = parse(text, piece);
    EXPECT_EQ(table.label, "label");
    EXPECT_EQ(table.matrix->cols, 3);
    EXPECT_EQ(table.matrix->column_starts[3], 5);
    EXPECT_THAT(numbers_of(table, 0), ElementsAre(1, -1, 1));
    EXPECT_THAT(numbers_of(table, table.find("x1")), ElementsAre(0.5, 0, 4));
    EXPECT_THAT(numbers_of(table, table.find("x2")), ElementsAre(0, 7, 0));
    EXPECT_THAT(numbers_of(table, table.find("x3")), ElementsAre(-2000, 0, 1));
    EXPECT_EQ(table.row_number(0), 2);
    EXPECT_EQ(table.row_number(1), 4);
  }
}

TEST(Libsvm, NamesFollowTheIndicesAndTheBaseIsTold) {
  Context context(1);
  std::string log;
  context.on_log = [&](std::string_view line) { log = line; };
  EXPECT_EQ(parse("1 1:5\n", 100, context).column_name(1), "x1");
  EXPECT_EQ(log, "t.svm: indices count from 1, the largest is 1");
  const Table table = parse("1 0:5 2:6\n", 100, context);
  EXPECT_EQ(log, "t.svm: indices count from 0, the largest is 2");
  EXPECT_EQ(table.column_name(1), "x0");
  EXPECT_EQ(table.matrix->cols, 3);
}

TEST(Libsvm, BadRowsAreRefused) {
  EXPECT_EQ(refusal("1 1:2\nspam 1:2\n"),
            "t.svm:2: the label 'spam' is not a number; a row reads: label index:value index:value …");
  EXPECT_EQ(refusal("1 1:2\n1 2\n"), "t.svm:2: '2' is not index:value");
  EXPECT_EQ(refusal("1 1:2 -3:1\n"), "t.svm:1: the index '-3' is negative; indices count from 0 or 1");
  EXPECT_EQ(refusal("1 1.5:2\n"), "t.svm:1: the index '1.5' is not a whole number that fits 64 bits");
  EXPECT_EQ(refusal("1 99999999999999999999:2\n"),
            "t.svm:1: the index '99999999999999999999' is not a whole number that fits 64 bits");
  EXPECT_EQ(refusal("1 1:2 3:x\n"), "t.svm:1: the value 'x' is not a number");
  EXPECT_EQ(refusal("1 5:2 4:1 5:3\n"), "t.svm:1: the index 5 occurs twice; each may occur once in a row");
  EXPECT_EQ(refusal("1 qid:3 1:2\n"),
            "t.svm:1: query identifiers (qid) are for ranking, which is not supported; remove them");
  EXPECT_THAT(refusal("1 1000000000000000000:2\n"), HasSubstr("t.svm:1: the index '1000000000000000000' is too large"));
  EXPECT_THAT(refusal("1 1:1e999\n"), HasSubstr("the value '1e999' is too large for a number"));
  EXPECT_EQ(refusal("\n#\n"), "t.svm: holds no row");
  EXPECT_EQ(refusal("1\n2\n"), "t.svm: no row has an index:value pair, so there is no feature");
  EXPECT_THAT(refusal("1 1:2 2:3 3:4\n" + std::string(2500000, '1') + "\n", 1000),
              HasSubstr("t.svm:2: the row is longer than 1048576 bytes"));
  EXPECT_THAT(refusal("1 0:2 2:3\n", 299), HasSubstr("t.svm:1: the index '2' is too large: so many columns need 300 bytes"));
  EXPECT_EQ(
      refusal("1 0:2\n1 0:3\n1 0:1\n1 0:1\n1 0:1\n", 150),
      "t.svm: the matrix does not fit in the 150 bytes this run may use; raise it with --memory BYTES if the machine has "
      "them");
}

TEST(Libsvm, IntegersThatWouldBeRoundedAreRefused) {
  EXPECT_EQ(
      refusal("1 1:2\n1 1:9007199254740993\n"),
      "t.svm:2: 9007199254740993 is an integer beyond 2^53 that float64 would round; leave it out, or give it a decimal "
      "point if rounding does no harm");
  EXPECT_THAT(refusal("18446744073709551615 1:2\n"), HasSubstr("t.svm:1: 18446744073709551615 is an integer beyond 2^53"));
  const Table table = parse("1 1:9007199254740992 2:9007199254740993.0 3:1e17 4:-9007199254740994\n");
  EXPECT_EQ(static_cast<const double*>(table.matrix->values)[1], 0x1p53) << "decimals are rounded as ever";
}

TEST(Libsvm, MissingValuesAreSpeltAsEverywhere) {
  const Table table = parse("1 1:nan 2:NA\n? 3: 2:1e-400\n");
  const double* values = static_cast<const double*>(table.matrix->values);
  EXPECT_EQ(table.matrix->column_starts[3], 4);
  for (const Index k : {0, 1, 3}) EXPECT_TRUE(std::isnan(values[k])) << k;
  EXPECT_EQ(values[2], 0.0);
}

TEST(Libsvm, IsRecognised) {
  const TemporaryFolder folder;
  const Context context(1);
  EXPECT_TRUE(read_table(folder.write("a9a", "-1 3:1 11:1\n+1 5:1\n"), {}, context).label);
  EXPECT_TRUE(read_table(folder.write("b.svm", "-1\n+1 5:1\n"), {}, context).label);
  EXPECT_FALSE(read_table(folder.write("c", "1 2\n3 4\n"), {}, context).label);
}

}  // namespace
}  // namespace riata::io
