#include "riata/io/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "riata/io/file_for_tests.hpp"

namespace riata::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// An NPY file; `version` 1 or 2, the header padded to 64 bytes as NumPy does unless `pad` is false.
std::string npy(const std::string& descr, const std::string& shape, std::string_view data, bool fortran = false,
                int version = 1, bool pad = true) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
  const std::size_t prefix = version == 1 ? 10 : 12;
  while (pad && (prefix + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  for (std::size_t k = 0; k < prefix - 8; ++k) out += static_cast<char>(header.size() >> (8 * k) & 255);
  return out + header + std::string(data);
}

template <class T>
std::string bytes(std::initializer_list<T> values) {
  std::string out(values.size() * sizeof(T), '\0');
  std::memcpy(out.data(), values.begin(), out.size());
  return out;
}

class Npy : public testing::Test {
 protected:
  Table read(const std::string& file) { return read_table(folder_.write("m.npy", file), {}, context_); }
  std::string refusal(const std::string& file) {
    return folder_.refusal([&] { read(file); });
  }
  TemporaryFolder folder_;
  Context context_{1};
};

TEST_F(Npy, OrdersWidthsAndVersions) {
  Table table = read(npy("<f8", "(2, 3)", bytes<double>({1, 2, 3, 4, 5, 6})));
  EXPECT_FALSE(table.has_header);
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(table.column_name(2), "x3");
  EXPECT_THAT(numbers_of(table, 1), ElementsAre(2, 5));
  table = read(npy("<f8", "(2, 3)", bytes<double>({1, 2, 3, 4, 5, 6}), true, 2));
  EXPECT_THAT(numbers_of(table, 1), ElementsAre(3, 4));
  table = read(npy("<f4", "(3,)", bytes<float>({1, 2.5F, 3})));
  EXPECT_EQ(table.matrix->scalar, MatrixBlock::Scalar::float32);
  EXPECT_THAT(numbers_of(table, 0), ElementsAre(1, 2.5, 3));
}

TEST_F(Npy, FloatsAreMappedNotCopied) {
  const std::string file = npy("<f8", "(2, 1)", bytes<double>({1, 2}));
  const Table table = parse_npy(file, nullptr, "m", context_);
  EXPECT_EQ(table.matrix->values, file.data() + file.size() - 16);
}

TEST_F(Npy, OtherTypesAreConverted) {
  EXPECT_THAT(numbers_of(read(npy("<i8", "(2,)", bytes<std::int64_t>({-5, 7}))), 0), ElementsAre(-5, 7));
  EXPECT_THAT(numbers_of(read(npy("<u4", "(2,)", bytes<std::uint32_t>({5, 4294967295u}))), 0), ElementsAre(5, 4294967295.0));
  EXPECT_THAT(numbers_of(read(npy("|b1", "(2,)", bytes<std::uint8_t>({0, 1}))), 0), ElementsAre(0, 1));
  EXPECT_THAT(numbers_of(read(npy("<f2", "(3,)", bytes<std::uint16_t>({0x3C00, 0xC100, 1}))), 0),
              ElementsAre(1, -2.5, 0x1p-24));
  EXPECT_THAT(numbers_of(read(npy(">f8", "(1,)", std::string_view("\x40\x09\0\0\0\0\0\0", 8))), 0), ElementsAre(3.125));
  EXPECT_EQ(read(npy("|i1", "(1,)", "a")).matrix->scalar, MatrixBlock::Scalar::float32);
  EXPECT_THAT(numbers_of(read(npy("<f8", "(2,)", bytes<double>({1, 2}), false, 1, false)), 0), ElementsAre(1, 2))
      << "unaligned";
}

TEST_F(Npy, IntegersThatWouldBeRoundedAreRefusedWhereTheyAreUsed) {
  const std::int64_t most = std::int64_t{1} << 53;
  EXPECT_THAT(numbers_of(read(npy("<i8", "(4,)", bytes<std::int64_t>({most, -most, most + 2, INT64_MIN}))), 0),
              ElementsAre(0x1p53, -0x1p53, 0x1p53 + 2, -0x1p63));
  const auto used = [&](const std::string& file, Index position) {
    return folder_.refusal([&] { numbers_of(read(file), position); });
  };
  const std::string by_rows = npy("<i8", "(2, 2)", bytes<std::int64_t>({1, 2, 3, -most - 1}));
  EXPECT_THAT(used(by_rows, 1), HasSubstr("m.npy:2:2 \"x2\": -9007199254740993 is an integer beyond 2^53"));
  EXPECT_THAT(numbers_of(read(by_rows), 0), ElementsAre(1, 3)) << "a column is judged where it is used";
  EXPECT_THAT(used(npy("<i8", "(2, 2)", bytes<std::int64_t>({1, 2, most + 1, 4}), true), 1),
              HasSubstr("m.npy:1:2 \"x2\": 9007199254740993 is"));
  EXPECT_THAT(used(npy("<u8", "(1,)", bytes<std::uint64_t>({UINT64_MAX})), 0),
              HasSubstr("m.npy:1:1 \"x1\": 18446744073709551615 is"));
}

TEST_F(Npy, NothingMayFollowTheArray) {
  EXPECT_EQ(refusal(npy("<f8", "(1,)", std::string(19, '\0'))),
            "m.npy: 11 bytes follow the array; a table is one array, save each in a file of its own");
}

TEST_F(Npy, HostileHeadersAreRefusedBeforeAllocation) {
  EXPECT_EQ(refusal(npy("<f8", "(1152921504606846976, 3)", "12345678")),
            "m.npy: the header claims 1152921504606846976 rows and 3 columns, which need 27.7 EB, but only 8 bytes follow; "
            "the file "
            "is cut short or damaged");
  EXPECT_THAT(refusal(npy("<f8", "(4611686018427387904, 4611686018427387904)", "12345678")),
              HasSubstr("cut short or damaged"));
  EXPECT_THAT(refusal(npy("<f8", "(2, 1)", bytes<double>({1}))), HasSubstr("which need 16 bytes, but only 8 bytes follow"));
  EXPECT_THAT(refusal(npy("<f8", "(99999999999999999999,)", "")), HasSubstr("not a tuple of sizes that fit 64 bits"));
  EXPECT_THAT(refusal(npy("<f8", "(4611686018427387904, 0)", "")), HasSubstr("0 columns: nothing to fit"));
  EXPECT_THAT(refusal(npy("<f8", "(0, 3)", "")), HasSubstr("holds 0 rows"));
  EXPECT_THAT(refusal(npy("<f8", "(1, 1, 1)", "12345678")), HasSubstr("3 dimensions"));
  EXPECT_THAT(refusal(npy("<f8", "()", "12345678")), HasSubstr("0 dimensions"));
  EXPECT_EQ(refusal(npy("|O", "(1,)", "12345678")),
            "m.npy: holds elements of type '|O'; save them as numbers (float32, float64, an integer type or bool)");
  EXPECT_THAT(refusal(npy("<c16", "(1,)", std::string(16, ' '))), HasSubstr("elements of type '<c16'"));
  EXPECT_THAT(refusal(npy("<f7", "(1,)", "1234567")), HasSubstr("elements of type '<f7'"));
  EXPECT_THAT(refusal("\x93NUMPY\x01"), HasSubstr("is not an NPY file"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\x01\0\xFF\xFF{", 11)), HasSubstr("cut short"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\x09\0\xFF\xFF{", 11)), HasSubstr("version 9"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\x01\0\x02\0{}", 12)), HasSubstr("descr, fortran_order or shape is missing"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\x01\0\x10\0{'descr': [('a',", 26)), HasSubstr("structured array"));
  context_.memory_budget = 100;
  EXPECT_THAT(refusal(npy("<i8", "(100,)", std::string(800, '\0'))), HasSubstr("raise it with --memory BYTES"));
}

}  // namespace
}  // namespace riata::io
