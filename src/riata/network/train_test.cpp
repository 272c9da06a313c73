#include "riata/network/train.hpp"

#include <gtest/gtest.h>

#include <cmath>

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

}  // namespace
}  // namespace riata
