#pragma once

#include <string>

#include "riata/core/context.hpp"
#include "riata/model/model.hpp"

namespace riata::cli {

/// Reads a model; "-" is the standard input.
Model load_model(const std::string& path);

}  // namespace riata::cli
