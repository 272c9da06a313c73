#include "model_file.hpp"

#include "session.hpp"

namespace riata::cli {
namespace {

constexpr Index kLargestModel = Index{1} << 31;

}  // namespace

Model load_model(const std::string& path) {
  const std::string bytes = read_bytes(path, kLargestModel);
  return read_model(bytes, path == "-" ? "standard input" : path);
}

std::vector<std::string> text_columns(const Model& model) {
  std::vector<std::string> out;
  for (const FeatureCoding& feature : model.coding.features) {
    if (feature.kind == FeatureCoding::Kind::categorical) out.push_back(feature.name);
  }
  return out;
}

}  // namespace riata::cli
