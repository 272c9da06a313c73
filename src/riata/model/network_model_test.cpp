#include "riata/model/network_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>

#include "riata/core/error.hpp"
#include "riata/design/make_design.hpp"
#include "riata/model/prune_network.hpp"

namespace riata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

FeatureCoding numeric(const char* name) {
  FeatureCoding out;
  out.name = name;
  return out;
}

/// a, b, c and the levels of city; 3 units, then 2.
NetworkModel example() {
  NetworkModel model;
  FeatureCoding city = numeric("city");
  city.kind = FeatureCoding::Kind::categorical;
  city.levels = {"p", "q"};
  model.riata = "0.1.0";
  model.source = "t.csv";
  model.target = "y";
  model.coding.features = {numeric("a"), city, numeric("b"), numeric("c")};
  model.feature_names = model.coding.column_names();  // a b c city=p city=q
  model.n_samples = 7;
  model.total_weight = 7;
  model.precision = Precision::float64;
  model.network = {.inputs = 5, .hidden = {3, 2}, .outputs = 1, .activation = Activation::relu};
  model.centre = {0.5, 1, 2, 0, 0};
  model.scale = {1, 2, 3, 1, 1};
  model.parameters = {{"layers.0.weight", {3, 5}, {1, 0, -2, 0, 0, 3, 0, 0.5, 0, 0, -1, 0, 0.25, 0, 0}},
                      {"layers.0.bias", {3}, {0.1, 0.2, 0.3}},
                      {"layers.1.weight", {2, 3}, {0.5, 0.25, -1, 1, -0.5, 2}},
                      {"layers.1.bias", {2}, {-0.5, 0.5}},
                      {"layers.2.weight", {1, 2}, {2, -3}},
                      {"layers.2.bias", {1}, {0.75}}};
  model.history = {{.epoch = 1, .training_loss = 3}, {.epoch = 2, .training_loss = 2, .validation_loss = 2.5}};
  model.optimizer = "adam";
  model.response_unit = 2;
  return model;
}

/// η on six rows, by the columns' names.
std::vector<double> said(const NetworkModel& model) {
  constexpr Index kRows = 6;
  const std::vector<std::string> all = example().feature_names;
  auto values = std::make_shared<std::vector<double>>();
  for (const std::string& name : model.feature_names) {
    const Index j = std::ranges::find(all, name) - all.begin();
    for (Index i = 0; i < kRows; ++i) values->push_back(static_cast<double>((i * 7 + j * 5) % 11) / 3 - 1);
  }
  const DesignPtr design = strided(values->data(), kRows, std::ssize(model.feature_names), 1, kRows, values);
  std::vector<double> eta(kRows);
  network_eta(model, *design, Matrix(eta.data(), kRows, 1), Context(1));
  return eta;
}

double& weight(NetworkModel& model, std::size_t k, std::size_t i) { return model.parameters[k].values[i]; }

TEST(NetworkFile, ReadsBackWhatWasWritten) {
  NetworkModel model = example();
  weight(model, 0, 1) = 1e-300;  // b
  weight(model, 0, 3) = -0.5;    // city=p
  const std::string bytes = write_network(model);
  const NetworkModel back = read_network(bytes, "m");
  EXPECT_EQ(write_network(back), bytes);
  EXPECT_EQ(back.feature_names, model.feature_names);
  EXPECT_EQ(back.parameters[0].values, model.parameters[0].values);
  EXPECT_EQ(back.history.size(), 2U);
  EXPECT_TRUE(std::isnan(back.history[0].validation_loss));
  EXPECT_EQ(back.history[1].validation_loss, 2.5);
}

TEST(NetworkFile, KeepsWhatTheRowsHeldOutSayOfTheProbabilities) {
  NetworkModel model = example();
  model.calibration = Calibration{90, 1.5, 0.125, 0.25, 0.375, 0.0625};
  const std::string bytes = write_network(model);
  const NetworkModel back = read_network(bytes, "m");
  EXPECT_EQ(write_network(back), bytes);
  ASSERT_TRUE(back.calibration);
  EXPECT_EQ(back.calibration->n_rows, 90);
  EXPECT_EQ(back.calibration->observed_error, 0.0625);
  model.calibration->n_rows = 0;
  EXPECT_THROW(read_network(write_network(model), "m"), Error);
}

TEST(NetworkFile, KeepsTheSearchAndTheTwin) {
  NetworkModel model = example();
  model.search = {{{1, 3, 0.5, 4, 2, 1}, {0.1, std::nan(""), std::nan(""), 0, 6, 5}}, "mae", 5, 3, 0, 0, "1se"};
  model.twin = TwinFacts{.weight_norm = 2,
                         .twin_norm = 3,
                         .layers = {{"layers.0.weight", 1, 2.5}},
                         .training_loss = 0.5,
                         .twin_training_loss = 0.25,
                         .validation_loss = std::nan(""),
                         .twin_validation_loss = std::nan(""),
                         .epochs = 20,
                         .twin_epochs = 40,
                         .best_epoch = 9,
                         .twin_best_epoch = 7,
                         .least_loss = 0.25,
                         .twin_least_loss = 0.5,
                         .text = "smaller"};
  const std::string bytes = write_network(model);
  const NetworkModel back = read_network(bytes, "m");
  EXPECT_EQ(write_network(back), bytes);
  ASSERT_TRUE(back.search && back.twin);
  EXPECT_EQ(back.search->grid[0].exact_zeros, 4);
  EXPECT_EQ(back.search->measure, "mae");
  EXPECT_EQ(back.search->n_seeds, 3);
  EXPECT_TRUE(std::isnan(back.search->grid[1].mean));
  EXPECT_EQ(back.twin->layers[0].twin_norm, 2.5);
  EXPECT_TRUE(std::isnan(back.twin->validation_loss));
  EXPECT_EQ(back.twin->twin_best_epoch, 7);
  EXPECT_EQ(back.twin->twin_least_loss, 0.5);
  model.search->index_min = 2;
  EXPECT_THROW(read_network(write_network(model), "m"), Error);
}

TEST(Pruned, UnusedFeaturesLeaveAndPredictionsStay) {
  const NetworkModel model = example(), lean = pruned(model);
  EXPECT_THAT(lean.feature_names, ElementsAre("a", "c"));
  EXPECT_THAT(lean.dropped_features, ElementsAre("b", "city=p", "city=q"));
  EXPECT_THAT(unused_features(lean), ElementsAre("b", "city=p", "city=q"));
  EXPECT_EQ(unused_features(lean), unused_features(model));
  EXPECT_EQ(lean.coding.features.size(), 2U);
  EXPECT_EQ(said(lean), said(model));
  EXPECT_EQ(write_network(lean), write_network(model));
}

TEST(Pruned, ACategoryStaysWhole) {
  NetworkModel model = example();
  weight(model, 0, 4) = 1;  // city=q
  const NetworkModel lean = pruned(model);
  EXPECT_THAT(lean.feature_names, ElementsAre("a", "c", "city=p", "city=q"));
  EXPECT_EQ(said(lean), said(model));
}

TEST(Pruned, UnitsWithoutEffectLeaveOneAfterTheOther) {
  NetworkModel model = example();
  weight(model, 4, 0) = 0;                                       // nothing looks at the first unit of the second layer,
  weight(model, 2, 5) = 0;                                       // so that nothing looks at the third of the first
  for (std::size_t j = 5; j < 10; ++j) weight(model, 0, j) = 0;  // the second never says anything
  weight(model, 1, 1) = -0.2;
  const NetworkModel lean = pruned(model);
  EXPECT_THAT(lean.network.hidden, ElementsAre(1, 1));
  EXPECT_THAT(lean.parameters[0].values, ElementsAre(1, -2));
  EXPECT_EQ(said(lean), said(model));
}

TEST(Pruned, ASilentUnitOfAConstantValueStays) {
  NetworkModel model = example();
  for (std::size_t j = 5; j < 10; ++j) weight(model, 0, j) = 0;  // bias 0.2: it gives 0.2
  EXPECT_THAT(pruned(model).network.hidden, ElementsAre(3, 2));
}

TEST(Pruned, ANetworkOfZerosKeepsAPath) {
  NetworkModel model = example();
  for (NetworkParameter& one : model.parameters) std::ranges::fill(one.values, 0.0);
  model.parameters.back().values[0] = 0.75;
  const NetworkModel lean = pruned(model);
  EXPECT_THAT(lean.network.hidden, ElementsAre(1, 1));
  EXPECT_THAT(lean.feature_names, ElementsAre("a"));
  EXPECT_EQ(said(lean), said(model));
  EXPECT_EQ(write_network(read_network(write_network(model), "m")), write_network(model));
}

/// The message about a file whose parts were changed and whose checksum was made good again.
std::string refusal(const std::function<void(Safetensors&)>& change) {
  Safetensors file = read_safetensors(write_network(example()), "m");
  change(file);
  try {
    read_network(write_safetensors(file), "m");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input) << error.what();
    return error.what();
  }
  return "accepted";
}

std::string& description_of(Safetensors& file) {
  return std::ranges::find(file.metadata, "description", [](const auto& pair) { return pair.first; })->second;
}

std::string described(const std::string& from, const std::string& to) {
  return refusal([&](Safetensors& file) {
    std::string& text = description_of(file);
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  });
}

Tensor& tensor_of(Safetensors& file, const char* name) { return *std::ranges::find(file.tensors, name, &Tensor::name); }

TEST(NetworkFile, HostileTensorsAreRefused) {
  const auto replaced = [](const char* name, const Tensor& by) {
    return refusal([&](Safetensors& file) { tensor_of(file, name) = by; });
  };
  const double nan = std::nan("");
  EXPECT_THAT(replaced("layers.0.weight", make_tensor("layers.0.weight", {2, 3}, {1, 2, 3, 4, 5, 6})), HasSubstr("shape"));
  EXPECT_THAT(replaced("layers.1.bias", make_tensor("layers.1.bias", {2}, {1, nan})), HasSubstr("not finite"));
  EXPECT_THAT(replaced("layers.1.bias", make_tensor("other", {2}, {1, 2})), HasSubstr("'layers.1.bias' is missing"));
  EXPECT_THAT(replaced("layers.1.bias", make_integer_tensor("layers.1.bias", {2}, {1, 2})), HasSubstr("whole numbers"));
  EXPECT_THAT(replaced("scaling.scale", make_tensor("scaling.scale", {2}, {1, 0})), HasSubstr("not above 0"));
  EXPECT_THAT(replaced("scaling.centre", make_tensor("scaling.centre", {1}, {1})), HasSubstr("shape"));
  EXPECT_THAT(replaced("history", make_tensor("history", {2}, {1, 2})), HasSubstr("history"));
  EXPECT_THAT(replaced("history", make_tensor("history", {1, 8}, {-3, 1, 1, 1, 1, 1, 1, 1})), HasSubstr("history"));
}

TEST(NetworkFile, HostileDescriptionsAreRefused) {
  EXPECT_THAT(described("\"hidden\":[3,2]", "\"hidden\":[3,2147483648]"), HasSubstr("shape"));
  EXPECT_THAT(described("\"hidden\":[3,2]", "\"hidden\":[3,-2]"), HasSubstr("hidden[1]"));
  EXPECT_THAT(described("\"hidden\":[3,2]", "\"hidden\":[3,2.5]"), HasSubstr("hidden[1]"));
  EXPECT_THAT(described("\"hidden\":[3,2]", "\"hidden\":[]"), HasSubstr("shape"));
  EXPECT_THAT(described("\"outputs\":1", "\"outputs\":3"), HasSubstr("outputs"));
  EXPECT_THAT(described("\"loss\":\"squared\"", "\"loss\":\"logistic\""), HasSubstr("classes"));
  EXPECT_THAT(described("\"loss\":\"squared\"", "\"loss\":\"cubic\""), HasSubstr("cubic"));
  EXPECT_THAT(described("\"relu\"", "\"rulu\""), HasSubstr("rulu"));
  EXPECT_THAT(described("\"response_unit\":2.0", "\"response_unit\":0"), HasSubstr("response_unit"));
  EXPECT_THAT(described("\"response_unit\":2.0", "\"response_unit\":1e999"), HasSubstr("m: "));
  EXPECT_THAT(described("\"feature_names\":[\"a\"", "\"feature_names\":[\"z\""), HasSubstr("feature_names"));
  EXPECT_THAT(described("\"n_samples\":7", "\"n_samples\":-1"), HasSubstr("n_samples"));
  EXPECT_THAT(described("\"target\":\"y\"", "\"target\":" + std::string(9, '[') + std::string(9, ']')), HasSubstr("deep"));
  EXPECT_THAT(described("\"target\":\"y\"", "\"target\":7"), HasSubstr("target"));
  EXPECT_THAT(described("{", "["), HasSubstr("well-formed"));
}

TEST(NetworkFile, MetadataOfOthersIsRefused) {
  const auto meta = [](const char* key, const char* value) {
    return refusal([&](Safetensors& file) {
      for (auto& [name, text] : file.metadata) {
        if (name == key) text = value;
      }
    });
  };
  EXPECT_THAT(meta("kind", "sheep"), HasSubstr("no riata network"));
  EXPECT_THAT(meta("format_version", "99"), HasSubstr("newer riata"));
  EXPECT_THAT(meta("format_version", "-1"), HasSubstr("format number"));
}

TEST(NetworkFile, EveryTruncationIsRefused) {
  const std::string bytes = write_network(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(read_network(std::string_view(bytes).substr(0, size), "m"), Error) << size;
  }
}

}  // namespace
}  // namespace riata
