#pragma once

#include <optional>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/network/packed.hpp"

namespace riata {

/// Sums over rows of one pass.
struct PassSums {
  double loss = 0;  ///< Σ w ℓ
  double hits = 0;  ///< Σ w [right class]
};

/// Forward and backward passes over blocks of rows, with all memory allocated beforehand. Blocks are dealt to at most 16
/// chunks whose sums are added in their order: the same bits for any number of threads.
template <class T>
class Engine {
 public:
  /// For passes over at most max_blocks blocks of at most max_rows rows.
  Engine(const Network<T>& shape, Index max_blocks, Index max_rows, bool drops_inputs = false);

  struct Dropout {
    double share = 0, input_share = 0;  ///< of hidden units; of inputs (drops_inputs)
    std::uint64_t seed = 0;
    Index step = 0;
  };

  /// gradient := scale · Σ wᵢ ∂ℓᵢ/∂parameters, and the sums of the same forward pass.
  PassSums gradient(const T* parameters, const PackedSamples<T>& samples, double scale, const Dropout& dropout, T* gradient,
                    const Context& context);
  /// The sums of a forward pass without dropout.
  PassSums evaluate(const T* parameters, const PackedSamples<T>& samples, const Context& context);
  /// η of one block: padded rows × outputs, valid until the next pass.
  MatrixView<const T> eta(const T* parameters, const RowBlock<T>& block);

 private:
  /// What one chunk needs: per layer the activations and slopes of a block, two blocks of deltas, its sum of gradients.
  struct Chunk {
    std::vector<kernels::AlignedVector<T>> values, slopes;
    kernels::AlignedVector<T> inputs;  ///< where some are dropped
    kernels::AlignedVector<T> room;    ///< for a block of sparse rows
    kernels::AlignedVector<T> delta, next_delta, gradient;
    PassSums sums;
  };
  struct Layer {
    Index in, out, weight, bias;  ///< sizes, offsets in the parameters
    bool wide;                    ///< by BLAS
  };
  /// The pass under way.
  struct Pass {
    const T* parameters = nullptr;
    const PackedSamples<T>* samples = nullptr;
    double scale = 0;
    Dropout dropout;
    T* gradient = nullptr;  ///< null: no gradients
  };

  void run(const Pass& pass, const Context& context);
  void run_chunk(Index c);
  MatrixView<T> forward(MatrixView<const T> features, const T* offset, Chunk& chunk, const T* parameters, bool slopes,
                        Index first_row);
  void backward(MatrixView<const T> features, Chunk& chunk, T* gradient);
  MatrixView<const T> thinned(MatrixView<const T> features, Chunk& chunk, Index first_row) const;
  void apply_skip(MatrixView<const T> features, Chunk& chunk, const T* parameters, MatrixView<T> out) const;
  void add_gradient(const Layer& layer, MatrixView<const T> in, MatrixView<const T> delta, T* gradient) const;
  void apply(const Layer& layer, MatrixView<const T> in, const T* parameters, MatrixView<T> out) const;
  void drop(double share, std::uint64_t layer, MatrixView<T> values, T* slopes, Index first_row) const;
  Index n_chunks(Index n_blocks) const;

  std::vector<Layer> layers_;
  std::optional<Layer> skip_;  ///< without a bias
  Activation activation_;
  NetworkLoss loss_;
  Index n_parameters_;
  std::vector<Chunk> chunks_;
  Pass pass_;
};

}  // namespace riata
