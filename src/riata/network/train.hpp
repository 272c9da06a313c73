#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/status.hpp"
#include "riata/network/network.hpp"

namespace riata {

/// Features by rows, most entries left out: row i has values[k] in columns[k] for starts[i] ≤ k < starts[i + 1].
template <class T>
struct SparseRows {
  const Index* starts = nullptr;
  const std::int32_t* columns = nullptr;
  const T* values = nullptr;
  const T* absent = nullptr;  ///< what a left-out entry of each feature is, and no entry occurs twice; null: 0, entries add
};

/// Rows to train or to judge on; the views must outlive the call.
template <class T>
struct Samples {
  MatrixView<const T> features;      ///< n × inputs, column-major, finite; without data where they are held otherwise
  std::span<const double> response;  ///< n a response; logistic: 0 or 1, multinomial: class codes 0 … K − 1
  std::span<const double> weights;   ///< n, or empty: ones
  std::span<const double> offset;    ///< n, or empty: added to η (one output only)
  SparseRows<T> sparse = {};         ///< in place of features' data; a block of rows at a time is made dense
  const T* by_rows = nullptr;        ///< or row after row: what batches are taken out of
  const T* in_blocks = nullptr;  ///< or as all rows together are passed through (packed.hpp), aligned like the engine's own
};

template <class T>
struct TrainData {
  Samples<T> training;
  std::optional<Samples<T>> validation, test;
};

/// One epoch. Losses are the data loss averaged over rows: training_loss of that epoch's forward passes, each before its
/// step (PyTorch's printed loss); the others after the epoch's last step. Accuracies are shares of right classes, for losses
/// of classes. NaN where there is none.
struct EpochRecord {
  Index epoch = 0;  ///< from 1
  double training_loss = kNone, validation_loss = kNone, test_loss = kNone;
  double training_accuracy = kNone, validation_accuracy = kNone, test_accuracy = kNone;
  double weight_norm = kNone;  ///< after the epoch, all parameters
  double learning_rate = kNone;

  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
};

/// Everything that training goes on from: train() with a state that it gave before continues bit by bit as if it had never
/// stopped. Plain values, to be written and read. Random numbers need no state: they are functions of seed, epoch and step.
template <class T>
struct TrainState {
  Index epoch = 0;                                ///< finished epochs
  Index batch = 0;                                ///< finished batches of the next one
  Index step = 0;                                 ///< optimiser steps
  double loss_sum = 0, hits = 0, weight_sum = 0;  ///< of the epoch under way: Σ w ℓ, Σ w [right class], Σ w
  double rate_factor = 1;                         ///< plateau, adaptive
  double plateau_best = std::numeric_limits<double>::infinity();
  Index plateau_bad_epochs = 0;
  double momentum_product = 1;  ///< nadam
  std::vector<T> parameters;
  std::vector<T> optimizer;        ///< its vectors one after the other, each as long as parameters
  std::vector<T> best_parameters;  ///< empty without validation
  double best_loss = std::numeric_limits<double>::infinity();
  Index best_epoch = 0;
  std::vector<EpochRecord> history;
};

/// Called from the thread that called train, between epochs; each may be empty.
template <class T>
struct TrainHooks {
  std::function<void(const EpochRecord&)> on_epoch;
  std::function<void(const TrainState<T>&)> on_checkpoint;
  Index checkpoint_every = 0;  ///< epochs; 0: never
};

template <class T>
struct TrainResult {
  Status status = Status::converged;  ///< converged: all epochs done, or stopped early; diverged; interrupted
  Network<T> network;                 ///< best weights with patience, the last good ones after divergence, else the last
  /// To go on from; whole also after an interrupt, and where there is a hook for checkpoints after divergence: the start of
  /// the last epoch whose training loss was not above that of the first.
  TrainState<T> state;
  std::vector<EpochRecord> history;
  Index best_epoch = 0;     ///< of the least validation loss; 0 without validation
  Index stopped_epoch = 0;  ///< the last epoch trained
  Index diverged_step = 0;  ///< the step (from 1) whose loss was not finite; 0: none
  std::string message;      ///< after divergence: what happened and what to do
};

/// Minimises (1/Σw) Σ wᵢ ℓ(yᵢ, ηᵢ) + λ P(weights) from the given parameters (numerics.md, Networks): the same bits for any
/// number of threads. Looks at context.interrupted() before every step. Throws Error for what cannot be trained.
template <class T>
TrainResult<T> train(Network<T> network, const TrainData<T>& data, const TrainOptions& options, const Context& context,
                     const TrainHooks<T>& hooks = {}, const TrainState<T>* resume = nullptr);

/// The same for several networks of one architecture at once, each with its options (λ, penalty, decay, rates …), which
/// agree in batch size, shuffling and seed: all step through the same rows in the same order, and a batch is gathered once
/// for all. The results are bit by bit those of train() for each alone. Threads are dealt networks, never parts of a step.
template <class T>
std::vector<TrainResult<T>> train_side_by_side(std::span<const Network<T>> starts, const TrainData<T>& data,
                                               std::span<const TrainOptions> options, const Context& context);

/// eta (rows × outputs) = the network at the samples' features.
template <class T>
void forward(const Network<T>& network, const Samples<T>& samples, Matrix eta, const Context& context);

/// How good a network is on rows: mean loss, share of right classes (NaN where there are none).
struct NetworkScore {
  double loss = 0;
  double accuracy = 0;
};
template <class T>
NetworkScore score(const Network<T>& network, const Samples<T>& samples, const Context& context);

}  // namespace riata
