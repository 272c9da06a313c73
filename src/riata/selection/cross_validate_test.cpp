#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

#include "riata/core/error.hpp"
#include "riata/design/make_design.hpp"
#include "riata/selection/selection.hpp"
#include "riata/solver/kernel_matrix.hpp"

namespace riata {
namespace {

using ::testing::ElementsAre;

struct Data {
  Index n = 0, p = 0;
  std::vector<double> x, y, weights, offset;

  Problem problem() const {
    Problem problem;
    problem.design = strided(x.data(), n, p, 1, n, nullptr);
    problem.loss = loss_by_name("squared");
    problem.response = y;
    problem.weights = weights;
    problem.offset = offset;
    return problem;
  }

  /// The rows for which keep(i) holds: a data set of its own.
  template <class Keep>
  Data rows(const Keep& keep) const {
    Data out;
    out.p = p;
    for (Index j = 0; j < p; ++j) {
      for (Index i = 0; i < n; ++i) {
        if (keep(i)) out.x.push_back(x[static_cast<std::size_t>(i + j * n)]);
      }
    }
    for (Index i = 0; i < n; ++i) {
      if (!keep(i)) continue;
      out.y.push_back(y[static_cast<std::size_t>(i)]);
      if (!weights.empty()) out.weights.push_back(weights[static_cast<std::size_t>(i)]);
      if (!offset.empty()) out.offset.push_back(offset[static_cast<std::size_t>(i)]);
    }
    out.n = static_cast<Index>(out.y.size());
    return out;
  }
};

Data random_data(Index n, Index p, unsigned seed) {
  Data data{n, p, {}, {}, {}, {}};
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (Index i = 0; i < n * p; ++i) data.x.push_back(10 + normal(random));
  for (Index i = 0; i < n; ++i) {
    double value = normal(random);
    for (Index j = 0; j < std::min<Index>(p, 3); ++j) value += data.x[static_cast<std::size_t>(i + j * n)];
    data.y.push_back(value);
    data.weights.push_back(1.0 + static_cast<double>(i % 3));
    data.offset.push_back(0.1 * static_cast<double>(i % 5));
  }
  return data;
}

Folds three_folds(Index n) {
  Folds folds;
  folds.n_folds = 3;
  for (Index i = 0; i < n; ++i) folds.validation.push_back((i * 7 + i / 4) % 3);
  return folds;
}

PathOptions tight() {
  PathOptions options;
  options.tolerance = 1e-12;
  return options;
}

struct Judged {
  std::vector<double> mean, error;
  std::vector<std::vector<double>> fold_mean;
};

/// The plain way: cut the rows out, fit what is left, predict the others.
Judged by_cutting(const Data& data, const PenaltySpec& penalty, const std::vector<double>& lambdas, const Folds& folds,
                  Measure measure, bool sum_scale) {
  Judged out;
  std::vector<double> fold_weight;
  double total = 0;
  for (const double w : data.weights) total += w;
  for (Index k = 0; k < folds.n_folds; ++k) {
    const auto fold_of = [&](Index i) { return folds.validation[static_cast<std::size_t>(i)]; };
    const Data train = data.rows([&](Index i) { return folds.in_time ? fold_of(i) < k : fold_of(i) != k; });
    const Data test = data.rows([&](Index i) { return fold_of(i) == k; });
    double train_weight = 0, test_weight = 0;
    for (const double w : train.weights) train_weight += w;
    for (const double w : test.weights) test_weight += w;
    std::vector<double> own = lambdas;
    for (double& l : own) l *= sum_scale ? total / train_weight : 1.0;
    const Path path = fit_path(train.problem(), penalty, own, tight(), Context(1));
    std::vector<double> means;
    for (const PathPoint& point : path.points) {
      double loss = 0;
      for (Index i = 0; i < test.n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        double away = test.y[row] - point.intercept - test.offset[row];
        for (std::size_t a = 0; a < point.coefficients.indices.size(); ++a) {
          away -=
              point.coefficients.values[a] * test.x[static_cast<std::size_t>(i + point.coefficients.indices[a] * test.n)];
        }
        loss += test.weights[row] * (measure == Measure::mae ? std::abs(away) : away * away);
      }
      means.push_back(loss / test_weight);
    }
    out.fold_mean.push_back(means);
    fold_weight.push_back(test_weight);
  }
  double judged = 0;
  for (const double w : fold_weight) judged += w;
  for (std::size_t l = 0; l < lambdas.size(); ++l) {
    double mean = 0, variance = 0;
    for (std::size_t k = 0; k < fold_weight.size(); ++k) mean += fold_weight[k] * out.fold_mean[k][l] / judged;
    for (std::size_t k = 0; k < fold_weight.size(); ++k) {
      variance += fold_weight[k] * std::pow(out.fold_mean[k][l] - mean, 2) / judged;
    }
    out.mean.push_back(mean);
    out.error.push_back(std::sqrt(variance / static_cast<double>(fold_weight.size() - 1)));
  }
  return out;
}

void expect_equal(const CrossValidation& found, const Judged& expected, const std::string& what) {
  ASSERT_EQ(found.mean.size(), expected.mean.size()) << what;
  for (std::size_t l = 0; l < expected.mean.size(); ++l) {
    EXPECT_NEAR(found.mean[l], expected.mean[l], 1e-7 * expected.mean[l]) << what;
    EXPECT_NEAR(found.standard_error[l], expected.error[l], 1e-6 * expected.mean[l]) << what;
    for (std::size_t k = 0; k < expected.fold_mean.size(); ++k) {
      EXPECT_NEAR(found.fold_mean[k][l], expected.fold_mean[k][l], 1e-7 * expected.mean[l]) << what;
    }
  }
}

/// Tall data go through moments (total less fold), wide data through the rows; both ways are the plain one.
TEST(CrossValidate, IsFittingWithoutTheRows) {
  const std::vector<double> lambdas{1.0, 0.3, 0.05};
  for (const Index p : {4, 25, 50}) {  // 25: tall as a whole, wide in the folds
    const Data data = random_data(30, p, 5);
    for (const PenaltySpec& penalty : {PenaltySpec{"l1"}, PenaltySpec{"l2"}, PenaltySpec{"elastic-net", 0.4}}) {
      for (const Measure measure : {Measure::mse, Measure::mae, Measure::deviance}) {
        for (const bool in_time : {false, true}) {
          Folds folds = three_folds(data.n);
          if (in_time) folds.in_time = true;
          if (in_time) std::ranges::for_each(folds.validation, [](Index& f) { --f; });
          if (in_time) folds.n_folds = 2;
          CrossValidationOptions options;
          options.measure = measure;
          options.lambda_on_sum_scale = in_time;
          const CrossValidation found =
              cross_validate(data.problem(), penalty, lambdas, folds, tight(), options, Context(2));
          expect_equal(found, by_cutting(data, penalty, lambdas, folds, measure, in_time),
                       penalty.name + " p " + std::to_string(p) + " measure " + std::to_string(static_cast<int>(measure)));
          EXPECT_EQ(found.status, Status::converged);
        }
      }
    }
  }
}

/// Where columns are not scaled the folds of wide ridge share one kernel; a design a fold leaves each to itself.
TEST(CrossValidate, FoldsOfWideRidgeShareTheirKernel) {
  const Data data = random_data(30, 50, 7);
  std::vector<double> weights, factors(50, 1.0);
  for (int i = 0; i < 30; ++i) weights.push_back(i % 7 == 0 ? 0.0 : 0.5 + 0.1 * (i % 5));
  factors[3] = 0;
  factors[4] = std::numeric_limits<double>::infinity();
  factors[5] = 3;
  const std::vector<double> lambdas{3.0, 0.3, 0.01};
  for (const bool intercept : {true, false}) {
    Problem problem = data.problem();
    problem.standardize = false;
    problem.intercept = intercept;
    problem.weights = weights;
    problem.penalty_factor = factors;
    const std::shared_ptr<const RowKernel> kernel = row_kernel_if_it_pays(problem, Context(1));
    ASSERT_NE(kernel, nullptr);
    CrossValidationOptions alone;
    alone.fold_design = [&](Index, std::span<const double>) { return problem.design; };
    const Folds folds = three_folds(data.n);
    const CrossValidation found = cross_validate(problem, {"l2"}, lambdas, folds, tight(), {}, Context(2));
    const CrossValidation expected = cross_validate(problem, {"l2"}, lambdas, folds, tight(), alone, Context(1));
    for (std::size_t l = 0; l < lambdas.size(); ++l) {
      EXPECT_NEAR(found.mean[l], expected.mean[l], 1e-10 * expected.mean[l]);
      EXPECT_NEAR(found.standard_error[l], expected.standard_error[l], 1e-9 * expected.mean[l]);
    }
    PathOptions shared = tight();
    shared.kernel = kernel.get();
    const Path path = fit_path(problem, {"l2"}, lambdas, shared, Context(1));
    const Path own = fit_path(problem, {"l2"}, lambdas, tight(), Context(1));
    for (std::size_t l = 0; l < lambdas.size(); ++l) {
      for (std::size_t a = 0; a < own.points[l].coefficients.values.size(); ++a) {
        EXPECT_NEAR(path.points[l].coefficients.values[a], own.points[l].coefficients.values[a], 1e-10);
      }
    }
    problem.standardize = true;
    EXPECT_EQ(row_kernel_if_it_pays(problem, Context(1)), nullptr);
  }
}

TEST(CrossValidate, SplitsSayTheSameAsAPartition) {
  const Data data = random_data(60, 4, 3);
  const Problem problem = data.problem();
  const std::vector<double> lambdas{1.0, 0.3, 0.01};
  const Folds plain = random_folds(60, 3, 1);
  Folds spelt = plain;
  for (Index k = 0; k < 3; ++k) {
    RowSplit& split = spelt.splits.emplace_back();
    for (Index i = 0; i < 60; ++i)
      (plain.validation[static_cast<std::size_t>(i)] == k ? split.validation : split.training).push_back(i);
  }
  const Context context(1);
  const auto mean = [&](const Folds& folds) {
    return cross_validate(problem, {"l1", 1}, lambdas, folds, {}, {}, context).mean;
  };
  const std::vector<double> a = mean(plain), b = mean(spelt);
  for (std::size_t l = 0; l < lambdas.size(); ++l) EXPECT_NEAR(a[l], b[l], 1e-12 * a[l]);
  spelt.splits[0].training.pop_back();
  EXPECT_NE(mean(spelt), b);
}

TEST(CrossValidate, ThreadsDoNotChangeABit) {
  for (const Index p : {4, 50}) {
    const Data data = random_data(30, p, 6);
    const std::vector<double> lambdas{1.0, 0.3, 0.05};
    const auto run = [&](int threads) {
      return cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, {}, Context(threads)).fold_mean;
    };
    EXPECT_EQ(run(1), run(2));
    EXPECT_EQ(run(1), run(3));
  }
}

TEST(FitAndValidate, AreThePathAndTheFoldsAsAloneOnAnyThreads) {
  for (const Index p : {4, 200}) {
    const Data data = random_data(30, p, 6);
    const std::vector<double> lambdas{1.0, 0.3, 0.05};
    const Path path = fit_path(data.problem(), {"l1"}, lambdas, {}, Context(1));
    const CrossValidation cv = cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, {}, Context(1));
    for (const int threads : {1, 2, 3}) {
      std::vector<std::string> stages;
      Context context(threads);
      context.on_progress = [&](const Progress& now) { stages.emplace_back(now.stage); };
      const ValidatedPath both = fit_and_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, {}, {}, context);
      EXPECT_EQ(both.cross_validation.fold_mean, cv.fold_mean);
      ASSERT_EQ(both.path.points.size(), lambdas.size());
      for (std::size_t k = 0; k < lambdas.size(); ++k) {
        EXPECT_EQ(both.path.points[k].coefficients.values, path.points[k].coefficients.values);
        EXPECT_EQ(both.path.points[k].intercept, path.points[k].intercept);
      }
      EXPECT_EQ(std::ranges::count(stages, "path"), 3);
      EXPECT_TRUE(std::ranges::is_sorted(stages, std::greater())) << "the folds' progress before the path's";
    }
  }
}

TEST(FitAndValidate, ErrorsOfThePathComeFirst) {
  const Data data = random_data(30, 4, 6);
  Folds empty = three_folds(data.n);
  empty.n_folds = 1;
  std::ranges::fill(empty.validation, 0);
  const auto error = [&](const std::vector<double>& lambdas, int threads) -> std::string {
    try {
      (void)fit_and_validate(data.problem(), {"l1"}, lambdas, empty, {}, {}, {}, Context(threads));
    } catch (const Error& caught) {
      return caught.what();
    }
    return "";
  };
  for (const int threads : {1, 2}) {
    EXPECT_THAT(error({1.0, 0.1}, threads), ::testing::HasSubstr("no rows to train on"));
    EXPECT_THAT(error({0.1, 1.0}, threads), ::testing::HasSubstr("must decrease"));
  }
}

/// λ large: nothing selected; λ small: everything. Column 0 carries the signal.
TEST(CrossValidate, CountsWhoIsSelected) {
  Data data = random_data(40, 2, 7);
  for (std::size_t i = 0; i < 40; ++i) data.y[i] = 5 * data.x[i];
  const std::vector<double> lambdas{1e3, 1.0, 1e-6};
  CrossValidationOptions options;
  options.frequency_at = {0, 1};
  const CrossValidation cv =
      cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), tight(), options, Context(1));
  ASSERT_EQ(cv.selection_frequency.size(), 3u);  // 0 and 1 as asked, 2 is the minimum
  EXPECT_EQ(cv.index_min, 2);
  EXPECT_THAT(cv.selection_frequency[0].second, ElementsAre(0, 0));
  EXPECT_THAT(cv.selection_frequency[1].second, ElementsAre(1, 0));
  EXPECT_THAT(cv.selection_frequency[2].second, ElementsAre(1, ::testing::Ge(0)));
}

TEST(CrossValidate, OneStandardErrorTakesTheLargestGoodLambda) {
  const Data data = random_data(60, 4, 8);
  std::vector<double> lambdas;
  for (int k = 0; k < 30; ++k) lambdas.push_back(2.0 * std::pow(0.8, k));
  const CrossValidation cv = cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, {}, Context(1));
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  const double bound = cv.mean[at(cv.index_min)] + cv.standard_error[at(cv.index_min)];
  for (const double m : cv.mean) EXPECT_LE(cv.mean[at(cv.index_min)], m);
  EXPECT_LE(cv.mean[at(cv.index_1se)], bound);
  for (Index l = 0; l < cv.index_1se; ++l) EXPECT_GT(cv.mean[at(l)], bound);
  EXPECT_EQ(cv.lambda_min, lambdas[at(cv.index_min)]);
  EXPECT_EQ(cv.lambda_1se, lambdas[at(cv.index_1se)]);
}

/// Squares of the folds' errors leave the range of a double long before the errors do.
TEST(CrossValidate, TheUnitOfTheResponseDoesNotMoveTheChoice) {
  const Data data = random_data(60, 4, 8);
  std::vector<double> lambdas;
  for (int k = 0; k < 30; ++k) lambdas.push_back(2.0 * std::pow(0.8, k));
  const CrossValidation plain = cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, {}, Context(1));
  EXPECT_LT(plain.index_1se, plain.index_min);
  for (const int power : {400, -400}) {
    Data scaled = data;
    std::vector<double> grid;
    for (double& value : scaled.y) value = std::ldexp(value, power);
    for (double& value : scaled.offset) value = std::ldexp(value, power);
    for (const double lambda : lambdas) grid.push_back(std::ldexp(lambda, power));
    const CrossValidation cv = cross_validate(scaled.problem(), {"l1"}, grid, three_folds(data.n), {}, {}, Context(1));
    EXPECT_EQ(cv.index_1se, plain.index_1se);
    for (std::size_t l = 0; l < lambdas.size(); ++l) {
      const double error = plain.standard_error[l];
      EXPECT_NEAR(std::ldexp(cv.standard_error[l], -2 * power), error, 1e-9 * error) << power << " " << l;
    }
  }
}

/// A column that varies in one fold only is constant for that fold's training rows and must be left out there.
TEST(CrossValidate, ARareLevelIsNoNoise) {
  Data data = random_data(30, 12, 9);
  const Folds folds = three_folds(data.n);
  for (std::size_t i = 0; i < 30; ++i) data.weights[i] = 0.1 + 0.37 * static_cast<double>(i % 7);
  std::size_t rare = 0;
  for (std::size_t j = 3; j < 12; ++j, ++rare) {
    while (folds.validation[rare] != static_cast<Index>(j % 3)) ++rare;
    for (std::size_t i = 0; i < 30; ++i) data.x[i + j * 30] = i == rare ? 0.3 + static_cast<double>(j) : 0.1;
  }
  const std::vector<double> lambdas{0.1, 1e-3};
  const CrossValidation cv = cross_validate(data.problem(), {"l2"}, lambdas, folds, tight(), {}, Context(1));
  expect_equal(cv, by_cutting(data, {"l2"}, lambdas, folds, Measure::mse, false), "rare level");
}

TEST(CrossValidate, RowsOfWeightZeroAndConstantFoldsAreFine) {
  Data data = random_data(30, 4, 10);
  Folds folds = three_folds(data.n);
  for (std::size_t i = 0; i < 30; ++i) {
    if (folds.validation[i] == 1) data.weights[i] = 0;  // a fold without weight does not count
    if (folds.validation[i] == 0) data.y[i] = 7;        // a constant target in the rows that fold 2 trains on
    if (folds.validation[i] == 0) data.offset[i] = 0;
  }
  const std::vector<double> lambdas{1.0, 0.1};
  const CrossValidation cv = cross_validate(data.problem(), {"l1"}, lambdas, folds, tight(), {}, Context(1));
  ASSERT_EQ(cv.mean.size(), 2u);
  for (const double m : cv.mean) EXPECT_TRUE(std::isfinite(m));
  for (const double e : cv.standard_error) EXPECT_TRUE(std::isfinite(e));
  EXPECT_EQ(cv.fold_mean[2][0], cv.fold_mean[2][1]);
}

TEST(CrossValidate, FoldDesignsAreUsed) {
  const Data data = random_data(30, 4, 11);
  Data zero = data;
  std::ranges::fill(zero.x, 0.0);
  std::vector<int> asked;
  CrossValidationOptions options;
  options.fold_design = [&](Index fold, std::span<const double> weights) {
    asked.push_back(static_cast<int>(fold));
    EXPECT_EQ(weights.size(), 30u);
    return zero.problem().design;
  };
  const std::vector<double> lambdas{1.0, 0.1};
  const CrossValidation cv = cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, options, Context(1));
  EXPECT_THAT(asked, ElementsAre(0, 1, 2));
  EXPECT_EQ(cv.mean[0], cv.mean[1]);
}

TEST(CrossValidate, InterruptedItSaysSo) {
  const Data data = random_data(30, 4, 12);
  std::atomic<bool> stop{false};
  Context context(1);
  context.interrupt = &stop;
  int folds_done = 0;
  context.on_progress = [&](const Progress& progress) {
    EXPECT_EQ(progress.stage, "cross-validation");
    EXPECT_EQ(progress.total, 3);
    folds_done = static_cast<int>(progress.done);
    stop = true;
  };
  const std::vector<double> lambdas{1.0, 0.1};
  const CrossValidation cv = cross_validate(data.problem(), {"l1"}, lambdas, three_folds(data.n), {}, {}, context);
  EXPECT_EQ(cv.status, Status::interrupted);
  EXPECT_EQ(folds_done, 1);
  EXPECT_TRUE(cv.mean.empty());
}

TEST(CrossValidate, RefusesWhatCannotBe) {
  const Data data = random_data(30, 4, 13);
  const std::vector<double> lambdas{1.0};
  const auto run = [&](const Folds& folds, Measure measure) {
    CrossValidationOptions options;
    options.measure = measure;
    return cross_validate(data.problem(), {"l1"}, lambdas, folds, {}, options, Context(1));
  };
  EXPECT_THROW(run(three_folds(30), Measure::auc), Error);
  EXPECT_THROW(run(three_folds(30), Measure::error), Error);
  EXPECT_THROW(run(three_folds(29), Measure::mse), Error);
  Folds time = three_folds(30);
  time.in_time = true;  // nothing comes before fold 0
  EXPECT_THROW(run(time, Measure::mse), Error);
  Folds wrong = three_folds(30);
  wrong.validation[4] = 3;
  EXPECT_THROW(run(wrong, Measure::mse), Error);
}

}  // namespace
}  // namespace riata
