#include "riata/network/engine.hpp"

#include <algorithm>

#include "riata/core/random.hpp"
#include "riata/kernels/gemm.hpp"
#include "riata/network/streams.hpp"

namespace riata {
namespace {

constexpr Index kMaxChunks = 16;
constexpr Index kWideLayer = 4096;      // weights from which BLAS is faster
constexpr std::uint64_t kInputs = 255;  // stands for the inputs among the layers whose units are dropped

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
Engine<T>::Engine(const Network<T>& shape, Index max_blocks, Index max_rows, bool drops_inputs)
    : activation_(shape.spec().activation),
      loss_(shape.spec().loss),
      n_parameters_(static_cast<Index>(shape.parameters().size())) {
  const Index padded = whole_groups(max_rows);
  for (const ParameterBlock& block : shape.blocks()) {
    const Layer layer{block.cols, block.rows, block.offset, 0, block.size() >= kWideLayer};
    if (block.is_bias) {
      layers_.back().bias = block.offset;
    } else if (block.is_skip) {
      skip_ = layer;
    } else {
      layers_.push_back(layer);
    }
  }
  Index widest = 0;
  for (const Layer& layer : layers_) widest = std::max(widest, layer.out);
  chunks_.resize(at(n_chunks(max_blocks)));
  for (Chunk& chunk : chunks_) {
    for (const Layer& layer : layers_) {
      chunk.values.emplace_back(at(padded * layer.out));
      chunk.slopes.emplace_back(&layer == &layers_.back() ? 0 : at(padded * layer.out));
    }
    if (drops_inputs) chunk.inputs.resize(at(padded * shape.spec().inputs));
    chunk.delta.resize(at(padded * widest));
    chunk.next_delta.resize(at(padded * widest));
    if (chunks_.size() > 1) chunk.gradient.resize(at(n_parameters_));
  }
}

template <class T>
Index Engine<T>::n_chunks(Index n_blocks) const {
  return std::clamp<Index>(n_blocks, 1, kMaxChunks);
}

template <class T>
void Engine<T>::apply(const Layer& layer, MatrixView<const T> in, const T* parameters, MatrixView<T> out) const {
  const T* weight = parameters + layer.weight;
  const T* bias = parameters + layer.bias;
  if (!layer.wide) return kernels::affine<T>(in, weight, layer.in, 1, bias, out);
  for (Index o = 0; o < layer.out; ++o) std::fill_n(&out(0, o), out.rows, bias[o]);
  blas::gemm(blas::Op::none, blas::Op::none, T{1}, in, MatrixView<const T>(weight, layer.in, layer.out), T{1}, out);
}

/// out += θ · features.
template <class T>
void Engine<T>::apply_skip(MatrixView<const T> features, Chunk& chunk, const T* parameters, MatrixView<T> out) const {
  const T* weight = parameters + skip_->weight;
  if (skip_->wide) {
    return blas::gemm(blas::Op::none, blas::Op::none, T{1}, features, MatrixView<const T>(weight, skip_->in, skip_->out),
                      T{1}, out);
  }
  const MatrixView<T> direct(chunk.delta.data(), out.rows, out.cols);
  kernels::affine<T>(features, weight, skip_->in, 1, nullptr, direct);
  for (Index i = 0; i < out.rows * out.cols; ++i) out.data[i] += direct.data[i];
}

/// The mask of one layer: 1/(1 − share) or 0, a function of seed, step, layer, unit and row. slopes may be null.
template <class T>
void Engine<T>::drop(double share, std::uint64_t layer, MatrixView<T> values, T* slopes, Index first_row) const {
  const T kept = static_cast<T>(1 / (1 - share));
  const auto bound = static_cast<std::uint32_t>(share * 0x1p32);
  const std::uint64_t stream = stream_of(NetworkStream::dropout, static_cast<std::uint64_t>(pass_.dropout.step));
  for (Index o = 0; o < values.cols; ++o) {
    T* value = &values(0, o);
    T* slope = slopes == nullptr ? nullptr : slopes + o * values.rows;
    for (Index i = 0; i < values.rows; i += 4) {
      const std::uint64_t place =
          (layer << 56) | (static_cast<std::uint64_t>(o) << 32) | static_cast<std::uint64_t>((first_row + i) / 4);
      const auto words = philox(pass_.dropout.seed, stream, place);
      for (Index k = 0; k < 4; ++k) {
        const T factor = words[at(k)] < bound ? T{0} : kept;
        value[i + k] *= factor;
        if (slope != nullptr) slope[i + k] *= factor;
      }
    }
  }
}

/// The features as a step with dropped inputs sees them.
template <class T>
MatrixView<const T> Engine<T>::thinned(MatrixView<const T> features, Chunk& chunk, Index first_row) const {
  const MatrixView<T> inputs(chunk.inputs.data(), features.rows, features.cols);
  for (Index j = 0; j < features.cols; ++j) std::copy_n(&features(0, j), features.rows, &inputs(0, j));
  drop(pass_.dropout.input_share, kInputs, inputs, nullptr, first_row);
  return inputs;
}

template <class T>
MatrixView<T> Engine<T>::forward(MatrixView<const T> features, const T* offset, Chunk& chunk, const T* parameters,
                                 bool slopes, Index first_row) {
  const Index padded = features.rows;
  MatrixView<const T> in = features;
  MatrixView<T> out;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    out = MatrixView<T>(chunk.values[k].data(), padded, layers_[k].out);
    apply(layers_[k], in, parameters, out);
    if (k + 1 < layers_.size()) {
      kernels::activate<T>(activation_, out.data, slopes ? chunk.slopes[k].data() : nullptr, padded * layers_[k].out);
      if (slopes && pass_.dropout.share > 0) drop(pass_.dropout.share, k, out, chunk.slopes[k].data(), first_row);
    }
    in = out;
  }
  if (skip_) apply_skip(features, chunk, parameters, out);
  if (offset != nullptr) {
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is an output layer
    for (Index i = 0; i < padded; ++i) out.data[i] += offset[i];
  }
  return out;
}

/// Of weights, and of biases save for the skip.
template <class T>
void Engine<T>::add_gradient(const Layer& layer, MatrixView<const T> in, MatrixView<const T> delta, T* gradient) const {
  T *weight = gradient + layer.weight, *bias = skip_ && layer.weight == skip_->weight ? nullptr : gradient + layer.bias;
  if (!layer.wide) return kernels::affine_gradient<T>(in, delta, weight, bias);
  blas::gemm(blas::Op::transpose, blas::Op::none, T{1}, in, delta, T{1}, MatrixView<T>(weight, layer.in, layer.out));
  if (bias != nullptr) kernels::affine_gradient<T>(MatrixView<const T>(in.data, in.rows, 0, in.rows), delta, nullptr, bias);
}

template <class T>
void Engine<T>::backward(MatrixView<const T> features, Chunk& chunk, T* gradient) {
  const Index padded = features.rows;
  T* delta = chunk.values.back().data();
  if (skip_) add_gradient(*skip_, features, MatrixView<const T>(delta, padded, skip_->out), gradient);
  for (std::size_t k = layers_.size(); k-- > 0;) {
    const Layer& layer = layers_[k];
    const MatrixView<const T> in = k == 0 ? features : MatrixView<const T>(chunk.values[k - 1].data(), padded, layer.in);
    const MatrixView<const T> d(delta, padded, layer.out);
    add_gradient(layer, in, d, gradient);
    if (k == 0) break;
    T* next = delta == chunk.delta.data() ? chunk.next_delta.data() : chunk.delta.data();
    const MatrixView<T> below(next, padded, layer.in);
    const T* weight = pass_.parameters + layer.weight;
    if (layer.wide) {
      blas::gemm(blas::Op::none, blas::Op::transpose, T{1}, d, MatrixView<const T>(weight, layer.in, layer.out), T{0},
                 below);
    } else {
      kernels::affine<T>(d, weight, 1, layer.in, nullptr, below);
    }
    kernels::multiply<T>(next, chunk.slopes[k - 1].data(), padded * layer.in);
    delta = next;
  }
}

template <class T>
void Engine<T>::run_chunk(Index c) {
  Chunk& chunk = chunks_[at(c)];
  chunk.sums = {};
  const Index n_blocks = pass_.samples->n_blocks(), count = n_chunks(n_blocks);
  T* gradient = count == 1 ? pass_.gradient : chunk.gradient.data();
  const bool learns = pass_.gradient != nullptr;
  if (learns) std::fill_n(gradient, n_parameters_, T{0});
  for (Index b = c * n_blocks / count; b < (c + 1) * n_blocks / count; ++b) {
    const RowBlock<T> block = pass_.samples->block(b, chunk.room);
    const Index first_row = b * kBlockRows;
    const bool thins = learns && pass_.dropout.input_share > 0;
    const MatrixView<const T> features = thins ? thinned(block.features, chunk, first_row) : block.features;
    const MatrixView<T> eta = forward(features, block.offset, chunk, pass_.parameters, learns, first_row);
    const auto sums = kernels::loss_head<T>(loss_, eta, block.response, block.weights, static_cast<T>(pass_.scale),
                                            learns ? eta : MatrixView<T>());
    chunk.sums.loss += sums.loss;
    chunk.sums.hits += sums.hits;
    if (learns) backward(features, chunk, gradient);
  }
}

template <class T>
void Engine<T>::run(const Pass& pass, const Context& context) {
  pass_ = pass;
  context.for_blocks(n_chunks(pass.samples->n_blocks()), [this](Index c) { run_chunk(c); });
}

template <class T>
PassSums Engine<T>::gradient(const T* parameters, const PackedSamples<T>& samples, double scale, const Dropout& dropout,
                             T* gradient, const Context& context) {
  run({parameters, &samples, scale, dropout, gradient}, context);
  const Index count = n_chunks(samples.n_blocks());
  PassSums total = chunks_.front().sums;
  if (count > 1) std::copy_n(chunks_.front().gradient.data(), n_parameters_, gradient);
  for (Index c = 1; c < count; ++c) {
    const Chunk& chunk = chunks_[at(c)];
    total.loss += chunk.sums.loss;
    total.hits += chunk.sums.hits;
    for (Index i = 0; i < n_parameters_; ++i) gradient[i] += chunk.gradient[at(i)];
  }
  return total;
}

template <class T>
PassSums Engine<T>::evaluate(const T* parameters, const PackedSamples<T>& samples, const Context& context) {
  run({parameters, &samples, 0, {}, nullptr}, context);
  PassSums total;
  for (Index c = 0; c < n_chunks(samples.n_blocks()); ++c) {
    total.loss += chunks_[at(c)].sums.loss;
    total.hits += chunks_[at(c)].sums.hits;
  }
  return total;
}

template <class T>
MatrixView<const T> Engine<T>::eta(const T* parameters, const RowBlock<T>& block) {
  return forward(block.features, block.offset, chunks_.front(), parameters, false, 0);
}

template class Engine<float>;
template class Engine<double>;

}  // namespace riata
