#include "riata/app/train_checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using testing::HasSubstr;

/// The same file, as if an older riata had written it.
Safetensors older(const std::string& bytes) {
  Safetensors file = read_safetensors(bytes, "c");
  for (auto& [name, value] : file.metadata) {
    if (name == "format_version") value = "1";
  }
  return read_safetensors(write_safetensors(file), "c");
}

template <class Read>
std::string refusal(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TrainCheckpoint, ThatOfAnotherFormatIsRefusedWithBothNumbers) {
  const auto says = HasSubstr("c: is a checkpoint of format 1, and this riata reads format 2: end that run with the riata");
  const std::string part = write_grid_part(GridPart<double>{{1, 2}, {3}}, "f"),
                    whole = write_checkpoint(TrainState<float>{}, "f");
  EXPECT_EQ(read_grid_part<double>(read_safetensors(part, "c"), "f", "c").numbers, (std::vector<double>{1, 2}));
  EXPECT_THAT(refusal([&] { read_grid_part<double>(older(part), "f", "c"); }), says);
  EXPECT_EQ(read_checkpoint<float>(read_safetensors(whole, "c"), "f", "c").epoch, 0);
  EXPECT_THAT(refusal([&] { read_checkpoint<float>(older(whole), "f", "c"); }), says);
}

}  // namespace
}  // namespace riata
