#include "riata/selection/contest.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/error.hpp"
#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"
#include "riata/selection/contest_choice.hpp"

namespace riata {
namespace {

struct Data {
  Index n, p;
  std::vector<double> x, y, w;
  Problem problem;

  Data(Index rows, Index columns, bool weighted, const char* loss = "squared") : n(rows), p(columns) {
    Random random(11);
    x.resize(static_cast<std::size_t>(n * p));
    y.resize(static_cast<std::size_t>(n));
    for (double& value : x) value = random.uniform() - 0.5;
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = x[i] - 2 * x[i + y.size()] + random.uniform();
      // So noisy that no fold's classes can be separated.
      if (std::string(loss) == "logistic") y[i] = y[i] + 4 * random.uniform() > 2.5 ? 1.0 : 0.0;
    }
    if (weighted) {
      for (std::size_t i = 0; i < y.size(); ++i) w.push_back(i % 9 == 0 ? 0.0 : 0.5 + random.uniform());
    }
    std::vector<const double*> pointers;
    for (Index j = 0; j < p; ++j) pointers.push_back(x.data() + j * n);
    problem.design = dense_columns<double>(pointers, n, nullptr);
    problem.loss = loss_by_name(loss);
    problem.response = y;
    problem.weights = w;
  }

  std::vector<Contestant> contestants(const Context& context) const {
    std::vector<Contestant> out = {{"none", {{"none", 0}}, {{0.0}}},
                                   {"l2", {{"l2", 0}}, {{}}},
                                   {"l1", {{"l1", 1}}, {{}}},
                                   {"elastic-net", {{"elastic-net", 0.2}, {"elastic-net", 0.8}}, {{}, {}}}};
    for (Contestant& one : out) {
      for (std::size_t m = 0; m < one.mixtures.size() && one.penalty != "none"; ++m) {
        one.lambdas[m] = lambda_grid(problem, one.mixtures[m], {.lambdas = {}, .n_lambdas = 12, .min_ratio = 1e-3}, context);
      }
    }
    return out;
  }
};

/// The plain way: for every outer fold an ordinary cross-validation on the table without it, then one fit.
double plain_error(const Data& data, const Contestant& one, const Folds& folds, Index outer, const ContestOptions& options,
                   const Context& context) {
  std::vector<double> training(static_cast<std::size_t>(data.n)), judged(training.size(), 0.0);
  Folds inner = folds;
  for (std::size_t i = 0; i < training.size(); ++i) {
    const double w = data.w.empty() ? 1.0 : data.w[i];
    const bool out = folds.in_time ? folds.validation[i] >= outer : folds.validation[i] == outer;
    training[i] = out ? 0.0 : w;
    if (folds.validation[i] == outer) judged[i] = w;
    if (out) inner.validation[i] = -1;
    if (!folds.in_time && folds.validation[i] > outer) --inner.validation[i];
  }
  inner.n_folds = folds.in_time ? outer : folds.n_folds - 1;
  Problem problem = data.problem;
  problem.weights = training;
  double best = HUGE_VAL, lambda = 0;
  PenaltySpec mixture;
  for (std::size_t m = 0; m < one.mixtures.size(); ++m) {
    CrossValidationOptions cv_options;
    cv_options.measure = options.measure;
    const CrossValidation cv =
        cross_validate(problem, one.mixtures[m], one.lambdas[m], inner, options.path, cv_options, context);
    if (cv.mean[static_cast<std::size_t>(cv.index_min)] >= best) continue;
    best = cv.mean[static_cast<std::size_t>(cv.index_min)];
    lambda = options.rule == SelectionRule::min ? cv.lambda_min : cv.lambda_1se;
    mixture = one.mixtures[m];
  }
  const std::vector<double> chosen = {lambda};
  double error = 0, total = 0;
  fit_path(problem, mixture, chosen, options.path, context, [&](Index, const PathPoint&, const LinearPredictor& eta) {
    for (std::size_t i = 0; i < judged.size(); ++i) {
      const double away = data.y[i] - eta()[i];
      const double t = data.y[i] > 0 ? 1.0 : -1.0;
      error += judged[i] * (options.measure == Measure::mse ? away * away : 2 * std::log1p(std::exp(-t * eta()[i])));
      total += judged[i];
    }
    return true;
  });
  return error / total;
}

void compare_with_the_plain_way(const Data& data, const Folds& folds, const ContestOptions& options) {
  const Context context(2);
  const auto contestants = data.contestants(context);
  const std::vector<Standing> standings = contest(data.problem, contestants, folds, options, context);
  ASSERT_EQ(standings.size(), contestants.size());
  for (std::size_t c = 0; c < standings.size(); ++c) {
    EXPECT_EQ(standings[c].failure, "");
    ASSERT_EQ(std::ssize(standings[c].folds), folds.n_folds - (folds.in_time ? 1 : 0));
    double sum = 0, total = 0;
    for (const FoldModel& fold : standings[c].folds) {
      const double plain = plain_error(data, contestants[c], folds, fold.fold, options, context);
      EXPECT_NEAR(fold.error, plain, 1e-5 * plain) << standings[c].penalty << " fold " << fold.fold;
      sum += fold.weight * fold.error;
      total += fold.weight;
    }
    EXPECT_NEAR(standings[c].mean, sum / total, 1e-12 * standings[c].mean);
    const FoldMean to_self = paired_difference(standings[c], standings[c]);
    EXPECT_EQ(to_self.mean, 0);
    EXPECT_EQ(to_self.standard_error, 0);
  }
}

TEST(Contest, IsTheNestedCrossValidationDonePlainly) {
  ContestOptions options;
  options.path.tolerance = 1e-10;
  for (const SelectionRule rule : {SelectionRule::min, SelectionRule::one_standard_error}) {
    options.rule = rule;
    const Data tall(90, 6, true), wide(24, 40, false);
    compare_with_the_plain_way(tall, random_folds(90, 5, 1, tall.w), options);
    compare_with_the_plain_way(tall, time_folds(90, 4, tall.w), options);
    compare_with_the_plain_way(wide, random_folds(24, 4, 1), options);
    compare_with_the_plain_way(wide, random_folds(24, 9, 1), options);  // so many folds shorten grids
  }
  options.measure = Measure::deviance;
  const Data classes(80, 4, false, "logistic");
  compare_with_the_plain_way(classes, random_folds(80, 4, 1), options);
}

TEST(Contest, AGridEndsWhereTheLossHasRisenForGood) {
  const std::vector<double> weights(8, 1.0);
  std::vector<Losses> folds;
  for (int k = 0; k < 8; ++k) {
    const double level = k, noise = k % 2 == 0 ? 0.5 : -0.5;
    folds.push_back({{level + 9, level + 1, level + 1.1 + noise, level + 3 + noise, level + 9 + noise},
                     {level + 9, level + 3 + noise, level + 1, level + 4 + noise, level + 1.2 + noise},
                     {level + 2, level + 2, level + 2, level + 2, level + 2}});
  }
  std::vector<const Losses*> all;
  for (const Losses& one : folds) all.push_back(&one);
  EXPECT_EQ(reach_of(all, weights, 0), 4U) << "the least, what is not told from it, and one more";
  EXPECT_EQ(reach_of(all, weights, 1), 5U) << "it comes back";
  EXPECT_EQ(reach_of(all, weights, 2), 5U) << "nothing rises";
}

TEST(Contest, TheOtherRuleIsWhatItsOwnContestFinds) {
  const Context context(2);
  const Data data(60, 6, true);
  const Folds folds = random_folds(data.n, 5, 3, data.w);
  ContestOptions options;
  const std::vector<Standing> min = contest(data.problem, data.contestants(context), folds, options, context);
  options.rule = SelectionRule::one_standard_error;
  const std::vector<Standing> one = contest(data.problem, data.contestants(context), folds, options, context);
  EXPECT_FALSE(min[0].other);  // nothing to choose
  for (std::size_t c = 1; c < min.size(); ++c) {
    for (const auto& [a, b] : {std::pair(&min[c], &one[c]), std::pair(&one[c], &min[c])}) {
      ASSERT_TRUE(a->other);
      EXPECT_EQ(a->other->lambda, b->lambda) << a->penalty;
      EXPECT_EQ(a->other->mean, b->mean) << a->penalty;
      EXPECT_EQ(a->other->standard_error, b->standard_error) << a->penalty;
      EXPECT_EQ(a->other->n_nonzero, b->model.n_nonzero) << a->penalty;
    }
  }
  EXPECT_NE(min[2].lambda, one[2].lambda);
}

TEST(Contest, DoesNotDependOnThreads) {
  const Data data(60, 10, false);
  const Folds folds = random_folds(60, 5, 1);
  const auto one = contest(data.problem, data.contestants(Context(1)), folds, {}, Context(1));
  const auto four = contest(data.problem, data.contestants(Context(4)), folds, {}, Context(4));
  for (std::size_t c = 0; c < one.size(); ++c) {
    EXPECT_EQ(one[c].mean, four[c].mean);
    EXPECT_EQ(one[c].model.coefficients.values, four[c].model.coefficients.values);
  }
}

TEST(Contest, TheAucIsToBeLarge) {
  const Data data(120, 4, false, "logistic");
  const Context context(1);
  std::vector<Contestant> contestants = data.contestants(context);
  contestants[2].lambdas[0].push_back(1e-6);
  contestants.push_back({"no feature", {{"l1", 1}}, {{1e3}}});
  ContestOptions options;
  options.measure = Measure::auc;
  const Folds folds = stratified_folds(data.y, 4, 3);
  const std::vector<Standing> standings = contest(data.problem, contestants, folds, options, context);
  EXPECT_EQ(standings.back().mean, 0.5);
  for (std::size_t c = 0; c + 1 < standings.size(); ++c) {
    EXPECT_GT(standings[c].mean, 0.55) << standings[c].penalty;
    EXPECT_LT(standings[c].mean, 1) << standings[c].penalty;
    for (const FoldModel& fold : standings[c].folds) EXPECT_GT(fold.error, 0.4);  // the auc of each, not less it
  }
  Folds apart = folds;  // a fold of one class has no auc
  for (std::size_t i = 0; i < data.y.size(); ++i) apart.validation[i] = data.y[i] == 1 ? 0 : 1 + static_cast<Index>(i % 3);
  EXPECT_THROW(contest(data.problem, contestants, apart, options, context), Error);
}

TEST(Contest, NeedsThreeFolds) {
  const Data data(20, 2, false);
  EXPECT_THROW((void)contest(data.problem, data.contestants(Context(1)), random_folds(20, 2, 1), {}, Context(1)), Error);
}

}  // namespace
}  // namespace riata
