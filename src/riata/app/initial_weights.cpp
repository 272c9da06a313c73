#include "riata/app/initial_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "riata/app/option_text.hpp"
#include "riata/core/error.hpp"

namespace riata {
namespace {

/// A file of ours holds these beside the parameters.
bool is_parameter(const Tensor& tensor) {
  return !tensor.name.starts_with("scaling.") && tensor.name != "history" && !tensor.name.starts_with("history.");
}

/// A file of a deeper network must not pass for this one.
template <class T>
void refuse_other_parameters(const Network<T>& network, const Safetensors& file, const std::string& source) {
  std::vector<std::string> others;
  for (const Tensor& tensor : file.tensors) {
    const bool known =
        std::ranges::any_of(network.blocks(), [&](const ParameterBlock& one) { return one.name == tensor.name; });
    if (!known && is_parameter(tensor)) others.push_back(in_quotes(tensor.name));
  }
  if (others.empty()) return;
  throw Error(
      ErrorKind::input,
      fmt::format("--initial-weights: the network has no {}; give --hidden as in the network that the file is of, or "
                  "leave {} out of it",
                  fmt::join(others, ", "), others.size() == 1 ? "that tensor" : "those tensors"),
      source);
}

}  // namespace

template <class T>
Network<T> given_network(const NetworkSpec& spec, const Safetensors& file, const std::string& source) {
  Network<T> network(spec);
  refuse_other_parameters(network, file, source);
  for (const ParameterBlock& block : network.blocks()) {
    const Tensor* tensor = file.find(block.name);
    if (tensor == nullptr) {
      throw Error(ErrorKind::input, "--initial-weights: the tensor '" + block.name + "' is missing", source);
    }
    const std::vector<Index> shape =
        block.is_bias ? std::vector<Index>{block.rows} : std::vector<Index>{block.rows, block.cols};
    if (tensor->shape != shape) {
      throw Error(ErrorKind::input,
                  fmt::format("--initial-weights: the tensor '{}' has another shape than the network, {} × {} (out × in)",
                              block.name, block.rows, block.cols),
                  source);
    }
    const std::vector<double> values = tensor->numbers(source);
    std::ranges::transform(values, network.of(block).begin(), [](double one) { return static_cast<T>(one); });
  }
  return network;
}

template Network<float> given_network(const NetworkSpec&, const Safetensors&, const std::string&);
template Network<double> given_network(const NetworkSpec&, const Safetensors&, const std::string&);

}  // namespace riata
