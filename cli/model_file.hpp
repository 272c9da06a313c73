#pragma once

#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/model/model.hpp"

namespace riata::cli {

/// Reads a model; "-" is the standard input.
Model load_model(const std::string& path);

/// The model's categorical features, which a table must give as text whatever they look like.
std::vector<std::string> text_columns(const Model& model);

}  // namespace riata::cli
