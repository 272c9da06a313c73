#pragma once

#include <string_view>

namespace riata {

/// The version of this build, "major.minor.patch".
std::string_view version();

}  // namespace riata
