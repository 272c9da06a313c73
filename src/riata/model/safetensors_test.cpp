#include "riata/model/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using testing::HasSubstr;

Safetensors example() {
  Safetensors file;
  file.metadata = {{"kind", "riata network"}, {"say \"é\"", "{\"a\":[1]}"}};
  file.tensors = {make_tensor("layers.0.weight", {2, 3}, {1, 2, 3, 4, 5, 1e-300}),
                  make_tensor("layers.0.bias", {2}, {0.5, -0.0}, Tensor::Type::float32), make_tensor("empty", {0, 7}, {}),
                  make_tensor("scalar", {}, {7}), make_integer_tensor("step", {1}, {1'000'000'000'007})};
  return file;
}

/// A file by hand, without a checksum of ours.
std::string raw(const std::string& header, const std::string& body) {
  std::string out(8, '\0');
  for (int i = 0; i < 8; ++i) out[static_cast<std::size_t>(i)] = static_cast<char>(header.size() >> (8 * i) & 255);
  return out + header + body;
}

std::string refusal(const std::string& bytes) {
  try {
    for (const Tensor& tensor : read_safetensors(bytes, "w").tensors) {
      tensor.type == Tensor::Type::int64 ? void(tensor.integers("w")) : void(tensor.numbers("w"));
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "accepted";
}

std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets, std::size_t body) {
  return raw(R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}",
             std::string(body, '\0'));
}

TEST(SafetensorsFile, ReadsBackWhatWasWritten) {
  const std::string bytes = write_safetensors(example());
  const Safetensors file = read_safetensors(bytes, "w");
  EXPECT_TRUE(file.checked);
  EXPECT_EQ(write_safetensors(file), bytes);
  EXPECT_EQ(file.find("layers.0.weight")->numbers("w")[5], 1e-300);
  EXPECT_TRUE(std::signbit(file.find("layers.0.bias")->numbers("w")[1]));
  EXPECT_EQ(file.find("step")->integers("w")[0], 1'000'000'000'007);
  EXPECT_EQ(file.find("scalar")->size(), 1);
  EXPECT_EQ(*file.text("say \"é\""), "{\"a\":[1]}");
  EXPECT_EQ(file.find("none"), nullptr);
}

TEST(SafetensorsFile, EveryAlteredOrMissingByteIsNoticed) {
  const std::string bytes = write_safetensors(example());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    // a changed key of the checksum makes it a file of somebody else's, which carries none
    const bool ours = refusal(altered) == "accepted" && read_safetensors(altered, "w").checked;
    EXPECT_FALSE(ours) << i;
    EXPECT_NE(refusal(bytes.substr(0, i)), "accepted") << i;
  }
  EXPECT_NE(refusal(bytes + " "), "accepted");
}

TEST(SafetensorsFile, FilesOfOthersAreRead) {
  EXPECT_EQ(refusal(one("F64", "[2,1]", "[0,16]", 16)), "accepted");
  EXPECT_EQ(refusal(raw("{}      ", "")), "accepted");
  const Safetensors file = read_safetensors(raw(R"({"__metadata__":{"format":"pt"}})", ""), "w");
  EXPECT_FALSE(file.checked);
  EXPECT_EQ(*file.text("format"), "pt");
}

TEST(SafetensorsFile, HostileHeadersAreRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("too short"));
  EXPECT_THAT(refusal(std::string(16, '\xff')), HasSubstr("not the length of a header"));
  EXPECT_THAT(refusal(raw("[1,2,3]", "")), HasSubstr("not the length of a header"));
  EXPECT_THAT(refusal(raw("{\"a\":", "")), HasSubstr("not well-formed"));
  EXPECT_THAT(refusal(raw("{\"a\":" + std::string(1000, '[') + "}", "")), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(one("F64", "[2]", "[0,8]", 8)), HasSubstr("size of the shape"));
  EXPECT_THAT(refusal(one("F64", "[2]", "[0,16]", 8)), HasSubstr("is not between"));
  EXPECT_THAT(refusal(one("F64", "[1]", "[8,16]", 16)), HasSubstr("gaps"));
  EXPECT_THAT(refusal(one("F64", "[1]", "[0,8]", 16)), HasSubstr("more bytes"));
  EXPECT_THAT(refusal(one("F64", "[1]", "[8,0]", 8)), HasSubstr("is not between"));
  EXPECT_THAT(refusal(one("F64", "[-1]", "[0,8]", 8)), HasSubstr("is not between"));
  EXPECT_THAT(refusal(one("F64", "[1.0]", "[0,8]", 8)), HasSubstr("whole number"));
  EXPECT_THAT(refusal(one("BF16", "[4]", "[0,8]", 8)), HasSubstr("'BF16' is not read here"));
  EXPECT_THAT(refusal(one("F64", "[4294967296,4294967296]", "[0,0]", 0)), HasSubstr("too large"));
  EXPECT_THAT(refusal(one("F64", "[18446744073709551615]", "[0,0]", 0)), HasSubstr("whole number"));
  EXPECT_THAT(refusal(one("F64", "[0,9223372036854775807,9223372036854775807]", "[0,0]", 0)), HasSubstr("too large"));
  EXPECT_THAT(refusal(raw(R"({"a":1})", "")), HasSubstr("an object was expected"));
  EXPECT_THAT(refusal(raw(R"({"__metadata__":{"a":1}})", "")), HasSubstr("text was expected"));
  const std::string entry = R"("a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]})";
  EXPECT_THAT(refusal(raw("{" + entry + "," + entry + "}", std::string(8, '\0'))), HasSubstr("'a' twice"));
  const std::string other = R"("b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]})";
  EXPECT_THAT(refusal(raw("{" + entry + "," + other + "}", std::string(8, '\0'))), HasSubstr("overlap"));
  const std::string nan =
      write_safetensors({.metadata = {}, .tensors = {make_tensor("a", {1}, {std::numeric_limits<double>::quiet_NaN()})}});
  EXPECT_THAT(refusal(nan), HasSubstr("not finite"));
}

}  // namespace
}  // namespace riata
