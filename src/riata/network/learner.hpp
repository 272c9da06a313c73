#pragma once

#include <limits>
#include <vector>

#include "riata/network/engine.hpp"
#include "riata/network/optimizer.hpp"
#include "riata/network/train.hpp"

namespace riata {

/// One network under way: its state, its optimiser and what is remembered for early stopping and after divergence. Owns
/// every buffer of its own, so that an epoch allocates nothing; the engine and the rows may serve several learners.
template <class T>
class Learner {
 public:
  /// keeps_states: after divergence result() holds the whole last good state, to go on from, not its parameters alone.
  Learner(Network<T> network, const TrainOptions& options, bool has_validation, bool keeps_states = false);
  /// Goes on from a state that a learner of the same kind left. Throws Error(input) for another kind's.
  void resume(const TrainState<T>& state, Index n_batches);

  const TrainState<T>& state() const { return state_; }
  /// Epochs are left, and nothing has gone wrong.
  bool learns() const;
  void begin_epoch();
  /// One step; after a loss that is not finite the learner no longer learns.
  void step(Engine<T>& engine, const PackedSamples<T>& samples, const Context& context);
  /// Scores after the epoch's last step, NaN where there are no such rows.
  void finish_epoch(const NetworkScore& validation, const NetworkScore& test);
  void interrupt() { status_ = Status::interrupted; }
  /// Ends the learner.
  TrainResult<T> result();

 private:
  double judged_loss(const EpochRecord& record) const {
    return has_validation_ ? record.validation_loss : record.training_loss;
  }
  void follow_plateau(const EpochRecord& record);
  void follow_stall(const EpochRecord& record);
  void remember_good(double loss);
  void copy_state(TrainState<T>& into);
  void describe_divergence(TrainResult<T>& result) const;

  Network<T> network_;
  TrainOptions options_;
  bool has_validation_, keeps_states_;
  Optimizer<T> optimizer_;
  TrainState<T> state_;
  kernels::AlignedVector<T> gradient_;
  /// At the start of this epoch, and of the last whole one whose loss was not above that of the first. Without history;
  /// parameters alone where no states are kept.
  TrainState<T> candidate_, good_;
  double rate_ = 0;
  Status status_ = Status::converged;
  Index diverged_step_ = 0;
  double least_loss_ = std::numeric_limits<double>::infinity();
  Index stalled_ = 0;  ///< epochs without progress
};

inline bool has_classes(NetworkLoss loss) { return loss == NetworkLoss::logistic || loss == NetworkLoss::multinomial; }

}  // namespace riata
