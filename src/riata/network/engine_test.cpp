#include "riata/network/engine.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>

#include "riata/core/error.hpp"
#include "riata/core/random.hpp"
#include "riata/kernels/optimizer.hpp"

namespace riata {
namespace {

/// Random rows whose response the loss takes.
struct Rows {
  std::vector<double> features, response, weights;
  Index n, p;

  Rows(Index rows, Index inputs, NetworkLoss loss, Index outputs = 1) : n(rows), p(inputs) {
    Random random(5);
    for (Index k = 0; k < n * p; ++k) features.push_back(2 * random.uniform() - 1);
    const Index classes = loss == NetworkLoss::multinomial ? outputs : loss == NetworkLoss::logistic ? 2 : 0;
    const Index responses = loss == NetworkLoss::multinomial ? 1 : outputs;
    for (Index i = 0; i < n * responses; ++i) {
      const double value = features[static_cast<std::size_t>(i % n)] + random.uniform();
      response.push_back(classes > 0 ? static_cast<double>(random.below(classes)) : std::abs(2 * value));
    }
    for (Index i = 0; i < n; ++i) weights.push_back(0.5 + random.uniform());
  }
  Samples<double> samples() const { return {MatrixView<const double>(features.data(), n, p), response, weights, {}}; }
};

constexpr NetworkLoss kLosses[] = {NetworkLoss::squared,     NetworkLoss::mse,     NetworkLoss::logistic,
                                   NetworkLoss::multinomial, NetworkLoss::poisson, NetworkLoss::huber};
constexpr Activation kActivations[] = {Activation::identity, Activation::relu, Activation::tanh, Activation::sigmoid,
                                       Activation::gelu};

TEST(Engine, GradientsAreDifferenceQuotientsForEveryLayerActivationAndLoss) {
  for (const NetworkLoss loss : kLosses) {
    for (const Activation activation : kActivations) {
      for (const std::vector<Index>& hidden : {std::vector<Index>{}, {5}, {7, 4}, {70, 66}}) {
        const Index outputs = loss == NetworkLoss::multinomial || hidden.size() == 2 ? 3 : 1;
        const Rows rows(37, 6, loss, outputs);
        const bool skip = !hidden.empty() && (hidden.size() == 1 || loss == NetworkLoss::multinomial);
        Network<double> network = initial_network<double>({6, hidden, outputs, activation, loss, skip}, 3);
        const PackedSamples<double> packed(rows.samples());
        Engine<double> engine(network, packed.n_blocks(), 37);
        std::vector<double> gradient(network.parameters().size());
        const auto w = network.parameters();
        engine.gradient(w.data(), packed, 1.0, {}, gradient.data(), Context(1));
        const std::size_t step = std::max<std::size_t>(1, w.size() / 10);
        for (std::size_t k = 0; k < w.size(); k += step) {
          const double kept = w[k], h = 1e-6;
          w[k] = kept + h;
          const double up = engine.evaluate(w.data(), packed, Context(1)).loss;
          w[k] = kept - h;
          const double down = engine.evaluate(w.data(), packed, Context(1)).loss;
          w[k] = kept;
          EXPECT_NEAR(gradient[k], (up - down) / (2 * h), 2e-6 * (1 + std::abs(gradient[k])))
              << to_string(loss) << " " << to_string(activation) << " parameter " << k;
        }
      }
    }
  }
}

TrainOptions adam(Index epochs) {
  TrainOptions options;
  options.optimizer.learning_rate = 0.01;
  options.epochs = epochs;
  return options;
}

TEST(Train, ThreadsAndInterruptsDoNotChangeABit) {
  const Rows rows(3000, 6, NetworkLoss::squared);
  const TrainData<double> data{rows.samples(), rows.samples(), {}};
  for (const Index batch : {Index{0}, Index{700}}) {
    TrainOptions options = adam(12);
    options.batch_size = batch;
    options.dropout = 0.2;
    options.penalty = ElasticNet{0.5};
    options.lambda = 1e-3;
    options.optimizer.amsgrad = true;
    const auto network = initial_network<double>({6, {9}, 1, Activation::relu, NetworkLoss::squared}, 3);
    const auto whole = train(network, data, options, Context(1));
    EXPECT_EQ(train(network, data, options, Context(3)).state.parameters, whole.state.parameters);

    std::atomic<bool> stop{false};
    Context context(1);
    context.interrupt = &stop;
    TrainHooks<double> hooks;
    hooks.on_epoch = [&](const EpochRecord& record) { stop = record.epoch == 5; };
    const auto part = train(network, data, options, context, hooks);
    EXPECT_EQ(part.status, Status::interrupted);
    EXPECT_EQ(part.state.epoch, 5);
    stop = false;
    const auto rest = train(network, data, options, Context(2), {}, &part.state);
    EXPECT_EQ(rest.state.parameters, whole.state.parameters);
    EXPECT_EQ(rest.state.optimizer, whole.state.optimizer);
    EXPECT_EQ(rest.history.back().validation_loss, whole.history.back().validation_loss);
  }
}

TEST(Train, NetworksSideBySideAreThoseTrainedAloneBitByBit) {
  const Rows rows(150, 6, NetworkLoss::squared), judged(40, 6, NetworkLoss::squared);
  const TrainData<double> data{rows.samples(), judged.samples(), {}};
  const NetworkSpec spec{6, {9}, 1, Activation::relu, NetworkLoss::squared};
  for (const Index batch : {Index{0}, Index{32}}) {
    std::vector<Network<double>> starts;
    std::vector<TrainOptions> options;
    for (std::uint64_t k = 0; k < 11; ++k) {
      starts.push_back(initial_network<double>(spec, k / 3));
      TrainOptions one = adam(k == 5 ? 4 : 15);
      one.batch_size = batch;
      one.penalty = k % 2 == 0 ? AnyPenalty(L1{}) : AnyPenalty(L2{});
      one.lambda = 0.02 * static_cast<double>(k);
      one.patience = k == 7 ? 2 : 0;
      one.dropout = k == 3 ? 0.3 : 0;
      if (k == 8) {
        one.penalty = NoPenalty{};
        one.optimizer = {.kind = OptimizerKind::sgd, .learning_rate = 100};
        one.epochs = 1000;
      }
      options.push_back(one);
    }
    for (const int threads : {1, 3}) {
      const auto together = train_side_by_side<double>(starts, data, options, Context(threads));
      for (std::size_t k = 0; k < starts.size(); ++k) {
        const auto alone = train(starts[k], data, options[k], Context(1));
        EXPECT_EQ(together[k].state.parameters, alone.state.parameters) << k;
        EXPECT_EQ(together[k].stopped_epoch, alone.stopped_epoch) << k;
        EXPECT_EQ(together[k].status, alone.status) << k;
        EXPECT_EQ(together[k].message, alone.message) << k;
        EXPECT_EQ(together[k].state.best_loss, alone.state.best_loss) << k;
      }
      EXPECT_EQ(together[8].status, Status::diverged);
    }
    options[4].batch_size = 50;
    EXPECT_THROW(train_side_by_side<double>(starts, data, options, Context(1)), Error);
  }
}

/// λ Σ factor(layer) P(w) over the weights, not the biases.
double penalty_value(const Network<double>& network, const TrainOptions& options) {
  double total = 0;
  for (const ParameterBlock& block : network.blocks()) {
    if (block.is_bias) continue;
    const double strength = options.lambda * options.layer_factors[static_cast<std::size_t>(block.layer)];
    visit_penalty(options.penalty, [&](const auto& penalty) {
      for (const double w : network.of(block)) total += penalty.value(w, strength);
    });
  }
  return total;
}

TEST(Train, AStepIsTheGradientOfLossAndPenalty) {
  const Rows rows(60, 6, NetworkLoss::squared);
  const TrainData<double> data{rows.samples(), {}, {}};
  for (const AnyPenalty& penalty :
       {AnyPenalty(NoPenalty{}), AnyPenalty(L1{}), AnyPenalty(L2{}), AnyPenalty(ElasticNet{0.3})}) {
    TrainOptions options = adam(1);
    options.optimizer = {.kind = OptimizerKind::sgd, .learning_rate = 1e-3};
    options.penalty = penalty;
    options.lambda = 0.2;
    options.layer_factors = {0.5, 2};
    const bool has_l1 = std::holds_alternative<L1>(penalty) || std::holds_alternative<ElasticNet>(penalty);
    if (has_l1) options.l1_step = L1Step::subgradient;
    Network<double> network = initial_network<double>({6, {5}, 1, Activation::tanh, NetworkLoss::squared}, 3);
    const auto after = train(network, data, options, Context(1)).state.parameters;
    const auto objective = [&] { return score(network, rows.samples(), Context(1)).loss + penalty_value(network, options); };
    const auto w = network.parameters();
    for (std::size_t k = 0; k < w.size(); ++k) {
      const double kept = w[k], h = 1e-6, gradient = (kept - after[k]) / options.optimizer.learning_rate;
      w[k] = kept + h;
      const double up = objective();
      w[k] = kept - h;
      const double down = objective();
      w[k] = kept;
      EXPECT_NEAR(gradient, (up - down) / (2 * h), 1e-6) << "penalty " << penalty.index() << " parameter " << k;
    }
  }
}

TEST(Proximal, TheThresholdInADiagonalMetricIsTheMinimiser) {
  Random random(4);
  std::vector<double> z(37), den(37);
  for (double& value : z) value = 4 * random.uniform() - 2;
  for (double& value : den) value = 0.2 + random.uniform();
  std::vector<double> w = z;
  const double strength = 0.4;
  kernels::soft_threshold<double>(w.data(), strength, den.data(), 37);
  for (std::size_t i = 0; i < w.size(); ++i) {
    const auto value = [&](double at) { return 0.5 * (at - z[i]) * (at - z[i]) * den[i] + strength * std::abs(at); };
    double best = 0;  // of a fine grid
    for (int k = -20000; k <= 20000; ++k) best = value(k * 1e-4) < value(best) ? k * 1e-4 : best;
    EXPECT_NEAR(w[i], best, 1e-4);
    EXPECT_LE(value(w[i]), value(best));
  }
  EXPECT_GT(std::ranges::count(w, 0.0), 3);
}

/// The largest violation of the lasso's conditions at w, its gradient g.
double kkt_violation(std::span<const double> w, std::span<const double> g, double lambda) {
  double worst = 0;
  for (std::size_t k = 0; k < w.size(); ++k) {
    worst = std::max(worst, w[k] == 0 ? std::abs(g[k]) - lambda : std::abs(g[k] + std::copysign(lambda, w[k])));
  }
  return worst;
}

/// Decoupled decay d of sgdw (without momentum) is d w in the conditions: there the elastic net.
TEST(Proximal, FixedPointsOfEveryOptimiserAreTheLasso) {
  const Rows rows(80, 8, NetworkLoss::squared);
  const TrainData<double> data{rows.samples(), {}, {}};
  struct Case {
    OptimizerKind kind;
    double rate, momentum, dampening;
    bool nesterov;
    double decay = 0;
  };
  for (const Case& one : {Case{OptimizerKind::sgd, 0.2, 0, 0, false}, Case{OptimizerKind::sgd, 0.05, 0.9, 0, false},
                          Case{OptimizerKind::sgd, 0.05, 0.9, 0.5, false}, Case{OptimizerKind::sgd, 0.05, 0.9, 0, true},
                          Case{OptimizerKind::adam, 0.02, 0, 0, false}, Case{OptimizerKind::rmsprop, 0.01, 0.5, 0, false},
                          Case{OptimizerKind::nadam, 0.02, 0, 0, false}, Case{OptimizerKind::adagrad, 0.3, 0, 0, false},
                          Case{OptimizerKind::sgdw, 0.05, 0.9, 0, false}, Case{OptimizerKind::sgdw, 0.2, 0, 0, false, 0.1},
                          Case{OptimizerKind::adamw, 0.02, 0, 0, false}}) {
    TrainOptions options;
    options.optimizer = {one.kind, one.rate, one.momentum, one.dampening, one.nesterov};
    options.optimizer.weight_decay = one.decay;
    options.schedule.kind = ScheduleOptions::Kind::cosine;
    options.epochs = 6000;
    options.penalty = L1{};
    options.lambda = 0.05;
    const auto start = initial_network<double>({8, {}, 1, Activation::identity, NetworkLoss::squared}, 2);
    const auto result = train(start, data, options, Context(1));
    const PackedSamples<double> packed(rows.samples());
    Engine<double> engine(result.network, packed.n_blocks(), 80);
    std::vector<double> gradient(9);
    const auto w = result.network.parameters();
    engine.gradient(w.data(), packed, 1 / packed.weight_sum(), {}, gradient.data(), Context(1));
    for (std::size_t k = 0; k < 8; ++k) gradient[k] += one.decay * w[k];
    EXPECT_LT(kkt_violation(w.first(8), std::span<const double>(gradient).first(8), options.lambda), 3e-6)
        << to_string(one.kind) << " momentum " << one.momentum;
    EXPECT_GT(std::ranges::count(w.first(8), 0.0), 2) << to_string(one.kind);
  }
}

/// Columns of 4 weights; the last of them are no whole vector.
template <class T>
void check_groups(double tolerance) {
  constexpr std::size_t kRows = 4, kCols = 11;
  Random random(9);
  std::size_t gone = 0;
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<T> z(kRows * kCols), den(z.size());
    for (T& value : z) value = static_cast<T>(4 * random.uniform() - 2);
    for (T& value : den) value = static_cast<T>(0.2 + random.uniform());
    const bool metric = trial % 3 != 0;
    const double unit = 0.3, strength = 8 * random.uniform();
    std::vector<T> w = z;
    kernels::group_threshold<T>(w.data(), metric ? den.data() : nullptr, unit, kRows, kCols, strength);
    for (std::size_t j = 0; j < kCols; ++j) {
      double norm = 0, dual = 0;
      const auto u = [&](std::size_t i) { return unit / (metric ? static_cast<double>(den[i * kCols + j]) : 1.0); };
      for (std::size_t i = 0; i < kRows; ++i) {
        norm += std::pow(w[i * kCols + j], 2), dual += std::pow(static_cast<double>(z[i * kCols + j]) / u(i), 2);
      }
      norm = std::sqrt(norm);
      gone += norm == 0;
      if (norm == 0) {
        EXPECT_LE(std::sqrt(dual), strength);
        continue;
      }
      for (std::size_t i = 0; i < kRows; ++i) {  // (w − z)/u + strength w/‖w‖ = 0
        const double to = static_cast<double>(w[i * kCols + j]), from = static_cast<double>(z[i * kCols + j]);
        EXPECT_NEAR((to - from) / u(i) + strength * to / norm, 0, tolerance);
      }
    }
  }
  EXPECT_GT(gone, 50U);
}

TEST(Proximal, AGroupInADiagonalMetricIsTheMinimiser) {
  check_groups<double>(1e-9);
  check_groups<float>(1e-4);
}

TEST(Train, GroupsOfInputsLeaveTogether) {
  const Rows rows(200, 6, NetworkLoss::squared);
  TrainOptions options = adam(1500);
  options.groups = WeightGroups::inputs;
  options.lambda = 0.05;
  const auto start = initial_network<double>({6, {5}, 1, Activation::tanh, NetworkLoss::squared}, 2);
  const auto result = train(start, {rows.samples(), {}, {}}, options, Context(1));
  const auto first = result.network.of(result.network.blocks()[0]);
  Index gone = 0;
  for (std::size_t j = 0; j < 6; ++j) {
    Index zeros = 0;
    for (std::size_t o = 0; o < 5; ++o) zeros += first[o * 6 + j] == 0;
    EXPECT_TRUE(zeros == 0 || zeros == 5) << j;
    gone += zeros == 5;
  }
  EXPECT_GE(gone, 2);
  EXPECT_LT(gone, 6);
}

TEST(Train, GroupsOfUnitsLeaveTogether) {
  const Rows rows(200, 6, NetworkLoss::squared);
  for (const WeightGroups groups : {WeightGroups::units, WeightGroups::both}) {
    TrainOptions options = adam(1500);
    options.groups = groups;
    options.lambda = 0.02;
    const auto start = initial_network<double>({6, {7, 5}, 1, Activation::tanh, NetworkLoss::squared}, 2);
    const auto result = train(start, {rows.samples(), {}, {}}, options, Context(1));
    for (const ParameterBlock& block : result.network.blocks()) {
      if (block.is_bias) continue;
      const auto weights = result.network.of(block);
      Index gone = 0;
      for (Index from = 0; from < block.cols; ++from) {
        Index zeros = 0;
        for (Index to = 0; to < block.rows; ++to) zeros += weights[static_cast<std::size_t>(to * block.cols + from)] == 0;
        EXPECT_TRUE(zeros == 0 || zeros == block.rows) << block.name << " from " << from;
        gone += zeros == block.rows;
      }
      const bool leave = block.layer > 0 || groups == WeightGroups::both;
      EXPECT_EQ(gone > 0, leave) << block.name;
      EXPECT_LT(gone, block.cols) << block.name;
    }
  }
}

/// All features and weights 1, y = 0: η is the number of inputs kept, divided by their share.
TEST(Train, InputsAreDroppedFromStepsAndNotFromJudging) {
  constexpr Index kRows = 5000, kInputs = 8;
  const std::vector<double> x(kRows * kInputs, 1.0), y(kRows, 0.0);
  const Samples<double> samples{MatrixView<const double>(x.data(), kRows, kInputs), y, {}, {}};
  TrainOptions options = adam(1);
  options.optimizer = {.kind = OptimizerKind::sgd, .learning_rate = 1e-3};
  options.input_dropout = 0.5;
  Network<double> start({kInputs, {}, 1, Activation::identity, NetworkLoss::squared});
  std::ranges::fill(start.of(start.blocks()[0]), 1.0);
  const auto result = train(start, {samples, {}, {}}, options, Context(1));
  const double loss = result.history[0].training_loss;
  EXPECT_NEAR(loss, 36, 1);  // ½(8² + 8)
  double gradient = 0;       // Σ over inputs = mean of η²
  for (const double w : result.network.of(start.blocks()[0])) gradient += (1 - w) / options.optimizer.learning_rate;
  EXPECT_NEAR(gradient, 2 * loss, 1e-9);
  EXPECT_EQ(score(start, samples, Context(1)).loss, 32);
  EXPECT_EQ(train(start, {samples, {}, {}}, options, Context(3)).state.parameters, result.state.parameters);
}

TEST(Train, DivergenceNamesTheStepAndKeepsFiniteWeights) {
  const Rows rows(50, 3, NetworkLoss::squared);
  TrainOptions options = adam(1000);
  options.optimizer.kind = OptimizerKind::sgd;
  options.optimizer.learning_rate = 100;
  const auto result = train(initial_network<double>({3, {4}, 1, Activation::relu, NetworkLoss::squared}, 1),
                            {rows.samples(), {}, {}}, options, Context(1));
  EXPECT_EQ(result.status, Status::diverged);
  EXPECT_GT(result.diverged_step, 0);
  EXPECT_NE(result.message.find("smaller learning rate"), std::string::npos);
  EXPECT_TRUE(std::isfinite(weight_norm<double>(result.network.parameters())));
}

/// Adam has moments, the plateau a count: all of them go back to where the loss was last no worse than at the start.
TEST(Train, AfterDivergenceTheLastGoodStateIsWhole) {
  const Rows rows(50, 3, NetworkLoss::squared);
  const auto start = initial_network<double>({3, {4}, 1, Activation::relu, NetworkLoss::squared}, 1);
  TrainOptions options = adam(20);
  options.schedule.kind = ScheduleOptions::Kind::plateau;
  const TrainData<double> data = {rows.samples(), {}, {}};
  const auto before = train(start, data, options, Context(1));
  ASSERT_LT(before.history.back().training_loss, before.history.front().training_loss);
  TrainHooks<double> hooks;
  hooks.on_checkpoint = [](const TrainState<double>&) {};
  TrainOptions wild = options;
  wild.epochs = 1000;
  wild.optimizer.learning_rate = 1e160;
  const auto result = train(start, data, wild, Context(1), hooks, &before.state);
  ASSERT_EQ(result.status, Status::diverged);
  EXPECT_EQ(result.state.epoch, 20);
  EXPECT_EQ(result.state.history.size(), 20U);
  EXPECT_EQ(result.state.parameters, before.state.parameters);
  EXPECT_EQ(result.state.optimizer, before.state.optimizer);
  options.epochs = 60;
  EXPECT_EQ(train(start, data, options, Context(1), {}, &result.state).state.parameters,
            train(start, data, options, Context(1)).state.parameters);
}

TEST(Train, EarlyStoppingRestoresTheBestWeights) {
  const Rows rows(40, 6, NetworkLoss::squared), others(40, 6, NetworkLoss::logistic);
  TrainOptions options = adam(2000);
  options.patience = 20;
  const auto result = train(initial_network<double>({6, {30}, 1, Activation::tanh, NetworkLoss::squared}, 1),
                            {rows.samples(), others.samples(), {}}, options, Context(1));
  EXPECT_EQ(result.stopped_epoch, result.best_epoch + 20);
  EXPECT_EQ(score(result.network, others.samples(), Context(1)).loss, result.state.best_loss);
}

}  // namespace
}  // namespace riata
