#include <cstddef>
#include <cstdint>
#include <string>

#include "riata/core/error.hpp"
#include "riata/model/model.hpp"
#include "riata/model/network_model.hpp"

/// Any bytes as a network file give a NetworkModel or an Error. The checksum is made good, so that what lies behind it is
/// reached: the header, the description, the tensors. A network that is accepted is written and read once more, and comes
/// out the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t digits = bytes.find("xxh3:");
  if (digits != std::string::npos && digits + 21 <= bytes.size()) {
    bytes.replace(digits + 5, 16, riata::model_checksum(bytes, digits + 5));
  }
  try {
    const std::string once = riata::write_network(riata::read_network(bytes, "network"));
    if (riata::write_network(riata::read_network(once, "network")) != once) __builtin_trap();
  } catch (const riata::Error&) {
  }
  return 0;
}
