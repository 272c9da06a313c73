#pragma once

#include <string>

#include "riata/core/types.hpp"

namespace riata {

/// How long the rest of a stage takes at the pace so far, `done` of `total` in so many seconds: "about 3 min left". Rounded,
/// so that it does not flicker; empty within the first second and where nothing is known.
std::string time_left(double seconds, Index done, Index total);

}  // namespace riata
