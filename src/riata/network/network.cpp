#include "riata/network/network.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "riata/core/random.hpp"
#include "riata/kernels/optimizer.hpp"
#include "riata/network/engine.hpp"
#include "riata/network/streams.hpp"

namespace riata {

template <class T>
Network<T>::Network(NetworkSpec spec) : spec_(std::move(spec)) {
  check(spec_);
  Index in = spec_.inputs, offset = 0;
  const auto add = [&](const ParameterBlock& block) {
    blocks_.push_back(block);
    blocks_.back().offset = std::exchange(offset, offset + block.size());
  };
  for (Index layer = 0; layer < n_layers(); ++layer) {
    const Index out = layer + 1 < n_layers() ? spec_.hidden[static_cast<std::size_t>(layer)] : spec_.outputs;
    const std::string name = "layers." + std::to_string(layer);
    add({.name = name + ".weight", .layer = layer, .rows = out, .cols = in});
    add({.name = name + ".bias", .layer = layer, .is_bias = true, .rows = out, .cols = 1});
    in = out;
  }
  if (spec_.skip) add({.name = "skip.weight", .is_skip = true, .rows = spec_.outputs, .cols = spec_.inputs});
  parameters_.assign(static_cast<std::size_t>(offset), T{0});
}

template <class T>
Network<T> initial_network(const NetworkSpec& spec, std::uint64_t seed) {
  Network<T> network(spec);
  std::uint64_t stream = 0;
  Index fan_in = 0;
  for (const ParameterBlock& block : network.blocks()) {
    if (!block.is_bias) fan_in = block.cols;
    const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
    Random random(seed, stream_of(NetworkStream::parameters, stream++));
    for (T& value : network.of(block)) value = static_cast<T>((2 * random.uniform() - 1) * bound);
  }
  return network;
}

template <class T>
void forward(const Network<T>& network, const Samples<T>& samples, Matrix eta, const Context& context) {
  const MatrixView<const T>& features = samples.features;
  assert(features.cols == network.spec().inputs && eta.rows == features.rows && eta.cols == network.spec().outputs);
  const std::vector<double> response(static_cast<std::size_t>(features.rows), 0.0);
  const Index n_blocks = (features.rows + kBlockRows - 1) / kBlockRows;
  context.for_blocks(n_blocks, [&](Index b) {
    const Index first = b * kBlockRows, rows = std::min(kBlockRows, features.rows - first);
    Samples<T> part = samples;
    part.features.rows = rows;
    if (features.data != nullptr) part.features.data += first;
    if (samples.sparse.starts != nullptr) part.sparse.starts += first;
    if (samples.by_rows != nullptr) part.by_rows += first * features.cols;
    if (samples.in_blocks != nullptr) part.in_blocks += first * features.cols;
    part.weights = part.offset = {};
    part.response = std::span(response).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(rows));
    const PackedSamples<T> packed(part);
    Engine<T> engine(network, 1, rows);
    kernels::AlignedVector<T> room;
    const auto out = engine.eta(network.parameters().data(), packed.block(0, room));
    for (Index k = 0; k < eta.cols; ++k) {
      for (Index i = 0; i < rows; ++i) eta(first + i, k) = static_cast<double>(out(i, k));
    }
  });
}

template <class T>
void forward(const Network<T>& network, MatrixView<const T> features, Matrix eta, const Context& context) {
  Samples<T> samples;
  samples.features = features;
  forward(network, samples, eta, context);
}

template <class T>
double weight_norm(std::span<const T> parameters) {
  return std::sqrt(kernels::sum_of_squares<T>(parameters.data(), static_cast<Index>(parameters.size())));
}

#define RIATA_NETWORK(T)                                                                 \
  template class Network<T>;                                                             \
  template Network<T> initial_network(const NetworkSpec&, std::uint64_t);                \
  template void forward(const Network<T>&, MatrixView<const T>, Matrix, const Context&); \
  template void forward(const Network<T>&, const Samples<T>&, Matrix, const Context&);   \
  template double weight_norm(std::span<const T>);
RIATA_NETWORK(float)
RIATA_NETWORK(double)
#undef RIATA_NETWORK

}  // namespace riata
