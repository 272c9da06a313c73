#include "riata/core/version.hpp"

namespace riata {

std::string_view version() { return RIATA_VERSION; }

}  // namespace riata
