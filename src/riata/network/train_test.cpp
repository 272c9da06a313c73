#include "riata/network/train.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

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

}  // namespace
}  // namespace riata
