#include <benchmark/benchmark.h>

#include <vector>

#include "riata/core/random.hpp"
#include "riata/network/train.hpp"

// A training step (Adam), float32, on one thread unless said otherwise; everything that an epoch does besides is in it.
// bench/versus/networks.py takes the same steps with PyTorch.
namespace riata {
namespace {

struct Rows {
  std::vector<float> features;
  std::vector<double> response;
  Index n, inputs;

  Rows(Index rows, const NetworkSpec& spec) : n(rows), inputs(spec.inputs) {
    Random random(1);
    features.resize(static_cast<std::size_t>(rows * spec.inputs));
    for (float& value : features) value = static_cast<float>(2 * random.uniform() - 1);
    response.resize(static_cast<std::size_t>(rows));
    for (double& value : response) {
      value = spec.loss == NetworkLoss::multinomial ? static_cast<double>(random.below(spec.outputs)) : random.uniform();
    }
  }
  TrainData<float> data() const { return {{MatrixView<const float>(features.data(), n, inputs), response, {}, {}}, {}, {}}; }
};

void count_steps(benchmark::State& state, Index steps) {
  state.counters["step"] = benchmark::Counter(static_cast<double>(steps),
                                              benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void step(benchmark::State& state, Index rows, const NetworkSpec& spec, Index batch, Index epochs) {
  const Rows table(rows, spec);
  TrainOptions options;
  options.epochs = epochs;
  options.batch_size = batch;
  const Network<float> start = initial_network<float>(spec, 1);
  for (auto _ : state) benchmark::DoNotOptimize(train(start, table.data(), options, Context(1)).status);
  count_steps(state, epochs * (batch > 0 ? (rows + batch - 1) / batch : 1));
}

void mission(benchmark::State& state) { step(state, 100, {.inputs = 10, .hidden = {5}}, 0, 2000); }
BENCHMARK(mission)->Unit(benchmark::kMillisecond);

void small_full(benchmark::State& state) { step(state, 800, {.inputs = 20, .hidden = {16}}, 0, 500); }
BENCHMARK(small_full)->Unit(benchmark::kMillisecond);

void small_batches(benchmark::State& state) { step(state, 800, {.inputs = 20, .hidden = {16}}, 32, 40); }
BENCHMARK(small_batches)->Unit(benchmark::kMillisecond);

/// 20 λ × 5 folds of 1,000 rows: 100 networks. Arguments: batch size, threads.
void grid(benchmark::State& state) {
  constexpr Index kFolds = 5, kLambdas = 20, kRows = 800, kEpochs = 40;
  const Index batch = state.range(0), steps = batch > 0 ? kRows / batch : 1;
  const Context context(static_cast<int>(state.range(1)));
  const NetworkSpec spec{.inputs = 20, .hidden = {16}};
  const Rows table(kRows, spec);
  const std::vector<Network<float>> starts(kLambdas, initial_network<float>(spec, 1));
  std::vector<TrainOptions> options(kLambdas);
  for (std::size_t k = 0; k < options.size(); ++k) {
    options[k].epochs = kEpochs;
    options[k].batch_size = batch;
    options[k].penalty = L1{};
    options[k].lambda = 0.1 / static_cast<double>(k + 1);
  }
  for (auto _ : state) {
    context.for_blocks(kFolds, [&](Index) {
      benchmark::DoNotOptimize(train_side_by_side<float>(starts, table.data(), options, context).size());
    });
  }
  count_steps(state, kFolds * kLambdas * kEpochs * steps);
}
BENCHMARK(grid)->Args({32, 1})->Args({32, 2})->Args({0, 1})->Args({0, 2})->MeasureProcessCPUTime()->Unit(
    benchmark::kMillisecond);

void wide_batches(benchmark::State& state) {
  step(state, 12800, {.inputs = 784, .hidden = {256, 128}, .outputs = 10, .loss = NetworkLoss::multinomial}, 128, 1);
}
BENCHMARK(wide_batches)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace riata
