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

}  // namespace riata::cli
