#include <gtest/gtest.h>

#include <cmath>

#include "riata/app/train.hpp"
#include "riata/data/make_column.hpp"
#include "riata/model/network_model.hpp"

namespace riata {
namespace {

/// y is noise: the strongest penalty wins.
Table noise() {
  std::vector<double> a, b, y;
  for (int i = 0; i < 60; ++i) {
    a.push_back(std::sin(1.7 * i));
    b.push_back(std::cos(0.9 * i * i));
    y.push_back(std::sin(0.37 * i * i * i));
  }
  Table table = make_table({make_column("a", a), make_column("b", b), make_column("y", y)});
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
  TrainSpec warm = spec_of({0.5, 0.05, 0.005});
  warm.folds = 3;
  warm.warm_start = true;
  const TrainFacts path = run_train(warm, noise(), {}, {}, Context(1));
  ASSERT_EQ(path.model.lambda, 0.5);

  TrainInputs inputs;
  NetworkModel last;
  for (const double lambda : {0.005, 0.05, 0.5}) {
    TrainSpec spec = spec_of({lambda});
    if (inputs.initial_weights) spec.initial_weights = "weights";
    last = run_train(spec, noise(), inputs, {}, Context(1)).model;
    inputs.initial_weights = read_safetensors(write_network(last), "weights");
  }
  for (std::size_t k = 0; k < last.parameters.size(); ++k) {
    EXPECT_EQ(path.model.parameters[k].values, last.parameters[k].values) << last.parameters[k].name;
  }
}

TEST(TrainGrid, ThreadsDoNotChangeAScore) {
  for (const bool warm : {false, true}) {
    TrainSpec spec = spec_of({0.5, 0.05, 0.005});
    spec.folds = 3;
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

}  // namespace
}  // namespace riata
