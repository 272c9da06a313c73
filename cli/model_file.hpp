#pragma once

#include <string>
#include <variant>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/model/model.hpp"
#include "riata/model/network_model.hpp"

namespace riata::cli {

/// Reads a model of either kind; "-" is the standard input.
using AnyModel = std::variant<Model, NetworkModel>;
AnyModel load_any_model(const std::string& path);

/// The model's categorical features, which a table must give as text whatever they look like.
std::vector<std::string> text_columns(const Model& model);
std::vector<std::string> text_columns(const NetworkModel& model);

/// Whether a table must give the target as text, for its labels to be those of the model's classes.
bool has_text_labels(const Model& model);

}  // namespace riata::cli
