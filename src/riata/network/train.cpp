#include "riata/network/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/random.hpp"
#include "riata/kernels/optimizer.hpp"
#include "riata/network/check_samples.hpp"
#include "riata/network/engine.hpp"
#include "riata/network/optimizer.hpp"
#include "riata/network/streams.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Rows to judge on, packed.
template <class T>
struct Judge {
  PackedSamples<T> samples;

  void judge(Engine<T>& engine, const T* parameters, const Context& context, bool classes, double& loss, double& accuracy) {
    const PassSums sums = engine.evaluate(parameters, samples, context);
    loss = sums.loss / samples.weight_sum();
    if (classes) accuracy = sums.hits / samples.weight_sum();
  }
};

bool has_classes(NetworkLoss loss) { return loss == NetworkLoss::logistic || loss == NetworkLoss::multinomial; }

/// One training: owns every buffer, so that an epoch allocates nothing.
template <class T>
class Trainer {
 public:
  Trainer(Network<T> network, const TrainData<T>& data, const TrainOptions& options, const Context& context,
          const TrainHooks<T>& hooks, const TrainState<T>* resume);

  TrainResult<T> run();

 private:
  void start(const TrainState<T>* resume);
  void check_resumed() const;
  /// False: interrupted or diverged.
  bool epoch();
  bool step(const PackedSamples<T>& samples);
  void shuffle();
  void finish_epoch();
  void follow_plateau(const EpochRecord& record);
  void remember_good();
  void follow_stall(const EpochRecord& record);
  bool stops_early() const;
  void describe_divergence(TrainResult<T>& result) const;

  Network<T> network_;
  const TrainData<T>& data_;
  const TrainOptions& options_;
  const Context& context_;
  const TrainHooks<T>& hooks_;
  Index rows_, batch_size_, n_batches_;
  bool classes_;
  std::unique_ptr<Engine<T>> engine_;
  Optimizer<T> optimizer_;
  PackedSamples<T> training_;
  Judge<T> validation_, test_;
  std::vector<T> by_rows_;  ///< training features row by row, where there are batches
  std::vector<Index> order_;
  kernels::AlignedVector<T> gradient_;
  std::vector<T> candidate_, good_;  ///< parameters at the start of this epoch and of the last whole one
  double rate_ = 0;
  Status status_ = Status::converged;
  Index diverged_step_ = 0;
  double least_loss_ = std::numeric_limits<double>::infinity();
  Index stalled_ = 0;  ///< epochs without progress
  TrainState<T> state_;
};

template <class T>
Trainer<T>::Trainer(Network<T> network, const TrainData<T>& data, const TrainOptions& options, const Context& context,
                    const TrainHooks<T>& hooks, const TrainState<T>* resume)
    : network_(std::move(network)),
      data_(data),
      options_(options),
      context_(context),
      hooks_(hooks),
      rows_(data.training.features.rows),
      batch_size_(options.batch_size > 0 && options.batch_size < rows_ ? options.batch_size : rows_),
      n_batches_((rows_ + batch_size_ - 1) / batch_size_),
      classes_(has_classes(network_.spec().loss)),
      optimizer_(network_, options),
      gradient_(network_.parameters().size()) {
  const auto blocks = [](Index rows) { return (rows + kBlockRows - 1) / kBlockRows; };
  Index most = batch_size_;
  if (data.validation) {
    validation_.samples.pack(*data.validation);
    most = std::max(most, data.validation->features.rows);
  }
  if (data.test) {
    test_.samples.pack(*data.test);
    most = std::max(most, data.test->features.rows);
  }
  engine_ = std::make_unique<Engine<T>>(network_, blocks(most), std::min(most, kBlockRows));
  const MatrixView<const T>& features = data.training.features;
  if (n_batches_ == 1) {
    training_.pack(data.training);
  } else {
    training_.reserve(batch_size_, features.cols, !data.training.offset.empty());
    by_rows_.resize(at(rows_ * features.cols));
    for (Index j = 0; j < features.cols; ++j) {
      for (Index i = 0; i < rows_; ++i) by_rows_[at(i * features.cols + j)] = features(i, j);
    }
    order_.resize(at(rows_));
  }
  start(resume);
}

template <class T>
void Trainer<T>::start(const TrainState<T>* resume) {
  const auto parameters = network_.parameters();
  if (resume != nullptr) {
    state_ = *resume;
    check_resumed();
  } else {
    state_.parameters.assign(parameters.begin(), parameters.end());
    state_.optimizer.assign(parameters.size() * at(optimizer_.n_slots()), T{0});
    if (data_.validation) state_.best_parameters = state_.parameters;
  }
  candidate_ = good_ = state_.parameters;
  for (const EpochRecord& record : state_.history) follow_stall(record);
  state_.history.reserve(at(options_.epochs));
}

template <class T>
void Trainer<T>::check_resumed() const {
  const std::size_t n = network_.parameters().size();
  const bool fits = state_.parameters.size() == n && state_.optimizer.size() == n * at(optimizer_.n_slots()) &&
                    state_.best_parameters.size() == (data_.validation ? n : 0) && state_.epoch >= 0 && state_.batch >= 0 &&
                    state_.batch < n_batches_ && state_.history.size() == at(state_.epoch) && state_.step >= 0;
  if (!fits) {
    throw Error(ErrorKind::input,
                "the state to resume from belongs to another network, optimiser, batch size or validation: give the options "
                "of the run that wrote it");
  }
}

/// The order of the rows in the epoch under way: a function of the seed and the epoch alone.
template <class T>
void Trainer<T>::shuffle() {
  std::iota(order_.begin(), order_.end(), Index{0});
  if (!options_.shuffle) return;
  Random random(options_.seed, stream_of(NetworkStream::order, static_cast<std::uint64_t>(state_.epoch)));
  for (Index i = rows_ - 1; i > 0; --i) std::swap(order_[at(i)], order_[at(random.below(i + 1))]);
}

template <class T>
bool Trainer<T>::step(const PackedSamples<T>& samples) {
  const double weight = samples.weight_sum();
  const PassSums sums = engine_->gradient(state_.parameters.data(), samples, weight > 0 ? 1 / weight : 0,
                                          {options_.dropout, options_.seed, state_.step}, gradient_.data(), context_);
  if (!std::isfinite(sums.loss)) {
    status_ = Status::diverged;
    diverged_step_ = state_.step + 1;
    return false;
  }
  state_.loss_sum += sums.loss;
  state_.hits += sums.hits;
  state_.weight_sum += weight;
  optimizer_.step(state_, gradient_.data(), rate_);
  ++state_.batch;
  return true;
}

template <class T>
bool Trainer<T>::epoch() {
  rate_ = scheduled_rate(options_, state_.epoch, state_.rate_factor);
  if (n_batches_ > 1) shuffle();
  while (state_.batch < n_batches_) {
    if (context_.interrupted()) {
      status_ = Status::interrupted;
      return false;
    }
    if (n_batches_ > 1) {
      const Index first = state_.batch * batch_size_, count = std::min(batch_size_, rows_ - first);
      training_.pack_rows(std::span(order_).subspan(at(first), at(count)), by_rows_.data(), data_.training);
    }
    if (!step(training_)) return false;
  }
  finish_epoch();
  return true;
}

/// The parameters at the start of this epoch had a finite loss at every row.
template <class T>
void Trainer<T>::remember_good() {
  candidate_.swap(good_);
  std::ranges::copy(state_.parameters, candidate_.begin());
}

template <class T>
void Trainer<T>::finish_epoch() {
  EpochRecord record;
  record.epoch = ++state_.epoch;
  record.training_loss = state_.loss_sum / state_.weight_sum;
  if (classes_) record.training_accuracy = state_.hits / state_.weight_sum;
  const T* parameters = state_.parameters.data();
  if (data_.validation) {
    validation_.judge(*engine_, parameters, context_, classes_, record.validation_loss, record.validation_accuracy);
  }
  if (data_.test) test_.judge(*engine_, parameters, context_, classes_, record.test_loss, record.test_accuracy);
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
  remember_good();
  if (hooks_.on_epoch) hooks_.on_epoch(record);
  if (context_.on_progress) context_.on_progress({"training", state_.epoch, options_.epochs});
  const bool saves = hooks_.checkpoint_every > 0 && state_.epoch % hooks_.checkpoint_every == 0;
  if (saves && hooks_.on_checkpoint) hooks_.on_checkpoint(state_);
}

/// PyTorch's ReduceLROnPlateau (relative threshold).
template <class T>
void Trainer<T>::follow_plateau(const EpochRecord& record) {
  const ScheduleOptions& schedule = options_.schedule;
  if (schedule.kind != ScheduleOptions::Kind::plateau) return;
  const double loss = data_.validation ? record.validation_loss : record.training_loss;
  if (loss < state_.plateau_best * (1 - schedule.threshold)) {
    state_.plateau_best = loss;
    state_.plateau_bad_epochs = 0;
  } else if (++state_.plateau_bad_epochs > schedule.patience) {
    const double rate = options_.optimizer.learning_rate;
    state_.rate_factor = std::max(rate * state_.rate_factor * schedule.factor, schedule.floor) / rate;
    state_.plateau_bad_epochs = 0;
  }
}

template <class T>
void Trainer<T>::follow_stall(const EpochRecord& record) {
  const double loss = data_.validation ? record.validation_loss : record.training_loss;
  stalled_ = loss > least_loss_ - options_.stall_tolerance ? stalled_ + 1 : 0;
  if (loss < least_loss_) least_loss_ = loss;
}

template <class T>
bool Trainer<T>::stops_early() const {
  if (options_.stall > 0 && stalled_ > options_.stall) return true;
  return options_.patience > 0 && state_.epoch - state_.best_epoch >= options_.patience;
}

template <class T>
void Trainer<T>::describe_divergence(TrainResult<T>& result) const {
  result.diverged_step = diverged_step_;
  const std::string_view advice = options_.clip_norm > 0 ? "give a smaller learning rate, or standardise the features"
                                                         : "give a smaller learning rate, clip the gradient's norm, or "
                                                           "standardise the features";
  result.message = fmt::format("training diverged: the loss of step {} (epoch {}) is not finite, at learning rate {}; {}",
                               diverged_step_, state_.epoch + 1, rate_, advice);
}

template <class T>
TrainResult<T> Trainer<T>::run() {
  while (state_.epoch < options_.epochs && !stops_early()) {
    if (!epoch()) break;
  }
  if (status_ == Status::converged && !std::isfinite(weight_norm<T>(state_.parameters))) {
    status_ = Status::diverged;
    diverged_step_ = state_.step;
  }
  TrainResult<T> result;
  result.status = status_;
  result.best_epoch = state_.best_epoch;
  result.stopped_epoch = state_.epoch;
  const std::vector<T>* chosen = &state_.parameters;
  if (status_ == Status::diverged) {
    describe_divergence(result);
    state_.parameters = good_;
  }
  if ((options_.patience > 0 || options_.stall > 0) && state_.best_epoch > 0) chosen = &state_.best_parameters;
  std::ranges::copy(*chosen, network_.parameters().begin());
  result.network = std::move(network_);
  result.history = state_.history;
  result.state = std::move(state_);
  return result;
}

}  // namespace

template <class T>
TrainResult<T> train(Network<T> network, const TrainData<T>& data, const TrainOptions& options, const Context& context,
                     const TrainHooks<T>& hooks, const TrainState<T>* resume) {
  check(network.spec(), options, data.validation.has_value());
  check_samples(network.spec(), data.training, "training");
  if (data.validation) check_samples(network.spec(), *data.validation, "validation");
  if (data.test) check_samples(network.spec(), *data.test, "test");
  return Trainer<T>(std::move(network), data, options, context, hooks, resume).run();
}

template <class T>
NetworkScore score(const Network<T>& network, const Samples<T>& samples, const Context& context) {
  check_samples(network.spec(), samples, "given");
  const PackedSamples<T> packed(samples);
  Engine<T> engine(network, packed.n_blocks(), std::min(samples.features.rows, kBlockRows));
  const PassSums sums = engine.evaluate(network.parameters().data(), packed, context);
  const bool classes = has_classes(network.spec().loss);
  return {sums.loss / packed.weight_sum(), classes ? sums.hits / packed.weight_sum() : EpochRecord::kNone};
}

#define RIATA_TRAIN(T)                                                                                                      \
  template TrainResult<T> train(Network<T>, const TrainData<T>&, const TrainOptions&, const Context&, const TrainHooks<T>&, \
                                const TrainState<T>*);                                                                      \
  template NetworkScore score(const Network<T>&, const Samples<T>&, const Context&);
RIATA_TRAIN(float)
RIATA_TRAIN(double)
#undef RIATA_TRAIN

}  // namespace riata
