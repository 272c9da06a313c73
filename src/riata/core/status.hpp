#pragma once

#include <string_view>

namespace riata {

/// How a computation ended. An outcome, never an exception.
enum class Status { converged, iteration_limit, diverged, interrupted };

/// The contracted name: "converged", "iteration_limit", "diverged", "interrupted".
std::string_view to_string(Status status);

/// The one that says more: interrupted over diverged over iteration_limit over converged.
Status worse(Status a, Status b);

}  // namespace riata
