#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "riata/network/train.hpp"

namespace riata {
namespace {

constexpr Index kRows = 100;
constexpr Index kSteps = 1000;
constexpr Index kEvery = 50;

/// The data of tests/reference/pytorch/make_traces.py.
struct Data {
  std::vector<double> features, response;
};

double response_of(double value, NetworkLoss loss) {
  if (loss == NetworkLoss::logistic) return value > 0 ? 1 : 0;
  if (loss == NetworkLoss::multinomial) return (value > -0.2 ? 1 : 0) + (value > 0.2 ? 1 : 0);
  if (loss == NetworkLoss::poisson) return std::max(0.0, std::floor(2 + 2 * value));
  return value;
}

Data data_of(Index inputs, NetworkLoss loss) {
  Data data;
  for (Index j = 0; j < inputs; ++j) {
    for (Index i = 0; i < kRows; ++i) {
      data.features.push_back(static_cast<double>((i * 37 + j * 101 + i * j * 13) % 97) / 48.5 - 1);
    }
  }
  for (Index i = 0; i < kRows; ++i) {
    const auto row = static_cast<std::size_t>(i);
    const double value = data.features[row] * data.features[row + kRows] + static_cast<double>((i * 53) % 17) / 16 - 0.5;
    data.response.push_back(response_of(value, loss));
  }
  return data;
}

NetworkSpec spec_of(const nlohmann::json& run) {
  const auto sizes = run["sizes"].get<std::vector<Index>>();
  NetworkSpec spec;
  spec.inputs = sizes.front();
  spec.hidden.assign(sizes.begin() + 1, sizes.end() - 1);
  spec.outputs = sizes.back();
  spec.activation = activation_by_name(run["activation"].get<std::string>());
  spec.loss = network_loss_by_name(run["loss"].get<std::string>());
  return spec;
}

TrainOptions options_of(const nlohmann::json& run) {
  TrainOptions options;
  OptimizerOptions& optimizer = options.optimizer;
  optimizer.kind = optimizer_by_name(run["optimizer"].get<std::string>());
  optimizer.learning_rate = run["learning_rate"];
  optimizer.weight_decay = run.value("weight_decay", 0.0);
  if (run.value("decay_scale", "lr") == "absolute") optimizer.decay_scale = DecayScale::absolute;
  optimizer.momentum = run.value("momentum", 0.0);
  optimizer.dampening = run.value("dampening", 0.0);
  optimizer.nesterov = run.value("nesterov", false);
  optimizer.amsgrad = run.value("amsgrad", false);
  optimizer.centered = run.value("centered", false);
  optimizer.rate_decay = run.value("rate_decay", 0.0);
  options.penalize_biases = run.value("penalize_biases", true);
  if (run.contains("lambda")) {
    options.penalty = L2{};
    options.lambda = run["lambda"];
    options.penalize_biases = false;
  }
  options.clip_norm = run.value("clip_norm", 0.0);
  options.batch_size = run.value("batch_size", Index{0});
  options.shuffle = false;
  options.epochs = options.batch_size > 0 ? kSteps * options.batch_size / kRows : kSteps;
  const std::string schedule = run.value("schedule", "constant");
  using Kind = ScheduleOptions::Kind;
  options.schedule.kind = schedule == "step"      ? Kind::step
                          : schedule == "cosine"  ? Kind::cosine
                          : schedule == "plateau" ? Kind::plateau
                                                  : Kind::constant;
  options.schedule.factor = run.value("factor", 0.1);
  options.schedule.every = run.value("every", Index{30});
  options.schedule.length = run.value("length", Index{0});
  options.schedule.floor = run.value("floor", 0.0);
  options.schedule.patience = run.value("patience", Index{10});
  options.schedule.threshold = run.value("threshold", 1e-4);
  options.schedule.warm_up = run.value("warm_up", Index{0});
  return options;
}

TEST(Pytorch, EveryOptimiserAndOptionStepForStep) {
  std::ifstream file(std::string(RIATA_TESTS) + "/reference/pytorch/traces.json");
  const nlohmann::json runs = nlohmann::json::parse(file);
  ASSERT_GE(runs.size(), 78U);
  for (const auto& run : runs) {
    const NetworkSpec spec = spec_of(run);
    const Data data = data_of(spec.inputs, spec.loss);
    Network<double> network(spec);
    Index count = 0;
    for (double& value : network.parameters()) value = static_cast<double>((count++ * 29 + 7) % 61) / 61 - 0.5;
    TrainData<double> rows;
    rows.training = {MatrixView<const double>(data.features.data(), kRows, spec.inputs), data.response, {}, {}};
    const auto result = train(network, rows, options_of(run), Context(1));

    auto header = run;
    for (const char* key : {"losses", "norms", "parameters"}) header.erase(key);
    const auto losses = run["losses"].get<std::vector<double>>(), norms = run["norms"].get<std::vector<double>>();
    ASSERT_EQ(static_cast<std::size_t>(result.history.size() / kEvery), losses.size()) << header;
    for (std::size_t k = 0; k < losses.size(); ++k) {
      const EpochRecord& record = result.history[(k + 1) * kEvery - 1];
      EXPECT_NEAR(record.training_loss, losses[k], 1e-9) << header << " epoch " << record.epoch;
      EXPECT_NEAR(record.weight_norm, norms[k], 1e-9) << header << " epoch " << record.epoch;
    }
    const auto parameters = run["parameters"].get<std::vector<double>>();
    ASSERT_EQ(parameters.size(), result.network.parameters().size());
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      EXPECT_NEAR(result.network.parameters()[k], parameters[k], 1e-9) << header << " parameter " << k;
    }
  }
}

}  // namespace
}  // namespace riata
