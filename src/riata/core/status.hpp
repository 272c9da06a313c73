#pragma once

#include <string_view>

namespace riata {

/// How a computation ended. An outcome, never an exception.
enum class Status { converged, iteration_limit, diverged, interrupted };

/// The contracted name: "converged", "iteration_limit", "diverged", "interrupted".
std::string_view to_string(Status status);

}  // namespace riata
