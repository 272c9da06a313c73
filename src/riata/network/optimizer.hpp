#pragma once

#include <vector>

#include "riata/kernels/optimizer.hpp"
#include "riata/network/train.hpp"

namespace riata {

/// r(E): the learning rate of the epoch after E finished ones (ScheduleOptions).
double scheduled_rate(const TrainOptions& options, Index finished_epochs, double plateau_factor);

/// The smooth step of the optimiser and then the penalty's prox, for each parameter block with its own strengths. All state
/// is in TrainState.
template <class T>
class Optimizer {
 public:
  Optimizer(const Network<T>& shape, const TrainOptions& options);

  /// How many vectors the optimiser keeps.
  Index n_slots() const { return n_slots_; }
  /// Counts the step, changes the gradient (clipping, subgradients), steps, thresholds.
  void step(TrainState<T>& state, T* gradient, double learning_rate);

 private:
  struct Part {
    ParameterBlock block;
    double l1 = 0, l2 = 0;  ///< λ's parts: threshold, and λw in the gradient
    double weight_decay = 0;
    double group = 0;       ///< strength of the groups of columns
    bool by_input = false;  ///< a column's strengths are multiplied by its input's factor
  };

  void clip(T* gradient, Index n) const;
  /// The scalars of this step; decay and shrink are the part's.
  kernels::StepRule rule(TrainState<T>& state, double learning_rate) const;
  /// The long-run step that a constant unit gradient would cause, before division by den.
  double unit_step(const kernels::StepRule& rule, double learning_rate) const;
  double factor(Index column) const;
  /// What a part whose strengths differ by column adds to the gradient.
  void add_by_input(const Part& part, const T* w, T* gradient) const;
  void proximal(const Part& part, T* w, const T* den, double unit);
  void hierarchy(T* parameters, const T* den, double unit) const;
  void proximal_by_input(const Part& part, T* w, const T* den, double unit);

  TrainOptions options_;
  std::vector<Part> parts_;
  Index n_slots_ = 0;
  std::vector<T> den_;
  std::vector<T> columns_;         ///< one column of weights, and of den
  std::vector<double> strengths_;  ///< of LassoNet's inputs; empty: there is no hierarchy
};

}  // namespace riata
