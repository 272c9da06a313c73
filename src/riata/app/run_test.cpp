#include "riata/app/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using testing::HasSubstr;

/// A table of numbers around one matrix, which owns its memory.
Table table_of(std::vector<std::string> names, std::vector<std::vector<double>> columns) {
  auto values = std::make_shared<std::vector<double>>();
  for (const auto& column : columns) values->insert(values->end(), column.begin(), column.end());
  Table table;
  table.source = "folder/t.csv";
  table.rows = std::ssize(columns[0]);
  MatrixBlock block;
  block.rows = table.rows;
  block.cols = std::ssize(columns);
  block.values = values->data();
  block.row_stride = 1;
  block.column_stride = table.rows;
  block.names = std::move(names);
  block.owner = values;
  table.matrix = std::move(block);
  return table;
}

/// y = 1 + 2a − b with a little noise; c is noise. y in units of 1/sign.
Table example(double sign = 1) {
  std::vector<double> a, b, c, y;
  for (int i = 0; i < 40; ++i) {
    a.push_back(std::sin(1.7 * i));
    b.push_back(std::cos(0.9 * i * i));
    c.push_back(std::sin(0.3 * i * i));
    y.push_back(sign * (1 + 2 * a.back() - b.back()) + 0.1 * std::abs(sign) * std::cos(5.1 * i));
  }
  return table_of({"a", "b", "c", "y"}, {a, b, c, y});
}

FitSpec lasso() {
  FitSpec spec;
  spec.target = "y";
  spec.penalty = PenaltyChoice::l1;
  return spec;
}

TEST(RunFit, FindsThePathTheChoiceAndTheCertificate) {
  const FitFacts facts = run_fit(lasso(), example(), Context(1));
  const Model& model = facts.model;
  EXPECT_EQ(model.path.size(), 100u);
  EXPECT_EQ(model.source, "t.csv");
  EXPECT_EQ(model.selected->rule, "1se");
  EXPECT_EQ(model.cross_validation->n_folds, 10);
  EXPECT_EQ(model.cross_validation->selection_frequency.size(), 3u);
  EXPECT_EQ(model.cross_validation->selection_frequency[0], 1);
  EXPECT_EQ(model.objective, "1/(2Σw) Σ wᵢ(yᵢ-ηᵢ)² + λ Σ vⱼsⱼ|βⱼ|");
  EXPECT_NEAR(model.path.back().coefficients->values[0], 2, 0.05);
  for (const ModelPoint& point : model.path) EXPECT_LE(point.certificate.relative_gap, 1e-6);
  EXPECT_TRUE(facts.penalty_chosen);
}

TEST(RunFit, SaysWhichColumnsVaryTooLittleToBeTold) {
  const std::vector<double> y = {1, 2, 4, 3, 5, 7}, far = {1e17 + 16, 1e17, 1e17 + 32, 1e17, 1e17, 1e17};
  const std::vector<double> same(6, 0.1), a = {3, 1, 2, 4, 6, 5};
  FitSpec spec = lasso();
  spec.lambdas = {0.1};
  const Model one = run_fit(spec, table_of({"a", "far", "same", "y"}, {a, far, same, y}), Context(1)).model;
  ASSERT_EQ(one.warnings.size(), 1u);
  EXPECT_THAT(one.warnings[0], HasSubstr("\"far\" varies by 1.6e+01 about 1e+17 only"));
  EXPECT_THAT(one.warnings[0], HasSubstr("it counts as a constant"));
  const Model two = run_fit(spec, table_of({"a", "far", "more", "y"}, {a, far, far, y}), Context(1)).model;
  ASSERT_EQ(two.warnings.size(), 1u);
  EXPECT_THAT(two.warnings[0], HasSubstr("and 1 more like it count as constants"));
  spec.lower = {{"a", 0}};
  EXPECT_EQ(run_fit(spec, table_of({"a", "far", "more", "y"}, {a, far, far, y}), Context(1)).model.warnings, two.warnings);
  spec.penalty_factor = {{"far", INFINITY}};
  EXPECT_TRUE(run_fit(spec, table_of({"a", "far", "same", "y"}, {a, far, same, y}), Context(1)).model.warnings.empty());
}

/// The ridge part of elastic-net has no unit of the response, its l1 part has: λ_max alone would say where the grid ends.
TEST(RunFit, ElasticNetIsNoWorseInAnotherUnit) {
  FitSpec spec = lasso();
  const auto least = [&](double unit) {
    return std::ranges::min(run_fit(spec, example(unit), Context(1)).model.cross_validation->mean) / (unit * unit);
  };
  const double lasso_error = least(1);
  spec.penalty = PenaltyChoice::elastic_net;
  for (const double l1_ratio : {0.9, 0.5, 0.01, 0.001}) {
    spec.l1_ratio = l1_ratio;
    for (const double unit : {1e-6, 1.0, 1e6}) EXPECT_LT(least(unit), 1.1 * lasso_error) << l1_ratio << " " << unit;
  }
}

TEST(RunFit, TheModelFileIsTheSameForAnyNumberOfThreads) {
  const std::string one = write_model(run_fit(lasso(), example(), Context(1)).model);
  for (int threads : {2, 3}) EXPECT_EQ(write_model(run_fit(lasso(), example(), Context(threads)).model), one);
}

TEST(RunFit, OneLambdaIsThatModelWithoutFolds) {
  FitSpec spec = lasso();
  spec.lambdas = {0.1};
  const Model model = run_fit(spec, example(), Context(1)).model;
  EXPECT_EQ(model.path.size(), 1u);
  EXPECT_EQ(model.path[0].lambda, 0.1);
  EXPECT_EQ(model.selected->rule, "given");
  EXPECT_FALSE(model.cross_validation);
}

TEST(RunFit, TheSumScaleDividesByTheWeights) {
  FitSpec spec = lasso();
  spec.lambdas = {4};
  for (LambdaScale scale : {LambdaScale::sum, LambdaScale::batch}) {
    spec.lambda_scale = scale;
    EXPECT_DOUBLE_EQ(run_fit(spec, example(), Context(1)).model.path[0].lambda, 4.0 / 40);
  }
}

TEST(RunFit, CriteriaChooseWithoutFolds) {
  FitSpec spec = lasso();
  spec.folds = 0;
  spec.select = SelectionRule::bic;
  const Model model = run_fit(spec, example(), Context(1)).model;
  EXPECT_EQ(model.selected->rule, "bic");
  EXPECT_FALSE(model.cross_validation);
}

TEST(RunFit, FactorsAndBoundsFindTheirFeatures) {
  FitSpec spec = lasso();
  spec.lambdas = {0.001};
  spec.penalty_factor = {{"a", std::numeric_limits<double>::infinity()}};
  spec.lower = {{"b", 0}};
  const Model model = run_fit(spec, example(), Context(1)).model;
  for (Index j : model.path[0].coefficients->indices) EXPECT_EQ(j, 2);
  spec.upper = {{"nobody", 1}};
  EXPECT_THROW(run_fit(spec, example(), Context(1)), Error);
}

TEST(RunFit, AFactorIsForTheFeatureAndItsIndicatorAlone) {
  std::vector<double> a, b, c, y;
  for (int i = 0; i < 40; ++i) {
    a.push_back(i % 7 == 3 ? std::nan("") : std::sin(1.7 * i));
    b.push_back(std::cos(0.9 * i * i));
    c.push_back(std::sin(0.3 * i * i));
    y.push_back((i % 7 == 3 ? 1.0 : a.back()) + 0.1 * b.back());
  }
  FitSpec spec = lasso();
  spec.missing = MissingPolicy::indicator;
  spec.lambdas = {100};
  spec.penalty_factor = {{"a", 0}};
  const Model model = run_fit(spec, table_of({"a", "b", "c", "y"}, {a, b, c, y}), Context(1)).model;
  ASSERT_EQ(model.feature_names, (std::vector<std::string>{"a", "b", "c", "a=missing"}));
  EXPECT_EQ(model.path[0].coefficients->indices, (std::vector<Index>{0, 3}));
}

TEST(RunFit, AnInterruptBeforeTheFirstLambdaIsAnError) {
  std::atomic<bool> stop{true};
  Context context(1);
  context.interrupt = &stop;
  EXPECT_THROW(run_fit(lasso(), example(), context), Error);
}

TEST(RunFit, AnInterruptKeepsTheLambdaThatAreFinished) {
  std::atomic<bool> stop{false};
  Context context(1);
  context.interrupt = &stop;
  context.on_progress = [&](const Progress& now) { stop = stop || now.done >= 5; };
  const Model model = run_fit(lasso(), example(), context).model;
  EXPECT_EQ(model.status, Status::interrupted);
  EXPECT_GE(model.path.size(), 5u);
  EXPECT_LT(model.path.size(), 100u);
  EXPECT_FALSE(model.selected);
  EXPECT_EQ(write_model(read_model(write_model(model), "m")), write_model(model));
  EXPECT_THROW(choose_lambda(model, {}), Error);
  EXPECT_EQ(choose_lambda(model, {LambdaChoice::Rule::value, model.path[2].lambda}), 2);
}

TEST(RunFit, AColumnOfOnesIsNoInterceptWhenStandardised) {
  FitSpec spec = lasso();
  spec.intercept = false;
  spec.lambdas = {0.05};
  Table table = example();
  auto* c = const_cast<double*>(static_cast<const double*>(table.matrix->values)) + 2 * table.rows;
  std::fill_n(c, table.rows, 1.0);
  const auto warned = testing::Contains(HasSubstr("\"c\" is constant"));
  EXPECT_THAT(run_fit(spec, table, Context(1)).model.warnings, warned);
  spec.standardize = false;
  EXPECT_THAT(run_fit(spec, table, Context(1)).model.warnings, testing::Not(warned));
}

TEST(RunFit, FoldsOfGradientDescentAreToldOfItsOwnOption) {
  FitSpec spec = lasso();
  spec.lambdas = {0.05};
  spec.folds = 3;
  spec.solver = SolverKind::gradient_descent;
  spec.iterations = 3;
  const std::vector<std::string> warnings = run_fit(spec, example(), Context(1)).model.warnings;
  EXPECT_THAT(warnings, testing::Contains(testing::StartsWith("some folds")));
  EXPECT_THAT(warnings, testing::Each(testing::Not(HasSubstr("--max-iterations"))));
}

TEST(RunPredict, GivesTheLinearPredictorByHand) {
  FitSpec fit = lasso();
  fit.lambdas = {0.05};
  const Model model = run_fit(fit, example(), Context(1)).model;
  const Table fresh = table_of({"c", "extra", "b", "a"}, {{0.5, 2}, {9, 9}, {-1, 3}, {4, 0.25}});
  PredictSpec spec;
  spec.keep = {"extra"};
  const Predictions out = run_predict(spec, model, fresh, Context(1));
  double beta[3] = {0, 0, 0};
  const SparseCoefficients& found = *model.path[0].coefficients;
  for (std::size_t i = 0; i < found.indices.size(); ++i) beta[found.indices[i]] = found.values[i];
  EXPECT_NEAR(out.columns[0].numbers[0], model.path[0].intercept + 4 * beta[0] - beta[1] + 0.5 * beta[2], 1e-13);
  EXPECT_NEAR(out.columns[0].numbers[1], model.path[0].intercept + 0.25 * beta[0] + 3 * beta[1] + 2 * beta[2], 1e-13);
  EXPECT_EQ(out.columns[1].texts[1], "9");
}

TEST(RunEvaluate, MeasuresAreWhatTheirDefinitionsSay) {
  FitSpec fit = lasso();
  fit.lambdas = {0.05};
  const Model model = run_fit(fit, example(), Context(1)).model;
  const Table fresh = example(0.8);
  const std::vector<double> eta = run_predict(PredictSpec(), model, fresh, Context(1)).columns[0].numbers;
  const double* y = static_cast<const double*>(fresh.matrix->values) + 3 * fresh.rows;
  double mse = 0, mae = 0, mean = 0, spread = 0, square = 0, cube = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    mse += std::pow(y[i] - eta[i], 2) / 40;
    mae += std::abs(y[i] - eta[i]) / 40;
    mean += y[i] / 40;
  }
  for (std::size_t i = 0; i < 40; ++i) {
    spread += std::pow(y[i] - mean, 2) / 40;
    square += std::pow(std::pow(y[i] - eta[i], 2) - mse, 2) / 40;
    cube += std::pow(std::pow(y[i] - eta[i], 2) - mse, 3) / 40;
  }
  const double skewness = cube / std::pow(square, 1.5) / std::sqrt(40);
  const double reach = 3 / skewness * (1 - std::cbrt(1 - skewness * (1.959964 + skewness / 6)));
  const EvaluateFacts facts = run_evaluate({}, model, fresh, Context(1));
  EXPECT_NEAR(facts.measures[0].value, mse, 1e-14);
  EXPECT_NEAR(facts.measures[0].high, mse + std::sqrt(square / 39) * reach, 1e-7);
  EXPECT_NEAR(facts.measures[1].value, mae, 1e-14);
  EXPECT_NEAR(facts.measures[2].value, 1 - mse / spread, 1e-13);
  EXPECT_EQ(facts.measures[3].value, facts.measures[0].value);
  EXPECT_EQ(facts.n_samples, 40);
}

TEST(RunEvaluate, ARowOfWeightZeroIsNoRow) {
  FitSpec fit = lasso();
  fit.lambdas = {0.05};
  const Model model = run_fit(fit, example(), Context(1)).model;
  EvaluateSpec spec;
  spec.weights = "w";
  const Table table = table_of({"a", "b", "c", "w", "y"}, {{1, 2, 3}, {0, 1, 0}, {1, 1, 2}, {1, 0, 2}, {3, 9, 7}});
  EXPECT_EQ(run_evaluate(spec, model, table, Context(1)).n_samples, 2);
}

}  // namespace
}  // namespace riata
