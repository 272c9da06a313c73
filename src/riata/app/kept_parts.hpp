#pragma once

#include <functional>
#include <map>
#include <string>

#include "riata/core/types.hpp"
#include "riata/model/safetensors.hpp"

namespace riata {

/// A finished part of a run that trains many networks.
struct KeptPart {
  std::string name;  ///< of its file
  Safetensors file;
};

/// What an earlier run has finished, and where what this one finishes goes.
struct KeptParts {
  std::map<Index, KeptPart> found;  ///< by number
  std::function<void(const std::string& bytes, Index number)>
      keep;  ///< to be written whole; one call at a time; may be empty
};

}  // namespace riata
