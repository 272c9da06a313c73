#pragma once

#include <string>

#include "riata/core/types.hpp"

namespace riata {

/// The bytes of a file, or of the standard input for "-". Throws Error(input), also where there are more than `most`.
std::string read_bytes(const std::string& path, Index most);

}  // namespace riata
