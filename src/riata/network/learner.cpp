#include "riata/network/learner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "riata/core/error.hpp"

namespace riata {
namespace {

constexpr Index kHistoryRoom = 1 << 16;  // epochs; beyond, the history grows by doubling
constexpr double kLeastFall = 1e-8;      // of the learning rate on a plateau (PyTorch's eps)

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
Learner<T>::Learner(Network<T> network, const TrainOptions& options, bool has_validation, bool keeps_states)
    : network_(std::move(network)),
      options_(options),
      has_validation_(has_validation),
      keeps_states_(keeps_states),
      optimizer_(network_, options),
      gradient_(network_.parameters().size()) {
  const auto parameters = network_.parameters();
  state_.parameters.assign(parameters.begin(), parameters.end());
  state_.optimizer.assign(parameters.size() * at(optimizer_.n_slots()), T{0});
  if (has_validation_) state_.best_parameters = state_.parameters;
  candidate_ = good_ = state_;
  state_.history.reserve(at(std::min(options_.epochs, kHistoryRoom)));
}

template <class T>
void Learner<T>::resume(const TrainState<T>& state, Index n_batches) {
  const std::size_t n = network_.parameters().size();
  const bool fits = state.parameters.size() == n && state.optimizer.size() == n * at(optimizer_.n_slots()) &&
                    state.best_parameters.size() == (has_validation_ ? n : 0) && state.epoch >= 0 && state.batch >= 0 &&
                    state.batch < n_batches && state.history.size() == at(state.epoch) && state.step >= 0;
  if (!fits) {
    throw Error(ErrorKind::input,
                "the state to resume from belongs to another network, optimiser, batch size or validation: give the options "
                "of the run that wrote it");
  }
  state_ = state;
  state_.rate_factor = 1;
  candidate_ = good_ = state_;
  for (const EpochRecord& record : state_.history) follow_stall(record);
  if (options_.schedule.kind != ScheduleOptions::Kind::adaptive) state_.rate_factor = state.rate_factor;
  state_.history.reserve(at(std::min(options_.epochs, kHistoryRoom)));
}

template <class T>
bool Learner<T>::learns() const {
  const bool impatient = options_.patience > 0 && state_.epoch - state_.best_epoch >= options_.patience;
  const bool stalled = options_.stall > 0 && stalled_ > options_.stall;
  return status_ == Status::converged && state_.epoch < options_.epochs && !impatient && !stalled;
}

template <class T>
void Learner<T>::begin_epoch() {
  rate_ = scheduled_rate(options_, state_.epoch, state_.rate_factor);
}

template <class T>
void Learner<T>::step(Engine<T>& engine, const PackedSamples<T>& samples, const Context& context) {
  const double weight = samples.weight_sum();
  const PassSums sums =
      engine.gradient(state_.parameters.data(), samples, weight > 0 ? 1 / weight : 0,
                      {options_.dropout, options_.input_dropout, options_.seed, state_.step}, gradient_.data(), context);
  if (!std::isfinite(sums.loss)) {
    status_ = Status::diverged;
    diverged_step_ = state_.step + 1;
    return;
  }
  state_.loss_sum += sums.loss;
  state_.hits += sums.hits;
  state_.weight_sum += weight;
  optimizer_.step(state_, gradient_.data(), rate_);
  ++state_.batch;
}

/// The history stays where it is: a copy every epoch would cost more and more.
template <class T>
void Learner<T>::copy_state(TrainState<T>& into) {
  if (!keeps_states_) {
    std::ranges::copy(state_.parameters, into.parameters.begin());
    return;
  }
  std::vector<EpochRecord> history = std::exchange(state_.history, {});
  into = state_;
  state_.history = std::move(history);
}

/// `loss` is that of the epoch that began at the candidate: of all rows, and finite.
template <class T>
void Learner<T>::remember_good(double loss) {
  if (!(loss > state_.history.front().training_loss)) std::swap(candidate_, good_);
  copy_state(candidate_);
}

template <class T>
void Learner<T>::finish_epoch(const NetworkScore& validation, const NetworkScore& test) {
  EpochRecord record;
  record.epoch = ++state_.epoch;
  record.training_loss = state_.loss_sum / state_.weight_sum;
  if (has_classes(network_.spec().loss)) record.training_accuracy = state_.hits / state_.weight_sum;
  record.validation_loss = validation.loss;
  record.validation_accuracy = validation.accuracy;
  record.test_loss = test.loss;
  record.test_accuracy = test.accuracy;
  record.weight_norm = weight_norm<T>(state_.parameters);
  record.learning_rate = rate_;
  if (record.validation_loss < state_.best_loss) {
    state_.best_loss = record.validation_loss;
    state_.best_epoch = state_.epoch;
    std::ranges::copy(state_.parameters, state_.best_parameters.begin());
  }
  follow_plateau(record);
  follow_stall(record);
  state_.history.push_back(record);
  state_.batch = 0;
  state_.loss_sum = state_.hits = state_.weight_sum = 0;
  remember_good(record.training_loss);
}

/// PyTorch's ReduceLROnPlateau (relative threshold).
template <class T>
void Learner<T>::follow_plateau(const EpochRecord& record) {
  const ScheduleOptions& schedule = options_.schedule;
  if (schedule.kind != ScheduleOptions::Kind::plateau) return;
  const double loss = judged_loss(record);
  if (loss < state_.plateau_best * (1 - schedule.threshold)) {
    state_.plateau_best = loss;
    state_.plateau_bad_epochs = 0;
  } else if (++state_.plateau_bad_epochs > schedule.patience) {
    const double rate = options_.optimizer.learning_rate, now = rate * state_.rate_factor;
    const double next = std::max(now * schedule.factor, schedule.floor);
    if (now - next > kLeastFall) state_.rate_factor = next / rate;
    state_.plateau_bad_epochs = 0;
  }
}

template <class T>
void Learner<T>::follow_stall(const EpochRecord& record) {
  const double loss = judged_loss(record);
  stalled_ = loss > least_loss_ - options_.stall_tolerance ? stalled_ + 1 : 0;
  if (loss < least_loss_) least_loss_ = loss;
  const ScheduleOptions& schedule = options_.schedule;
  if (schedule.kind != ScheduleOptions::Kind::adaptive || options_.stall == 0 || stalled_ <= options_.stall) return;
  if (!(options_.optimizer.learning_rate * state_.rate_factor > schedule.floor)) return;
  state_.rate_factor *= schedule.factor;
  stalled_ = 0;
}

template <class T>
void Learner<T>::describe_divergence(TrainResult<T>& result) const {
  result.diverged_step = diverged_step_;
  const std::string_view advice =
      options_.clip_norm > 0 ? "give a smaller learning rate" : "give a smaller learning rate, or clip the gradient's norm";
  result.message = fmt::format("training diverged: the loss of step {} (epoch {}) is not finite, at learning rate {}; {}",
                               diverged_step_, state_.epoch + 1, rate_, advice);
}

template <class T>
TrainResult<T> Learner<T>::result() {
  if (status_ == Status::converged && !std::isfinite(weight_norm<T>(state_.parameters))) {
    status_ = Status::diverged;
    diverged_step_ = state_.step;
  }
  TrainResult<T> result;
  result.status = status_;
  result.best_epoch = state_.best_epoch;
  result.stopped_epoch = state_.epoch;
  result.history = state_.history;
  if (status_ == Status::diverged) {
    describe_divergence(result);
    good_.history.assign(state_.history.begin(), state_.history.begin() + good_.epoch);
    keeps_states_ ? std::swap(state_, good_) : std::swap(state_.parameters, good_.parameters);
  }
  const bool restores = (options_.patience > 0 || options_.stall > 0) && state_.best_epoch > 0;
  std::ranges::copy(restores ? state_.best_parameters : state_.parameters, network_.parameters().begin());
  result.network = std::move(network_);
  result.state = std::move(state_);
  return result;
}

template class Learner<float>;
template class Learner<double>;

}  // namespace riata
