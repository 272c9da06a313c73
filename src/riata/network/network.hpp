#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/network/spec.hpp"

namespace riata {

/// A named part of the parameter vector: `layers.K.weight`, rows × cols = out × in, stored row by row (PyTorch's and
/// safetensors' order), `layers.K.bias`, rows × 1, or `skip.weight`, outputs × inputs, which like layer 0 starts at the
/// inputs.
struct ParameterBlock {
  std::string name;
  Index layer = 0;
  bool is_bias = false;
  bool is_skip = false;
  Index offset = 0;
  Index rows = 0, cols = 0;

  Index size() const { return rows * cols; }
};

/// A multilayer perceptron with its parameters in one contiguous vector: layers.0.weight, layers.0.bias, layers.1.weight, …,
/// perhaps skip.weight.
/// T is float or double.
template <class T>
class Network {
 public:
  Network() = default;
  /// All parameters zero.
  explicit Network(NetworkSpec spec);

  const NetworkSpec& spec() const { return spec_; }
  std::span<const ParameterBlock> blocks() const { return blocks_; }
  std::span<T> parameters() { return parameters_; }
  std::span<const T> parameters() const { return parameters_; }
  std::span<T> of(const ParameterBlock& block) { return part(parameters(), block); }
  std::span<const T> of(const ParameterBlock& block) const { return part(parameters(), block); }
  /// Affine layers: hidden ones and the last.
  Index n_layers() const { return static_cast<Index>(spec_.hidden.size()) + 1; }

 private:
  template <class U>
  static std::span<U> part(std::span<U> all, const ParameterBlock& block) {
    return all.subspan(static_cast<std::size_t>(block.offset), static_cast<std::size_t>(block.size()));
  }

  NetworkSpec spec_;
  std::vector<ParameterBlock> blocks_;
  std::vector<T> parameters_;
};

/// PyTorch's default for linear layers: weights and biases uniform in ±1/√in, from our own generator: the same numbers on
/// every platform; a float network has the rounded numbers of the double one.
template <class T>
Network<T> initial_network(const NetworkSpec& spec, std::uint64_t seed);

/// eta (rows × outputs) = the network at the features (rows × inputs, column-major).
template <class T>
void forward(const Network<T>& network, MatrixView<const T> features, Matrix eta, const Context& context);

/// Root of the sum of squares of all parameters, biases too.
template <class T>
double weight_norm(std::span<const T> parameters);

}  // namespace riata
