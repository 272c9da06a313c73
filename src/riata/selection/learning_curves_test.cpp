#include "riata/selection/learning_curves.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>

#include "riata/core/random.hpp"

namespace riata {
namespace {

constexpr int kRuns = 200;  // of each kind
constexpr std::array kKinds = {Verdict::fits, Verdict::underfits, Verdict::overfits, Verdict::no_signal};

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double normal(Random& random) {
  const double u = 1 - random.uniform(), v = random.uniform();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

double between(Random& random, double low, double high) { return low + (high - low) * random.uniform(); }

/// Least squares by full-batch gradient descent from zero on Gaussian rows: the truth is known at every step, because the
/// risk on all possible rows is σ² + ‖β − β*‖².
struct Descent {
  Index n = 0, p = 0, n_validation = 0, epochs = 0;
  double signal = 0, rate = 0;  ///< ‖β*‖, σ = 1; step as a share of the largest stable one
  LearningCurves curves;
  std::vector<double> risk;
};

struct Rows {
  std::vector<double> x, y;
};

Rows draw_rows(Random& random, Index n, const std::vector<double>& truth) {
  Rows out;
  for (Index i = 0; i < n; ++i) {
    double eta = normal(random);
    for (double beta : truth) {
      out.x.push_back(normal(random));
      eta += beta * out.x.back();
    }
    out.y.push_back(eta);
  }
  return out;
}

/// Residuals y − Xβ, and their mean square.
double residuals(const Rows& rows, const std::vector<double>& beta, std::vector<double>& out) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.y.size(); ++i) {
    double r = rows.y[i];
    for (std::size_t j = 0; j < beta.size(); ++j) r -= rows.x[i * beta.size() + j] * beta[j];
    out[i] = r;
    sum += r * r;
  }
  return sum / static_cast<double>(rows.y.size());
}

void run(Descent& d, Random& random) {
  std::vector<double> truth(at(d.p)), beta(at(d.p), 0.0);
  double length = 0;
  for (double& one : truth) {
    one = normal(random);
    length += one * one;
  }
  for (double& one : truth) one *= d.signal / std::sqrt(length);
  const Rows training = draw_rows(random, d.n, truth), validation = draw_rows(random, d.n_validation, truth);
  std::vector<double> r(at(d.n)), v(at(d.n_validation));
  const double ratio = std::sqrt(static_cast<double>(d.p) / static_cast<double>(d.n));
  const double step = d.rate / ((1 + ratio) * (1 + ratio));
  for (Index epoch = 1; epoch <= d.epochs; ++epoch) {
    d.curves.epoch.push_back(static_cast<double>(epoch));
    d.curves.training_loss.push_back(residuals(training, beta, r));
    d.curves.validation_loss.push_back(residuals(validation, beta, v));
    double risk = 1;
    for (std::size_t j = 0; j < beta.size(); ++j) risk += (beta[j] - truth[j]) * (beta[j] - truth[j]);
    d.risk.push_back(risk);
    for (std::size_t j = 0; j < beta.size(); ++j) {
      double gradient = 0;
      for (std::size_t i = 0; i < r.size(); ++i) gradient -= training.x[i * beta.size() + j] * r[i];
      beta[j] -= step * gradient / static_cast<double>(d.n);
    }
  }
  double null = 0;
  for (double y : validation.y) null += y * y / static_cast<double>(d.n_validation);
  d.curves.null_loss = null;
  d.curves.n_validation = d.n_validation;
}

Descent planted_descent(Verdict kind, Random& random) {
  for (;;) {
    Descent d;
    d.epochs = 60 + random.below(200);
    d.n_validation = 50 + random.below(200);
    d.rate = between(random, 0.3, 1);
    d.signal = between(random, 0.8, 2.5);
    if (kind == Verdict::fits) {
      d.p = 3 + random.below(10);
      d.n = 300 + random.below(300);
    } else if (kind == Verdict::overfits) {
      d.p = 40 + random.below(40);
      d.n = 50 + random.below(50);
    } else if (kind == Verdict::underfits) {
      d.p = 3 + random.below(10);
      d.n = 300 + random.below(300);
      d.rate = between(random, 0.1, 2.0) / static_cast<double>(d.epochs);
    } else {
      d.p = 3 + random.below(40);
      d.n = 60 + random.below(200);
      d.signal = 0;
      d.n_validation = 20 + random.below(200);
    }
    run(d, random);
    const double least = *std::min_element(d.risk.begin(), d.risk.end()), last = d.risk.back();
    const double fall = d.risk.front() - last;
    const bool settled = d.risk[at(d.epochs * 4 / 5)] - last < 0.02 * fall;
    if (kind == Verdict::fits && !(last < 1.02 * least && settled)) continue;
    if (kind == Verdict::overfits && !(last > 1.15 * least)) continue;
    if (kind == Verdict::underfits && !(d.risk[at(d.epochs * 4 / 5)] - last > 0.1 * fall)) continue;
    return d;
  }
}

/// Curves by formula with the jumps of stochastic training: e-folding falls, a bend, autoregressive noise.
LearningCurves planted_formula(Verdict kind, Random& random) {
  LearningCurves out;
  const Index epochs = 30 + random.below(270);
  const double t = static_cast<double>(epochs), scale = std::exp(between(random, -3, 3));
  const double noise = random.uniform() < 0.2 ? 0 : std::exp(between(random, -7, -4)), memory = between(random, 0, 0.5);
  const double slow = kind == Verdict::underfits ? between(random, 0.5, 2) : between(random, 0.04, 0.15);
  const double floor = between(random, 0.1, 0.6), turn = between(random, 0.1, 0.7), rise = between(random, 0.15, 1);
  const double gap = between(random, 0, 0.1), accuracy = between(random, 0.6, 0.9);
  double a = 0, b = 0;
  for (Index epoch = 1; epoch <= epochs; ++epoch) {
    const double s = static_cast<double>(epoch) / t, falls = std::exp(-s / slow);
    double training = floor + (1 - floor) * falls, validation = floor * (1 + gap) + (1 - floor * (1 + gap)) * falls;
    if (kind == Verdict::overfits) {
      const double past = std::max(0.0, s - turn) / (1 - turn);
      training *= 1 - 0.6 * past;
      validation += rise * floor * past;
    } else if (kind == Verdict::no_signal) {
      training = 1 - rise * 0.5 * (1 - falls);
      validation = 1 + rise * 0.7 * s * (turn > 0.3 ? 1 : 0);
    }
    a = memory * a + noise * normal(random);
    b = memory * b + noise * normal(random);
    out.epoch.push_back(static_cast<double>(epoch));
    out.training_loss.push_back(scale * training * std::exp(a));
    out.validation_loss.push_back(scale * validation * std::exp(b));
    out.validation_accuracy.push_back(std::min(1.0, accuracy + 0.02 * normal(random)));  // hovers, whatever the loss does
  }
  return out;
}

/// Counts verdicts of planted runs; misses and false alarms of each kind must stay within 5 %.
class Study {
 public:
  void count(std::size_t kind, const Diagnosis& found) { ++counts_[kind][at(static_cast<Index>(found.verdict))]; }

  void judge(const char* name) const {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      int alarms = 0;
      for (std::size_t other = 0; other < kKinds.size(); ++other) alarms += other == kind ? 0 : counts_[other][kind];
      const double missed = 1 - counts_[kind][kind] / static_cast<double>(kRuns);
      const double alarmed = alarms / static_cast<double>(kRuns * (kKinds.size() - 1));
      const std::string verdict(to_string(kKinds[kind]));
      std::printf("%s, %s: missed %.1f %%, false alarms %.1f %% (", name, verdict.c_str(), 100 * missed, 100 * alarmed);
      for (int n : counts_[kind]) std::printf(" %d", n);
      std::printf(" )\n");
      EXPECT_LE(missed, 0.05) << name << ", " << verdict;
      EXPECT_LE(alarmed, 0.05) << name << ", " << verdict;
    }
  }

 private:
  std::array<std::array<int, 5>, kKinds.size()> counts_{};
};

TEST(Diagnosis, PlantedDescentsAreRecognised) {
  Study study;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    Random random(11, kind);
    for (int i = 0; i < kRuns; ++i) study.count(kind, diagnose(planted_descent(kKinds[kind], random).curves));
  }
  study.judge("descent, null model known");
}

TEST(Diagnosis, PlantedLogsAreRecognised) {
  Study study;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    Random random(12, kind);
    for (int i = 0; i < kRuns; ++i) study.count(kind, diagnose(planted_formula(kKinds[kind], random)));
  }
  study.judge("log, null model unknown");
}

LearningCurves curves(std::vector<double> training, std::vector<double> validation) {
  LearningCurves out;
  for (std::size_t i = 0; i < training.size(); ++i) out.epoch.push_back(static_cast<double>(i + 1));
  out.training_loss = std::move(training);
  out.validation_loss = std::move(validation);
  return out;
}

TEST(Diagnosis, NamesWhereItBeginsAndByHowMuch) {
  const Diagnosis found = diagnose(curves({1, .7, .5, .4, .3, .2, .1, .05}, {1, .8, .6, .5, .55, .6, .7, .8}));
  EXPECT_EQ(found.verdict, Verdict::overfits);
  EXPECT_EQ(found.reason, Reason::turned);
  EXPECT_EQ(found.epoch, 4);
  EXPECT_EQ(found.best_validation, 0.5);
  EXPECT_EQ(found.last_validation, 0.8);
  EXPECT_EQ(found.training_at_best, 0.4);
  EXPECT_EQ(found.last_training, 0.05);
}

TEST(Diagnosis, ValidationThatNoLongerFollowsIsOverfittingToo) {
  std::vector<double> training, validation;
  for (int i = 0; i < 60; ++i) {
    training.push_back(std::exp(-0.1 * i));
    validation.push_back(0.5 + 0.5 * std::exp(-0.3 * i));
  }
  const Diagnosis found = diagnose(curves(training, validation));
  EXPECT_EQ(found.verdict, Verdict::overfits);
  EXPECT_EQ(found.reason, Reason::memorises);
}

TEST(Diagnosis, ASlowRiseIsSeenUnderLargeJumps) {
  Random random(13, 0);
  int found = 0;
  for (int run = 0; run < 50; ++run) {
    LearningCurves slow;
    for (int i = 0; i < 60; ++i) {
      slow.epoch.push_back(i + 1);
      slow.training_loss.push_back(1 + std::exp(-i) - 0.005 * i);
      slow.validation_loss.push_back(1.25 + 0.6 * std::exp(-i) + 0.0035 * i + 0.05 * normal(random));
    }
    found += diagnose(slow).reason == Reason::turned ? 1 : 0;
  }
  EXPECT_GE(found, 47);
}

TEST(Diagnosis, SaysWhyItCannotTell) {
  EXPECT_EQ(diagnose(curves({1, .5, .3}, {1, .6, .4})).reason, Reason::too_short);
  EXPECT_EQ(diagnose(curves({1, .5, .3, .2, .1, .1}, {})).reason, Reason::no_validation);
  EXPECT_EQ(diagnose(curves({1, .5, INFINITY, .2, .1, .1}, {1, 1, 1, 1, 1, 1})).reason, Reason::diverged);
  EXPECT_EQ(diagnose(curves({1, .5, .4, .6, .8, 1}, {1, .6, .5, .7, .9, 1.2})).reason, Reason::unstable);
  EXPECT_EQ(diagnose(LearningCurves{}).reason, Reason::no_training);
}

/// A learning rate that is too large says nothing about the data, with or without a penalty.
TEST(Diagnosis, TrainingThatBlowsUpIsNoMissingSignal) {
  LearningCurves wild = curves({2, 9e20, 7e20, 8e20, 9e19, 5, 5, 5, 5, 5}, {8e20, 7e20, 8e20, 9e19, 5, 5, 5, 5, 5, 5});
  wild.null_loss = 3;
  wild.n_validation = 50;
  for (const bool penalised : {false, true}) {
    const Diagnosis found = diagnose(wild, penalised);
    EXPECT_EQ(found.reason, Reason::unstable);
    EXPECT_EQ(found.first_training, 2);
    EXPECT_EQ(found.last_training, 5);
  }
  wild.training_loss[9] = 2.9;  // it has come back
  EXPECT_NE(diagnose(wild, false).reason, Reason::unstable);
}

TEST(Diagnosis, APenaltyThatHoldsTrainingBackUnderfits) {
  LearningCurves flat = curves(std::vector<double>(20, 0.999), std::vector<double>(20, 1.0));
  flat.null_loss = 1;
  flat.n_validation = 200;
  EXPECT_EQ(diagnose(flat, true).reason, Reason::training_stuck);
  EXPECT_EQ(diagnose(flat, false).verdict, Verdict::no_signal);

  // its start fits better than what the penalty leaves of it
  LearningCurves lifted =
      curves({.7, .8, .87, .92, .95, .97, .98, .99, .995, 1}, {.7, .8, .87, .92, .95, .97, .98, .99, .995, 1});
  lifted.null_loss = 1;
  lifted.n_validation = 200;
  EXPECT_EQ(diagnose(lifted, true).reason, Reason::training_stuck);
  EXPECT_EQ(diagnose(lifted, false).reason, Reason::unstable);

  LearningCurves falling = curves({.8, 1.4, 1.3, 1.2, 1.15, 1.1, 1.06, 1.03}, {1.3, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3});
  falling.null_loss = 1;
  EXPECT_EQ(diagnose(falling, true).reason, Reason::training_stuck);
  EXPECT_EQ(diagnose(falling, false).reason, Reason::still_falling);
}

}  // namespace
}  // namespace riata
