#include <cstddef>
#include <cstdint>
#include <string_view>

#include "riata/core/error.hpp"
#include "riata/model/safetensors.hpp"

/// Any bytes as a safetensors file give tensors or an Error; what is accepted is written and read once more, and comes out
/// the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const std::string once = riata::write_safetensors(riata::read_safetensors(bytes, "file"));
    if (riata::write_safetensors(riata::read_safetensors(once, "file")) != once) __builtin_trap();
  } catch (const riata::Error&) {
  }
  return 0;
}
