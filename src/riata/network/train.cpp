#include "riata/network/train.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/network/check_samples.hpp"
#include "riata/network/learner.hpp"
#include "riata/network/row_feed.hpp"

namespace riata {
namespace {

constexpr Index kSideBySide = 8;  // at most so many networks share the gathering of a batch

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Index blocks(Index rows) { return (rows + kBlockRows - 1) / kBlockRows; }

Index most_rows(const auto& data, Index batch_size) {
  Index most = batch_size;
  if (data.validation) most = std::max(most, data.validation->features.rows);
  if (data.test) most = std::max(most, data.test->features.rows);
  return most;
}

template <class T>
std::optional<PackedSamples<T>> packed(const std::optional<Samples<T>>& samples) {
  return samples ? std::optional<PackedSamples<T>>(*samples) : std::nullopt;
}

/// Learners of one architecture that go through the same batches, and what they share: rows and an engine.
template <class T>
class Training {
 public:
  Training(std::vector<Learner<T>>& learners, const NetworkSpec& spec, const TrainData<T>& data, const TrainOptions& options,
           bool drops_inputs, const Context& context, const TrainHooks<T>& hooks)
      : learners_(learners),
        options_(options),
        context_(context),
        hooks_(hooks),
        classes_(has_classes(spec.loss)),
        feed_(data.training, options),
        validation_(packed<T>(data.validation)),
        test_(packed<T>(data.test)),
        engine_(Network<T>(spec), blocks(most_rows(data, feed_.batch_size())),
                std::min(most_rows(data, feed_.batch_size()), kBlockRows), drops_inputs) {}

  Index n_batches() const { return feed_.n_batches(); }
  void run();

 private:
  /// False: interrupted, or no learner is left.
  bool epoch(Index epoch, Index first_batch);
  NetworkScore score(const Learner<T>& learner, const std::optional<PackedSamples<T>>& rows);
  void tell(const Learner<T>& learner) const;

  std::vector<Learner<T>>& learners_;
  const TrainOptions& options_;
  const Context& context_;
  const TrainHooks<T>& hooks_;
  bool classes_;
  RowFeed<T> feed_;
  std::optional<PackedSamples<T>> validation_, test_;
  Engine<T> engine_;
};

template <class T>
NetworkScore Training<T>::score(const Learner<T>& learner, const std::optional<PackedSamples<T>>& rows) {
  if (!rows) return {EpochRecord::kNone, EpochRecord::kNone};
  const PassSums sums = engine_.evaluate(learner.state().parameters.data(), *rows, context_);
  return {sums.loss / rows->weight_sum(), classes_ ? sums.hits / rows->weight_sum() : EpochRecord::kNone};
}

template <class T>
void Training<T>::tell(const Learner<T>& learner) const {
  const TrainState<T>& state = learner.state();
  if (hooks_.on_epoch) hooks_.on_epoch(state.history.back());
  if (context_.on_progress) context_.on_progress({"training", state.epoch, options_.epochs});
  const bool saves = hooks_.checkpoint_every > 0 && state.epoch % hooks_.checkpoint_every == 0;
  if (saves && hooks_.on_checkpoint) hooks_.on_checkpoint(state);
}

template <class T>
bool Training<T>::epoch(Index epoch, Index first_batch) {
  const auto each = [&](const auto& body) {
    for (Learner<T>& learner : learners_) {
      if (learner.learns()) body(learner);
    }
  };
  each([](Learner<T>& learner) { learner.begin_epoch(); });
  feed_.begin_epoch(epoch);
  for (Index b = first_batch; b < feed_.n_batches(); ++b) {
    if (context_.interrupted()) {
      each([](Learner<T>& learner) { learner.interrupt(); });
      return false;
    }
    const PackedSamples<T>& batch = feed_.batch(b);
    each([&](Learner<T>& learner) { learner.step(engine_, batch, context_); });
  }
  each([&](Learner<T>& learner) {
    learner.finish_epoch(score(learner, validation_), score(learner, test_));
    tell(learner);
  });
  return std::ranges::any_of(learners_, &Learner<T>::learns);
}

template <class T>
void Training<T>::run() {
  const auto first = std::ranges::find_if(learners_, &Learner<T>::learns);
  if (first == learners_.end()) return;
  Index at_epoch = first->state().epoch, at_batch = first->state().batch;
  while (epoch(at_epoch++, at_batch)) at_batch = 0;
}

template <class T>
void check_data(const NetworkSpec& network, const TrainData<T>& data) {
  check_samples(network, data.training, "training");
  if (data.validation) check_samples(network, *data.validation, "validation");
  if (data.test) check_samples(network, *data.test, "test");
}

/// Networks of one group, on one thread.
template <class T>
void train_group(std::span<const Network<T>> starts, const TrainData<T>& data, std::span<const TrainOptions> options,
                 const Context& context, TrainResult<T>* results) {
  std::vector<Learner<T>> learners;
  learners.reserve(starts.size());
  for (std::size_t k = 0; k < starts.size(); ++k) learners.emplace_back(starts[k], options[k], data.validation.has_value());
  const TrainHooks<T> silent;
  const bool drops_inputs = std::ranges::any_of(options, [](const TrainOptions& one) { return one.input_dropout > 0; });
  Training<T>(learners, starts.front().spec(), data, options.front(), drops_inputs, context, silent).run();
  for (Learner<T>& learner : learners) *results++ = learner.result();
}

}  // namespace

template <class T>
TrainResult<T> train(Network<T> network, const TrainData<T>& data, const TrainOptions& options, const Context& context,
                     const TrainHooks<T>& hooks, const TrainState<T>* resume) {
  const NetworkSpec spec = network.spec();
  check(spec, options, data.validation.has_value());
  check_data(spec, data);
  std::vector<Learner<T>> learners;
  learners.emplace_back(std::move(network), options, data.validation.has_value(), static_cast<bool>(hooks.on_checkpoint));
  Training<T> training(learners, spec, data, options, options.input_dropout > 0, context, hooks);
  if (resume != nullptr) learners.front().resume(*resume, training.n_batches());
  training.run();
  return learners.front().result();
}

template <class T>
std::vector<TrainResult<T>> train_side_by_side(std::span<const Network<T>> starts, const TrainData<T>& data,
                                               std::span<const TrainOptions> options, const Context& context) {
  if (starts.empty() || starts.size() != options.size()) {
    throw Error(ErrorKind::argument, "networks trained side by side: give one start and one set of options for each");
  }
  check_data(starts.front().spec(), data);
  for (std::size_t k = 0; k < starts.size(); ++k) {
    check(starts[k].spec(), options[k], data.validation.has_value());
    const bool same_rows = options[k].batch_size == options.front().batch_size && options[k].seed == options.front().seed &&
                           options[k].shuffle == options.front().shuffle;
    if (!same_rows || starts[k].spec() != starts.front().spec()) {
      throw Error(ErrorKind::argument,
                  "networks trained side by side have one architecture and the same batch size, shuffling and seed");
    }
  }
  std::vector<TrainResult<T>> results(starts.size());
  const Index n = std::ssize(starts);
  std::mutex telling;
  Index done = 0;
  Context single(1);
  single.interrupt = context.interrupt;
  if (context.on_progress) {
    single.on_progress = [&](const Progress&) {  // one epoch of one network
      const std::lock_guard lock(telling);
      context.on_progress({"training", ++done, n * options.front().epochs});
    };
  }
  const Index n_groups = (n + kSideBySide - 1) / kSideBySide;
  context.for_blocks(n_groups, [&](Index group) {
    const std::size_t first = at(group * n / n_groups), count = at((group + 1) * n / n_groups) - first;
    train_group(starts.subspan(first, count), data, options.subspan(first, count), single, &results[first]);
  });
  return results;
}

template <class T>
NetworkScore score(const Network<T>& network, const Samples<T>& samples, const Context& context) {
  check_samples(network.spec(), samples, "given");
  const PackedSamples<T> rows(samples);
  Engine<T> engine(network, rows.n_blocks(), std::min(samples.features.rows, kBlockRows));
  const PassSums sums = engine.evaluate(network.parameters().data(), rows, context);
  const bool classes = has_classes(network.spec().loss);
  return {sums.loss / rows.weight_sum(), classes ? sums.hits / rows.weight_sum() : EpochRecord::kNone};
}

#define RIATA_TRAIN(T)                                                                                                      \
  template TrainResult<T> train(Network<T>, const TrainData<T>&, const TrainOptions&, const Context&, const TrainHooks<T>&, \
                                const TrainState<T>*);                                                                      \
  template std::vector<TrainResult<T>> train_side_by_side(std::span<const Network<T>>, const TrainData<T>&,                 \
                                                          std::span<const TrainOptions>, const Context&);                   \
  template NetworkScore score(const Network<T>&, const Samples<T>&, const Context&);
RIATA_TRAIN(float)
RIATA_TRAIN(double)
#undef RIATA_TRAIN

}  // namespace riata
