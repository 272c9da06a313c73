#include "riata/core/status.hpp"

namespace riata {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::converged: return "converged";
    case Status::iteration_limit: return "iteration_limit";
    case Status::diverged: return "diverged";
    case Status::interrupted: return "interrupted";
  }
  return "unknown";
}

Status worse(Status a, Status b) { return a < b ? b : a; }

}  // namespace riata
