// LassoNet: the skip, the hierarchical prox, and networks that are trained with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"
#include "riata/core/random.hpp"
#include "riata/kernels/optimizer.hpp"
#include "riata/network/engine.hpp"
#include "riata/network/train.hpp"

namespace riata {
namespace {

constexpr std::size_t kRows = 5, kCols = 11;  // the last columns are no whole vector

template <class T>
struct Point {
  std::vector<T> theta, w;
};

double positive(double x) { return std::max(x, 0.0); }

/// One random prox: where it starts from, its metric and its strengths.
template <class T>
struct Prox {
  std::size_t outputs;
  Point<T> start, den, end;
  double unit, bound, strength;
  bool metric;

  Prox(Random& random, std::size_t n_outputs, bool with_metric) : outputs(n_outputs), metric(with_metric) {
    const auto fill = [&](std::vector<T>& values, std::size_t n, double low, double high) {
      for (std::size_t k = 0; k < n; ++k) values.push_back(static_cast<T>(low + (high - low) * random.uniform()));
    };
    fill(start.theta, outputs * kCols, -1, 1);
    fill(start.w, kRows * kCols, -2, 2);
    fill(den.theta, outputs * kCols, 0.2, 1.2);
    fill(den.w, kRows * kCols, 0.2, 1.2);
    unit = 0.2 + random.uniform();
    bound = 0.1 + 3 * random.uniform();
    strength = 6 * random.uniform();
    end = start;
    const std::vector<double> strengths(kCols, strength);
    kernels::hierarchical_threshold<T>({.theta = end.theta.data(),
                                        .w = end.w.data(),
                                        .theta_den = metric ? den.theta.data() : nullptr,
                                        .w_den = metric ? den.w.data() : nullptr,
                                        .outputs = static_cast<Index>(outputs),
                                        .rows = kRows,
                                        .cols = kCols,
                                        .unit = unit,
                                        .bound = bound,
                                        .strength = strengths.data()});
  }

  double theta_norm(const std::vector<T>& theta, std::size_t j) const {
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) sum += std::pow(static_cast<double>(theta[k * kCols + j]), 2);
    return std::sqrt(sum);
  }
  double inverse(const std::vector<T>& dens, std::size_t at) const {
    return (metric ? static_cast<double>(dens[at]) : 1.0) / unit;
  }
  /// What is minimised, of column j: at a θ with its best weights.
  double value(const std::vector<double>& theta, std::size_t j) const {
    double norm = 0, out = 0;
    for (std::size_t k = 0; k < outputs; ++k) {
      out += inverse(den.theta, k * kCols + j) / 2 * std::pow(theta[k] - static_cast<double>(start.theta[k * kCols + j]), 2);
      norm += theta[k] * theta[k];
    }
    norm = std::sqrt(norm);
    for (std::size_t i = j; i < kRows * kCols; i += kCols) {
      out += inverse(den.w, i) / 2 * std::pow(positive(std::abs(static_cast<double>(start.w[i])) - bound * norm), 2);
    }
    return out + strength * norm;
  }
};

/// No θ of many, near and far, is better, and the weights are the best for it: within their bound, and moved no further.
template <class T>
Index check_prox(double tolerance) {
  Random random(3);
  Index gone = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const Prox<T> prox(random, trial % 2 == 0 ? 1 : 3, trial % 3 != 0);
    for (std::size_t j = 0; j < kCols; ++j) {
      const double norm = prox.theta_norm(prox.end.theta, j);
      gone += norm == 0;
      for (std::size_t i = j; i < kRows * kCols; i += kCols) {
        const double from = static_cast<double>(prox.start.w[i]), cut = prox.bound * norm;
        EXPECT_NEAR(static_cast<double>(prox.end.w[i]), std::clamp(from, -cut, cut), tolerance);
      }
      std::vector<double> theta(prox.outputs), other(prox.outputs);
      for (std::size_t k = 0; k < prox.outputs; ++k) theta[k] = static_cast<double>(prox.end.theta[k * kCols + j]);
      const double best = prox.value(theta, j);
      for (int sample = 0; sample < 300; ++sample) {
        const double reach = std::pow(10.0, -static_cast<double>(sample % 5));
        for (std::size_t k = 0; k < prox.outputs; ++k) {
          other[k] = (sample % 2 == 0 ? theta[k] : 0) + 8 * reach * (random.uniform() - 0.5);
        }
        EXPECT_LE(best, prox.value(other, j) + tolerance) << "outputs " << prox.outputs << " metric " << prox.metric;
      }
    }
  }
  return gone;
}

TEST(LassoNet, NoPointIsBetterThanTheProx) {
  EXPECT_GT(check_prox<double>(1e-12), 50);
  EXPECT_GT(check_prox<float>(2e-6), 50);
}

/// The algorithm as published: the weights of an input sorted, the one count for which the formula agrees with itself.
TEST(LassoNet, TheProxIsThePublishedOneWhereTheMetricIsOne) {
  Random random(8);
  for (int trial = 0; trial < 40; ++trial) {
    const Prox<double> prox(random, 1, false);
    const double m2 = prox.bound * prox.bound, threshold = prox.unit * prox.strength;
    for (std::size_t j = 0; j < kCols; ++j) {
      std::vector<double> sizes;
      for (std::size_t i = j; i < kRows * kCols; i += kCols) sizes.push_back(std::abs(prox.start.w[i]));
      std::ranges::sort(sizes, std::ranges::greater{});
      double sum = 0, cut = 0;
      for (std::size_t n = 0; n <= kRows; ++n) {
        cut = prox.bound / (1 + static_cast<double>(n) * m2) *
              positive(std::abs(prox.start.theta[j]) + prox.bound * sum - threshold);
        if (n == kRows || cut >= sizes[n]) break;
        sum += sizes[n];
      }
      EXPECT_NEAR(prox.end.theta[j], std::copysign(cut / prox.bound, prox.start.theta[j]), 1e-13);
      for (std::size_t i = j; i < kRows * kCols; i += kCols) {
        EXPECT_NEAR(prox.end.w[i], std::clamp(prox.start.w[i], -cut, cut), 1e-13);
      }
    }
  }
}

TEST(LassoNet, AnInputThatIsLeftOutIsZeroAndAFreeOneIsNotShrunk) {
  std::vector<double> theta = {0.5, 0.5}, w = {0.1, 0.1, -0.2, -0.2};
  const std::vector<double> strengths = {std::numeric_limits<double>::infinity(), 0};
  kernels::hierarchical_threshold<double>({.theta = theta.data(),
                                           .w = w.data(),
                                           .theta_den = nullptr,
                                           .w_den = nullptr,
                                           .outputs = 1,
                                           .rows = 2,
                                           .cols = 2,
                                           .unit = 0.1,
                                           .bound = 1,
                                           .strength = strengths.data()});
  EXPECT_THAT(theta, testing::ElementsAre(0, testing::DoubleEq(0.5)));
  EXPECT_THAT(w, testing::ElementsAre(0, testing::DoubleEq(0.1), 0, testing::DoubleEq(-0.2)));
}

/// y = x₀x₁ + x₂ + noise, and inputs that say nothing.
struct Planted {
  static constexpr Index kN = 300, kP = 8;
  std::vector<double> features, response;

  Planted() : features(static_cast<std::size_t>(kN * kP)) {
    Random random(6);
    for (double& one : features) one = 2 * std::sqrt(3.0) * (random.uniform() - 0.5);
    for (std::size_t i = 0; i < kN; ++i) {
      response.push_back(features[i] * features[i + kN] + features[i + 2 * kN] + 0.1 * (random.uniform() - 0.5));
    }
  }
  TrainData<double> data() const { return {{MatrixView<const double>(features.data(), kN, kP), response, {}, {}}, {}, {}}; }
};

/// A point that a step of plain descent leaves where it is: whatever the optimiser that led there, its own metric or not.
/// The decay holds the later layers, which could grow for ever while the penalised weights shrink.
void check_fixed_point(const OptimizerOptions& optimizer, double lambda) {
  const Planted planted;
  const NetworkSpec spec{.inputs = 8, .hidden = {6}, .activation = Activation::tanh, .skip = true};
  TrainOptions options;
  options.optimizer = optimizer;
  options.schedule.kind = ScheduleOptions::Kind::cosine;
  options.epochs = 4000;
  options.lambda = lambda;
  options.hierarchy = 10;
  const auto result = train(initial_network<double>(spec, 1), planted.data(), options, Context(1));
  const auto& network = result.network;
  const PackedSamples<double> packed(planted.data().training);
  Engine<double> engine(network, packed.n_blocks(), Planted::kN);
  std::vector<double> stepped(network.parameters().begin(), network.parameters().end()), gradient(stepped.size());
  engine.gradient(stepped.data(), packed, 1 / packed.weight_sum(), {}, gradient.data(), Context(1));
  constexpr double kStep = 0.01;
  for (const ParameterBlock& block : network.blocks()) {
    for (auto k = static_cast<std::size_t>(block.offset); k < static_cast<std::size_t>(block.offset + block.size()); ++k) {
      stepped[k] -= kStep * (gradient[k] + (block.is_bias ? 0 : optimizer.weight_decay * stepped[k]));
    }
  }
  const ParameterBlock &first = network.blocks().front(), &skip = network.blocks().back();
  const std::vector<double> strengths(8, lambda);
  kernels::hierarchical_threshold<double>({.theta = stepped.data() + skip.offset,
                                           .w = stepped.data() + first.offset,
                                           .theta_den = nullptr,
                                           .w_den = nullptr,
                                           .outputs = 1,
                                           .rows = 6,
                                           .cols = 8,
                                           .unit = kStep,
                                           .bound = options.hierarchy,
                                           .strength = strengths.data()});
  double moved = 0;
  for (std::size_t k = 0; k < stepped.size(); ++k) moved = std::max(moved, std::abs(stepped[k] - network.parameters()[k]));
  EXPECT_LT(moved / kStep, 1e-5) << to_string(optimizer.kind);
  const auto theta = network.of(skip), w = network.of(first);
  for (std::size_t j = 0; j < 8; ++j) {
    EXPECT_EQ(std::abs(theta[j]) > 0.02, j < 3) << to_string(optimizer.kind) << " input " << j;
    for (std::size_t i = 0; i < 6; ++i) EXPECT_LE(std::abs(w[i * 8 + j]), 10 * std::abs(theta[j]) * (1 + 1e-12));
  }
  if (lambda > 0.2) {
    EXPECT_GT(std::ranges::count(theta, 0.0), 1);
  }
}

TEST(LassoNet, FixedPointsAreThoseOfPlainDescent) {
  check_fixed_point({.kind = OptimizerKind::adam, .learning_rate = 0.02, .weight_decay = 0.03}, 0.3);
  check_fixed_point({.kind = OptimizerKind::sgd, .learning_rate = 0.05, .momentum = 0.9, .weight_decay = 0.03}, 0.1);
}

TEST(LassoNet, WhatCannotBeTrainedIsRefused) {
  const NetworkSpec plain{.inputs = 3, .hidden = {2}}, skip{.inputs = 3, .hidden = {2}, .skip = true};
  EXPECT_THROW(check(NetworkSpec{.inputs = 3, .hidden = {}, .skip = true}), Error);
  TrainOptions options;
  options.hierarchy = 10;
  EXPECT_NO_THROW(check(skip, options, false));
  EXPECT_THROW(check(plain, options, false), Error);
  options.hierarchy = -1;
  EXPECT_THROW(check(skip, options, false), Error);
  options.hierarchy = 10;
  options.groups = WeightGroups::inputs;
  EXPECT_THROW(check(skip, options, false), Error);
}

}  // namespace
}  // namespace riata
