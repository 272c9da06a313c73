#include "model_file.hpp"

#include <algorithm>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/read_bytes.hpp"
#include "riata/core/text.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

constexpr Index kLargestModel = Index{1} << 34;

/// Whether a table's own reading of the labels (as numbers, true and false) gives the text that they were kept as.
bool reads_as_itself(const std::string& label) {
  if (label == "true" || label == "false") return true;
  const auto number = parse_double(label);
  return number && to_text(*number) == label;
}

std::vector<std::string> categories(const Coding& coding) {
  std::vector<std::string> out;
  for (const FeatureCoding& feature : coding.features) {
    if (feature.kind == FeatureCoding::Kind::categorical) out.push_back(feature.name);
  }
  return out;
}

}  // namespace

AnyModel load_any_model(const std::string& path) {
  const std::string bytes = read_bytes(path, kLargestModel), name = path == "-" ? "standard input" : path;
  if (looks_like_safetensors(bytes)) return read_network(bytes, name);
  return read_model(bytes, name);
}

std::vector<std::string> text_columns(const Model& model) { return categories(model.coding); }

std::vector<std::string> text_columns(const NetworkModel& model) { return categories(model.coding); }

bool has_text_labels(const Model& model) {
  return std::ranges::any_of(model.classes, [](const std::string& label) { return !reads_as_itself(label); });
}

}  // namespace riata::cli
