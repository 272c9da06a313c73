#include "riata/io/parquet.hpp"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <fstream>

#include "riata/data/dataset.hpp"
#include "riata/io/file_for_tests.hpp"

namespace riata::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Builder, class Value>
std::shared_ptr<arrow::Array> array(const std::vector<std::optional<Value>>& values, Builder&& builder = Builder()) {
  for (const auto& value : values) {
    if (!(value ? builder.Append(*value) : builder.AppendNull()).ok()) throw std::runtime_error("append");
  }
  return *builder.Finish();
}

std::shared_ptr<arrow::Table> example() {
  const auto decimal = arrow::decimal128(10, 2);
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int32Builder>());
  for (int i = 0; i < 3; ++i) {
    if (!lists.Append().ok()) throw std::runtime_error("append");
  }
  std::shared_ptr<arrow::Array> list = *lists.Finish();
  const auto floats = array<arrow::FloatBuilder, float>({0.5F, 1.5F, 2.5F});
  const auto doubles = array<arrow::DoubleBuilder, double>({1.25, std::nullopt, 3});
  const auto text = array<arrow::StringBuilder, std::string>({"b", "a", ""});
  const auto flags = array<arrow::BooleanBuilder, bool>({true, false, std::nullopt});
  const auto money = array<arrow::Decimal128Builder, arrow::Decimal128>(
      {arrow::Decimal128(12345), arrow::Decimal128(-5), std::nullopt}, arrow::Decimal128Builder(decimal));
  const auto small = array<arrow::Int8Builder, std::int8_t>({-1, 2, 3});
  const auto schema =
      arrow::schema({arrow::field("f", arrow::float32()), arrow::field("d", arrow::float64()),
                     arrow::field("t", arrow::utf8()), arrow::field("b", arrow::boolean()), arrow::field("m", decimal),
                     arrow::field("s", arrow::int8()), arrow::field("l", list->type())});
  return arrow::Table::Make(schema, {floats, doubles, text, flags, money, small, list});
}

class Columnar : public testing::Test {
 protected:
  std::string parquet(const arrow::Table& table, Index rows_a_group = 2) {
    const auto out = *arrow::io::FileOutputStream::Open(folder_.path("t.parquet"));
    EXPECT_TRUE(parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, rows_a_group).ok());
    EXPECT_TRUE(out->Close().ok());
    return folder_.path("t.parquet");
  }
  std::string ipc(const arrow::Table& table, bool stream, Index rows_a_batch) {
    const std::string path = folder_.path(stream ? "t.arrows" : "t.arrow");
    const auto out = *arrow::io::FileOutputStream::Open(path);
    const auto writer =
        stream ? *arrow::ipc::MakeStreamWriter(out, table.schema()) : *arrow::ipc::MakeFileWriter(out, table.schema());
    EXPECT_TRUE(writer->WriteTable(table, rows_a_batch).ok());
    EXPECT_TRUE(writer->Close().ok());
    EXPECT_TRUE(out->Close().ok());
    return path;
  }
  void expect_example(const Table& table) {
    ASSERT_EQ(table.rows, 3);
    EXPECT_TRUE(table.has_header);
    EXPECT_EQ(table.row_number(0), 1);
    EXPECT_EQ(read_numbers(table, 0).scalar, MatrixBlock::Scalar::float32);
    EXPECT_THAT(numbers_of(table, 0), ElementsAre(0.5, 1.5, 2.5));
    EXPECT_THAT(numbers_of(table, 1), ElementsAre(1.25, -999, 3));
    EXPECT_THAT(texts_of(table, 2), ElementsAre("b", "a", "<missing>"));
    EXPECT_THAT(numbers_of(table, 3), ElementsAre(1, 0, -999));
    EXPECT_THAT(texts_of(table, 3), ElementsAre("true", "false", "<missing>"));
    EXPECT_THAT(numbers_of(table, 4), ElementsAre(123.45, -0.05, -999));
    EXPECT_THAT(numbers_of(table, 5), ElementsAre(-1, 2, 3));
    EXPECT_EQ(kind_of(table.columns[6]), ColumnKind::unsupported);
  }
  TemporaryFolder folder_;
  Context context_{2};
};

TEST_F(Columnar, ParquetTypesAcrossRowGroups) {
  const Table table = read_table(parquet(*example()), {}, context_);
  expect_example(table);
  EXPECT_EQ(table.columns[0].chunks().size(), 1u) << "row groups are joined, so that the design needs no copy";
  EXPECT_THAT(folder_.refusal([&] { require_supported(table, 6); }),
              HasSubstr("t.parquet:7 \"l\": a nested column (list, struct or map) (Arrow format '+l') cannot be used; "
                        "flatten it, or leave "
                        "it out with --exclude l"));
}

TEST_F(Columnar, ColumnsThatShareAReaderStayInOrder) {
  const Index n_columns = 41;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (Index j = 0; j < n_columns; ++j) {
    const auto number = static_cast<double>(j);
    const std::string word = "w" + std::to_string(j);
    const bool text = j % 3 == 0;
    fields.push_back(arrow::field(word, text ? arrow::utf8() : arrow::float64()));
    arrays.push_back(text ? array<arrow::StringBuilder, std::string>({word, std::nullopt, "x", word, word})
                          : array<arrow::DoubleBuilder, double>({number, 1, -number, std::nullopt, number}));
  }
  const std::string path = parquet(*arrow::Table::Make(arrow::schema(fields), arrays));
  for (const int threads : {1, 3}) {
    const Table table = read_table(path, {}, Context(threads));
    ASSERT_EQ(std::ssize(table.columns), n_columns);
    for (Index j = 0; j < n_columns; ++j) {
      const auto number = static_cast<double>(j);
      const std::string word = "w" + std::to_string(j);
      EXPECT_EQ(table.columns[static_cast<std::size_t>(j)].name(), word);
      if (j % 3 == 0) {
        EXPECT_THAT(texts_of(table, j), ElementsAre(word, "<missing>", "x", word, word));
      } else {
        EXPECT_THAT(numbers_of(table, j), ElementsAre(number, 1, -number, -999, number));
      }
    }
  }
}

TEST_F(Columnar, ArrowFileAndStream) {
  for (const bool stream : {false, true}) {
    for (const Index rows : {1, 3}) expect_example(read_table(ipc(*example(), stream, rows), {}, context_));
  }
}

TEST_F(Columnar, FormatIsSeenByItsFirstBytes) {
  std::filesystem::copy(parquet(*example()), folder_.path("misnamed.csv"));
  expect_example(read_table(folder_.path("misnamed.csv"), {}, context_));
}

TEST_F(Columnar, DictionariesKeepNoUnusedWords) {
  const auto words = array<arrow::StringBuilder, std::string>({"z", "unused", "y"});
  const auto codes = array<arrow::Int32Builder, std::int32_t>({0, 2, std::nullopt});
  const auto coded = *arrow::DictionaryArray::FromArrays(codes, words);
  const auto data = arrow::Table::Make(arrow::schema({arrow::field("c", coded->type())}), {coded});
  const Table table = read_table(ipc(*data, false, 3), {}, context_);
  EXPECT_THAT(read_labels(table, 0).levels, ElementsAre("y", "z"));
  EXPECT_THAT(texts_of(table, 0), ElementsAre("z", "y", "<missing>"));
}

TEST_F(Columnar, IntegersThatWouldBeRoundedAreLabelsOrRefused) {
  const auto ids =
      array<arrow::Int64Builder, std::int64_t>({7, std::nullopt, 9007199254740993, 9007199254740992, 9007199254740993});
  const auto hashes = array<arrow::UInt64Builder, std::uint64_t>({1, 2, UINT64_MAX - 1, UINT64_MAX, 1ULL << 63});
  const auto data = arrow::Table::Make(
      arrow::schema({arrow::field("id", ids->type()), arrow::field("hash", hashes->type())}), {ids, hashes});
  for (const std::string& path : {parquet(*data), ipc(*data, false, 2)}) {
    const Table table = read_table(path, {}, context_);
    EXPECT_THAT(
        folder_.refusal([&] { read_numbers(table, 0); }),
        HasSubstr(":3:1 \"id\": 9007199254740993 is an integer beyond 2^53 that float64 would round; leave the column "
                  "out with --exclude id, read it as labels with --categorical id, or store it as float64 if rounding "
                  "does no harm"));
    EXPECT_THAT(folder_.refusal([&] { read_numbers(table, 1); }), HasSubstr(":3:2 \"hash\": 18446744073709551614 is"));
    EXPECT_THAT(texts_of(table, 0),
                ElementsAre("7", "<missing>", "9007199254740993", "9007199254740992", "9007199254740993"));
    EXPECT_THAT(read_labels(table, 1).levels,
                ElementsAre("1", "18446744073709551614", "18446744073709551615", "2", "9223372036854775808"));
  }
}

TEST_F(Columnar, ADictionaryOfNumbersSaysWhatItIs) {
  const auto coded = *arrow::DictionaryArray::FromArrays(array<arrow::Int32Builder, std::int32_t>({0, 1}),
                                                         array<arrow::DoubleBuilder, double>({1.5, 2.5}));
  const auto data = arrow::Table::Make(arrow::schema({arrow::field("c", coded->type())}), {coded});
  const Table table = read_table(ipc(*data, false, 2), {}, context_);
  EXPECT_THAT(
      folder_.refusal([&] { require_supported(table, 0); }),
      HasSubstr("t.arrow:1 \"c\": a dictionary of other values than text (Arrow format 'g') cannot be used; turn it into"));
}

TEST_F(Columnar, NumbersAreNotCopied) {
  const auto doubles = array<arrow::DoubleBuilder, double>({1, 2, 3});
  const auto data = arrow::Table::Make(arrow::schema({arrow::field("d", doubles->type())}), {doubles});
  const Table table = read_table(parquet(*data, 10), {}, context_);
  EXPECT_EQ(read_numbers(table, 0).values, table.columns[0].chunks()[0].buffers[1]);
}

TEST_F(Columnar, DamagedFilesAreRefused) {
  const std::string whole = [&] {
    std::ifstream in(parquet(*example()), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  const auto refused = [&](const std::string& name, const std::string& bytes) {
    const std::string path = folder_.write(name, bytes);
    return folder_.refusal([&] { read_table(path, {}, context_); });
  };
  EXPECT_NE(refused("cut.parquet", whole.substr(0, whole.size() / 2)), "no error");
  EXPECT_NE(refused("no.parquet", "PAR1"), "no error");
  EXPECT_NE(refused("text.parquet", "a,b\n1,2\n"), "no error");
  EXPECT_NE(refused("no.arrow", "ARROW1"), "no error");
  EXPECT_NE(refused("no.arrows", std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8)), "no error");
  for (std::size_t at = 0; at < whole.size(); at += 7) {  // never a crash; an error or a table
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const std::string path = folder_.write("d.parquet", damaged);
    folder_.refusal([&] {
      const Table table = read_table(path, {}, context_);
      for (Index j = 0; j < 6; ++j) texts_of(table, j);
    });
  }
}

TEST_F(Columnar, BudgetIsKept) {
  context_.memory_budget = 10;
  EXPECT_THAT(folder_.refusal([&] { read_table(parquet(*example()), {}, context_); }),
              HasSubstr("raise it with --memory BYTES"));
}

TEST_F(Columnar, CompressedTextIsUnpacked) {
  const std::string plain = folder_.write("t.csv", "a,b\n1,x\n2,y\n");
  ASSERT_EQ(std::system(("gzip -k " + plain + " && zstd -q " + plain).c_str()), 0);
  for (const char* name : {"t.csv.gz", "t.csv.zst"}) {
    const Table table = read_table(folder_.path(name), {}, context_);
    EXPECT_THAT(numbers_of(table, 0), ElementsAre(1, 2)) << name;
  }
  const std::string cut = folder_.write("cut.csv.gz", [&] {
    std::ifstream in(folder_.path("t.csv.gz"), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {}).substr(0, 20);
  }());
  EXPECT_THAT(folder_.refusal([&] { read_table(cut, {}, context_); }), HasSubstr("cut.csv.gz: cannot read on"));
}

}  // namespace
}  // namespace riata::io
