#include "riata/network/train.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/network/allocations_for_tests.hpp"
#include "riata/network/packed.hpp"

namespace riata {
namespace {

TEST(Train, ALinearModelByFullBatchDescentIsLeastSquares) {
  const std::vector<double> x = {-1, 0, 1, 2}, y = {1, 3, 5, 7};
  TrainData<double> data;
  data.training = {MatrixView<const double>(x.data(), 4, 1), y, {}, {}};
  TrainOptions options;
  options.optimizer.kind = OptimizerKind::sgd;
  options.optimizer.learning_rate = 0.5;
  options.epochs = 400;
  const auto result = train(initial_network<double>({.inputs = 1, .hidden = {}}, 1), data, options, Context(1));
  EXPECT_EQ(result.status, Status::converged);
  EXPECT_NEAR(result.network.parameters()[0], 2, 1e-10);
  EXPECT_NEAR(result.network.parameters()[1], 3, 1e-10);
  EXPECT_EQ(result.history.size(), 400U);
}

/// Over several blocks of rows, whole and by batches.
TEST(Train, SeveralResponsesWithoutHiddenLayersAreSeveralModels) {
  const Index n = 1100;
  std::vector<double> x, both;
  for (Index i = 0; i < n; ++i) x.push_back(std::sin(static_cast<double>(i)));
  for (const double slope : {2.0, -1.0}) {
    for (Index i = 0; i < n; ++i)
      both.push_back(slope * x[static_cast<std::size_t>(i)] + std::cos(static_cast<double>(i * i)));
  }
  for (const Index batch : {Index{0}, Index{700}}) {
    TrainOptions options;
    options.batch_size = batch;
    options.epochs = 20;
    options.optimizer.kind = OptimizerKind::sgd;
    options.optimizer.learning_rate = 0.1;
    const auto fit = [&](std::span<const double> y, Index outputs) {
      TrainData<double> data;
      data.training = {MatrixView<const double>(x.data(), n, 1), y, {}, {}};
      Network<double> start({.inputs = 1, .hidden = {}, .outputs = outputs});
      return train(std::move(start), data, options, Context(1));
    };
    const auto whole = fit(both, 2);
    const auto half = static_cast<std::size_t>(n);
    const auto first = fit(std::span(both).first(half), 1), second = fit(std::span(both).last(half), 1);
    EXPECT_NEAR(whole.history.back().training_loss, first.history.back().training_loss + second.history.back().training_loss,
                1e-12);
    for (std::size_t k = 0; k < 2; ++k) {  // weights, then biases
      EXPECT_NEAR(whole.network.parameters()[2 * k], first.network.parameters()[k], 1e-12);
      EXPECT_NEAR(whole.network.parameters()[2 * k + 1], second.network.parameters()[k], 1e-12);
    }
  }
}

/// Over several blocks of rows, whole and by batches: by columns, row after row and in blocks.
TEST(Train, HowFeaturesAreHeldChangesNoBit) {
  constexpr Index kRows = 1100, kInputs = 3;
  std::vector<float> columns(kRows * kInputs), rows(columns.size());
  kernels::AlignedVector<float> blocks(static_cast<std::size_t>(whole_groups(kRows) * kInputs));
  std::vector<double> y;
  for (Index i = 0; i < kRows; ++i) {
    for (Index j = 0; j < kInputs; ++j) {
      const auto x = static_cast<float>(std::sin(static_cast<double>((i + 1) * (j + 2))));
      columns[static_cast<std::size_t>(i + j * kRows)] = rows[static_cast<std::size_t>(i * kInputs + j)] = x;
      blocks[static_cast<std::size_t>(place_in_blocks(i, j, kRows, kInputs))] = x;
    }
    y.push_back(std::cos(static_cast<double>(i * i)));
  }
  std::vector<Samples<float>> ways(3, {MatrixView<const float>(nullptr, kRows, kInputs), y, {}, {}});
  ways[0].features.data = columns.data();
  ways[1].by_rows = rows.data();
  ways[2].in_blocks = blocks.data();
  const auto start = initial_network<float>({.inputs = kInputs, .hidden = {5}}, 2);
  for (const Index batch : {Index{0}, Index{64}}) {
    TrainOptions options;
    options.batch_size = batch;
    options.epochs = 5;
    std::vector<std::vector<float>> parameters;
    std::vector<std::vector<double>> said;
    for (const Samples<float>& way : ways) {
      const auto result = train(start, {way, way, {}}, options, Context(1));
      parameters.push_back(result.state.best_parameters);
      said.emplace_back(kRows);
      forward(result.network, way, Matrix(said.back().data(), kRows, 1), Context(2));
    }
    EXPECT_TRUE(parameters[1] == parameters[0] && parameters[2] == parameters[0]) << batch;
    EXPECT_TRUE(said[1] == said[0] && said[2] == said[0]) << batch;
  }
  columns[2 * kRows + 700] = rows[700 * kInputs + 2] = std::numeric_limits<float>::infinity();
  blocks[static_cast<std::size_t>(place_in_blocks(700, 2, kRows, kInputs))] = std::numeric_limits<float>::infinity();
  for (const Samples<float>& way : ways) {
    try {
      train(start, {way, {}, {}}, TrainOptions(), Context(1));
      ADD_FAILURE() << "an infinite feature was taken";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "feature 3 of training row 701 is inf: features are finite");
    }
  }
}

template <class T>
struct Watched {
  std::vector<T> x, values;
  std::vector<double> y;
  std::vector<Index> starts = {0};
  std::vector<std::int32_t> columns;

  static constexpr Index kRows = 300, kInputs = 6;

  Watched() {
    for (Index k = 0; k < kRows * kInputs; ++k) x.push_back(static_cast<T>(std::sin(static_cast<double>(k * k))));
    for (Index i = 0; i < kRows; ++i) {
      y.push_back(std::cos(static_cast<double>(i)));
      for (const Index j : {i % 3, 3 + i % 2}) {
        columns.push_back(static_cast<std::int32_t>(j));
        values.push_back(x[static_cast<std::size_t>(i + j * kRows)]);
      }
      starts.push_back(std::ssize(columns));
    }
  }
  Samples<T> samples(bool sparse) const {
    Samples<T> out{MatrixView<const T>(sparse ? nullptr : x.data(), kRows, kInputs), y, {}, {}};
    if (sparse) out.sparse = {starts.data(), columns.data(), values.data(), nullptr};
    return out;
  }
};

/// The ways to regularise, each of which has memory of its own.
std::vector<std::pair<std::string, TrainOptions>> ways() {
  std::vector<std::pair<std::string, TrainOptions>> out;
  const auto add = [&](const char* name, auto change) {
    TrainOptions options;
    options.penalty = L1{};
    options.lambda = 1e-3;
    change(options);
    out.emplace_back(name, options);
  };
  add("dropout", [](TrainOptions& o) { o.dropout = o.input_dropout = 0.1; });
  add("groups of inputs", [](TrainOptions& o) { o.groups = WeightGroups::inputs; });
  add("groups of both", [](TrainOptions& o) { o.groups = WeightGroups::both; });
  add("lassonet", [](TrainOptions& o) { o.hierarchy = 10; });
  add("factors", [](TrainOptions& o) { o.input_factors = {0, 1, 2, 1, 1, std::numeric_limits<double>::infinity()}; });
  add("clip, plateau, patience", [](TrainOptions& o) {
    o.clip_norm = 0.1;
    o.schedule.kind = ScheduleOptions::Kind::plateau;
    o.patience = 1000;
  });
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::sgdw, OptimizerKind::adamw, OptimizerKind::rmsprop,
                                   OptimizerKind::adagrad, OptimizerKind::nadam}) {
    add(to_string(kind).data(), [&](TrainOptions& o) {
      o.optimizer.kind = kind;
      o.optimizer.weight_decay = 1e-3;
      o.l1_step = L1Step::subgradient;
    });
  }
  return out;
}

/// An epoch more costs no allocation, alone and side by side, with and without states that are kept.
template <class T>
void check_allocations() {
  const Watched<T> rows;
  for (const auto& [name, way] : ways()) {
    for (const bool sparse : {false, true}) {
      for (const Index batch : {Index{0}, Index{64}}) {
        const TrainData<T> data{rows.samples(sparse), rows.samples(sparse), {}};
        const NetworkSpec spec{.inputs = 6,
                               .hidden = {70, 66},
                               .activation = Activation::tanh,
                               .loss = NetworkLoss::squared,
                               .skip = way.hierarchy > 0};
        const std::vector<Network<T>> starts(3, initial_network<T>(spec, 3));
        const auto count = [&](Index epochs) {
          TrainOptions options = way;
          options.epochs = epochs;
          options.batch_size = batch;
          const std::vector<TrainOptions> each(3, options);
          TrainHooks<T> hooks;
          hooks.on_checkpoint = [](const TrainState<T>&) {};
          const Context context(1);
          const long before = allocations_so_far();
          const auto plain = train(starts[0], data, options, context);
          const auto kept = train(starts[0], data, options, context, hooks);
          const auto several = train_side_by_side<T>(starts, data, each, context);
          return allocations_so_far() - before;
        };
        const long few = count(2);  // the first run of all may also allocate what a thread keeps for ever
        EXPECT_LE(count(9), few) << name << (sparse ? ", sparse" : "") << ", batch size " << batch;
      }
    }
  }
}

TEST(Train, AllocatesNothingInTheLoop) {
  check_allocations<double>();
  check_allocations<float>();
}

}  // namespace
}  // namespace riata
