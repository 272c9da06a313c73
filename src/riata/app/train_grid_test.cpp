#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "riata/app/run.hpp"
#include "riata/app/train.hpp"
#include "riata/app/train_options.hpp"
#include "riata/data/make_column.hpp"
#include "riata/model/network_model.hpp"

namespace riata {
namespace {

/// y is noise: the strongest penalty wins.
Table noise(bool with_folds = false) {
  std::vector<double> a, b, y, fold;
  for (int i = 0; i < 60; ++i) {
    a.push_back(std::sin(1.7 * i));
    b.push_back(std::cos(0.9 * i * i));
    y.push_back(std::sin(0.37 * i * i * i));
    fold.push_back(i % 2);
  }
  std::vector<Column> columns = {make_column("a", a), make_column("b", b), make_column("y", y)};
  if (with_folds) columns.push_back(make_column("fold", fold));
  Table table = make_table(std::move(columns));
  table.source = "t.csv";
  return table;
}

TrainSpec spec_of(std::vector<double> lambdas) {
  TrainSpec spec;
  spec.target = "y";
  spec.hidden = {4};
  spec.activation = Activation::tanh;
  spec.penalty = PenaltyChoice::l2;
  spec.lambdas = std::move(lambdas);
  spec.epochs = 30;
  spec.precision = Precision::float64;
  return spec;
}

TEST(TrainGrid, AWarmStartIsTheNetworkOfTheNextSmallerLambda) {
  for (const Index folds : {3, 0}) {
    TrainSpec warm = spec_of({0.5, 0.05, 0.005});
    warm.folds = folds;
    warm.warm_start = true;
    warm.epochs = 300;
    const TrainFacts path = run_train(warm, noise(), {}, {}, Context(1));
    ASSERT_EQ(path.model.lambda, 0.5);

    TrainInputs inputs;
    NetworkModel last;
    for (const double lambda : {0.005, 0.05, 0.5}) {
      TrainSpec spec = spec_of({lambda});
      spec.epochs = warm.epochs;
      if (inputs.initial_weights) spec.initial_weights = "weights";
      last = run_train(spec, noise(), inputs, {}, Context(1)).model;
      inputs.initial_weights = read_safetensors(write_network(last), "weights");
    }
    for (std::size_t k = 0; k < last.parameters.size(); ++k) {
      EXPECT_EQ(path.model.parameters[k].values, last.parameters[k].values) << folds << last.parameters[k].name;
    }
  }
}

/// After a walk that judged every λ by the rows held out, only the chosen network is trained again.
TEST(TrainGrid, AWarmPathWithoutFoldsIsWalkedOnce) {
  const auto epochs_of = [](const TrainSpec& spec) {
    Context context(1);
    Index epochs = 0;
    context.on_progress = [&](const Progress& progress) { epochs += progress.stage == "training" ? 1 : 0; };
    const TrainFacts facts = run_train(spec, noise(), {}, {}, context);
    EXPECT_EQ(facts.model.lambda, 0.5);
    return epochs;
  };
  TrainSpec warm = spec_of({0.5, 0.05, 0.005}), alone = spec_of({0.5});
  warm.warm_start = true;
  warm.epochs = alone.epochs = 300;
  EXPECT_EQ(epochs_of(warm), epochs_of(alone));
}

TEST(TrainGrid, ThreadsDoNotChangeAScore) {
  for (const bool warm : {false, true}) {
    TrainSpec spec = spec_of({0.5, 0.05, 0.005});
    spec.folds = 3;
    spec.seeds = 2;
    spec.batch_size = 16;
    spec.warm_start = warm;
    const TrainFacts one = run_train(spec, noise(), {}, {}, Context(1)),
                     three = run_train(spec, noise(), {}, {}, Context(3));
    ASSERT_EQ(one.grid.size(), 3U);
    for (std::size_t k = 0; k < one.grid.size(); ++k) {
      EXPECT_EQ(one.grid[k].mean, three.grid[k].mean);
      EXPECT_EQ(one.grid[k].standard_error, three.grid[k].standard_error);
    }
    EXPECT_EQ(one.model.parameters[0].values, three.model.parameters[0].values);
  }
}

/// Batches are of all rows and nothing is dropped, so that a seed decides the start alone; folds are a column, so that they
/// do not move with it.
TEST(TrainGrid, SeedsOfAFoldAreAveragedFirst) {
  for (const bool warm : {false, true}) {
    const Table table = noise(true);
    TrainSpec spec = spec_of({0.5, 0.05, 0.005});
    spec.fold_column = "fold";
    spec.validation = "0";
    spec.warm_start = warm;
    std::vector<TrainFacts> alone;
    for (const Index seed : {7, 8}) {
      spec.seed = seed;
      alone.push_back(run_train(spec, table, {}, {}, Context(1)));
    }
    spec.seed = 7;
    spec.seeds = 2;
    const TrainFacts both = run_train(spec, table, {}, {}, Context(2));
    EXPECT_EQ(both.n_seeds, 2);
    for (std::size_t k = 0; k < 3; ++k) {
      const double a = alone[0].grid[k].mean, b = alone[1].grid[k].mean;
      EXPECT_NE(a, b);
      EXPECT_NEAR(both.grid[k].mean, (a + b) / 2, 1e-14);
      // Of two folds the error is half their difference: those of the seeds add up, or up to the sign.
      const double x = alone[0].grid[k].standard_error, y = alone[1].grid[k].standard_error;
      const double error = both.grid[k].standard_error;
      EXPECT_LT(std::min(std::abs(error - (x + y) / 2), std::abs(error - std::abs(x - y) / 2)), 1e-14);
    }
    // The network kept is that of the first seed.
    TrainSpec first = spec_of({both.model.lambda});
    first.seed = 7;
    first.validation = "0";
    first.exclude = {"fold"};
    if (warm) continue;  // it would start from the network of the next smaller λ
    const NetworkModel one = run_train(first, table, {}, {}, Context(1)).model;
    EXPECT_EQ(both.model.parameters[0].values, one.parameters[0].values);
  }
}

/// λ of a sum over m rows is m times that of their mean, of a batch as many times as it has rows.
TEST(TrainGrid, ScalesOfLambdaAreMultiplesOfOneAnother) {
  for (const Index batch : {0, 16}) {
    const auto weights = [&](double lambda, LambdaScale scale) {
      TrainSpec spec = spec_of({lambda});
      spec.validation = "0";
      spec.batch_size = batch;
      spec.lambda_scale = scale;
      return run_train(spec, noise(), {}, {}, Context(1)).model.parameters[0].values;
    };
    const double rows = 60, size = batch == 0 ? rows : static_cast<double>(batch);
    EXPECT_EQ(weights(0.5 * rows, LambdaScale::sum), weights(0.5, LambdaScale::mean)) << batch;
    EXPECT_EQ(weights(0.5 * size, LambdaScale::batch), weights(0.5, LambdaScale::mean)) << batch;
    EXPECT_NE(weights(0.5, LambdaScale::batch), weights(0.5, LambdaScale::mean)) << batch;
  }
}

/// Two features that matter, one of which is not penalised, and an offset; in `kind`: a number, two or three classes,
/// counts.
Table planted(const std::string& kind) {
  std::vector<double> a, b, c, o, y;
  for (int i = 0; i < 90; ++i) {
    a.push_back(std::sin(1.7 * i) + 2);
    b.push_back(std::cos(0.9 * i * i) + 0.5 * a.back());
    c.push_back(std::sin(0.31 * i * i));
    o.push_back(0.8 * std::cos(1.1 * i));
    const double eta = 1.5 * a.back() - b.back() - 1 + o.back() + std::sin(0.37 * i * i * i);
    y.push_back(kind == "number"  ? eta
                : kind == "two"   ? (eta > 1 ? 1 : 0)
                : kind == "three" ? std::floor(std::clamp(eta, 0.0, 2.0))
                                  : std::floor(std::exp(0.5 * std::clamp(eta, -2.0, 4.0))));
  }
  Table table =
      make_table({make_column("a", a), make_column("b", b), make_column("c", c), make_column("o", o), make_column("y", y)});
  table.source = "t.csv";
  return table;
}

TrainSpec linear_spec(NetworkLoss loss) {
  TrainSpec spec = spec_of({});
  spec.hidden.clear();
  spec.activation = Activation::relu;
  spec.penalty = PenaltyChoice::l1;
  spec.network_loss = loss;
  spec.validation = "0";
  if (loss == NetworkLoss::multinomial) {
    spec.exclude = {"o"};
  } else {
    spec.offset = "o";
  }
  spec.penalty_factor = {{"a", 0}, {"c", 2}};
  return spec;
}

/// λ_max is where the first penalised weight leaves 0: just above it none has, just below it one has.
TEST(TrainGrid, StartsWhereTheFirstPenalisedWeightLeavesZero) {
  const std::vector<std::pair<NetworkLoss, std::string>> cases = {
      {NetworkLoss::squared, "number"}, {NetworkLoss::mse, "number"},        {NetworkLoss::huber, "number"},
      {NetworkLoss::logistic, "two"},   {NetworkLoss::multinomial, "three"}, {NetworkLoss::poisson, "counts"}};
  for (const auto& [loss, kind] : cases) {
    const Table table = planted(kind);
    TrainSpec grid = linear_spec(loss);
    const TrainProblem problem = make_train_problem(grid, table, {}, Context(1));
    grid.n_lambdas = 2;
    const double largest = train_lambdas(grid, problem, Context(1))[0];
    for (const double share : {1.001, 0.99}) {
      TrainSpec spec = linear_spec(loss);
      spec.lambdas = {share * largest};
      spec.epochs = 6000;
      spec.learning_rate = 0.02;
      spec.schedule = parse_schedule("cosine");
      const NetworkModel model = run_train(spec, table, {}, {}, Context(1)).model;
      const std::vector<double>& weights = model.parameters[0].values;
      bool free = false, penalised = false;
      for (std::size_t k = 0; k < weights.size(); ++k) (k % 3 == 0 ? free : penalised) |= weights[k] != 0;
      EXPECT_TRUE(free) << to_string(loss);
      EXPECT_EQ(penalised, share < 1) << to_string(loss) << " at " << share << " of " << largest;
    }
  }
}

/// The path of `fit` starts at the same λ.
TEST(TrainGrid, StartsWhereFitStarts) {
  for (const auto& [loss, kind] : {std::pair(NetworkLoss::squared, "number"), std::pair(NetworkLoss::logistic, "two")}) {
    TrainSpec spec = linear_spec(loss);
    spec.n_lambdas = 2;
    FitSpec fit;
    fit.target = spec.target;
    fit.offset = spec.offset;
    fit.penalty = spec.penalty;
    fit.penalty_factor = spec.penalty_factor;
    fit.n_lambdas = 2;
    fit.folds = 0;
    fit.select = SelectionRule::bic;
    const Table table = planted(kind);
    const double ours = train_lambdas(spec, make_train_problem(spec, table, {}, Context(1)), Context(1))[0];
    const double theirs = run_fit(fit, table, Context(1)).model.path[0].lambda;
    EXPECT_NEAR(ours, theirs, 1e-9 * theirs) << to_string(loss);
  }
}

}  // namespace
}  // namespace riata
