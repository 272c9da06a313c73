#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "riata/core/error.hpp"
#include "riata/design/make_design.hpp"
#include "riata/selection/information_criteria.hpp"
#include "riata/selection/selection.hpp"

namespace riata {
namespace {

/// Ten rows, four features. Deviance per unit weight 4, 2, 1.9; df 0, 1, 3.
struct Example {
  std::vector<double> x = std::vector<double>(40, 0.0);
  Problem problem;
  Path path;

  Example() {
    problem.design = strided(x.data(), 10, 4, 1, 10, nullptr);
    problem.loss = loss_by_name("squared");
    path.null_deviance = 4;
    for (const auto& [ratio, df] : {std::pair{0.0, 0.0}, {0.5, 1.0}, {0.525, 3.0}}) {
      PathPoint point;
      point.deviance_ratio = ratio;
      point.degrees_of_freedom = df;
      point.n_nonzero = static_cast<Index>(df);
      for (Index j = 0; j < point.n_nonzero; ++j) {
        point.coefficients.indices.push_back(j);
        point.coefficients.values.push_back(1.0);
      }
      path.points.push_back(point);
    }
  }
};

TEST(InformationCriteria, AreTheFormulasOfTheDocumentation) {
  const Example e;
  const auto aic = information_criteria(e.path, SelectionRule::aic, e.problem);
  EXPECT_NEAR(aic[0], 10 * std::log(4.0) + 2, 1e-12);  // 15.863
  EXPECT_NEAR(aic[1], 10.931471805599453, 1e-12);      // 10 ln 2 + 4
  EXPECT_NEAR(aic[2], 14.418538861723947, 1e-12);      // 10 ln 1.9 + 8
  const auto bic = information_criteria(e.path, SelectionRule::bic, e.problem);
  EXPECT_NEAR(bic[1], 11.536641991587544, 1e-12);  // 10 ln 2 + 2 ln 10
  const auto ebic = information_criteria(e.path, SelectionRule::ebic, e.problem);
  EXPECT_NEAR(ebic[1], 14.309230713827325, 1e-12);  // + 2 ln 4
  EXPECT_NEAR(ebic[2] - information_criteria(e.path, SelectionRule::bic, e.problem)[2], 2 * std::log(4.0), 1e-12);
  for (const SelectionRule rule : {SelectionRule::aic, SelectionRule::bic, SelectionRule::ebic}) {
    EXPECT_EQ(select(e.path, nullptr, rule, e.problem), 1);
  }
}

TEST(InformationCriteria, WeightsCountAsRows) {
  Example e;
  const std::vector<double> twice(10, 2.0);
  e.problem.weights = twice;
  EXPECT_NEAR(information_criteria(e.path, SelectionRule::bic, e.problem)[1], 20 * std::log(2.0) + 2 * std::log(20.0),
              1e-12);
}

TEST(InformationCriteria, CandidatesAreThePenalisedFeatures) {
  Example e;
  const std::vector<double> factor{0.0, 1.0, 1.0, INFINITY};  // of the two candidates, λ 2 has selected two
  e.problem.penalty_factor = factor;
  const auto bic = information_criteria(e.path, SelectionRule::bic, e.problem);
  const auto ebic = information_criteria(e.path, SelectionRule::ebic, e.problem);
  EXPECT_NEAR(ebic[1], bic[1], 1e-12);
  EXPECT_NEAR(ebic[2], bic[2], 1e-12);
}

TEST(InformationCriteria, ASaturatedFitIsNeverChosen) {
  Example e;
  e.path.points[2].deviance_ratio = 1;
  e.path.points[2].degrees_of_freedom = 9;
  EXPECT_EQ(information_criteria(e.path, SelectionRule::aic, e.problem)[2], INFINITY);
  EXPECT_EQ(select(e.path, nullptr, SelectionRule::aic, e.problem), 1);
}

TEST(InformationCriteria, AConstantResponseTakesTheLargestLambda) {
  Example e;
  e.path.null_deviance = 0;
  EXPECT_EQ(select(e.path, nullptr, SelectionRule::bic, e.problem), 0);
}

TEST(InformationCriteria, UnknownDegreesOfFreedomAreRefused) {
  Example e;
  e.path.points[1].degrees_of_freedom = std::nan("");
  EXPECT_THROW((void)select(e.path, nullptr, SelectionRule::aic, e.problem), Error);
}

TEST(Select, MinAnd1seAreTheCrossValidations) {
  const Example e;
  CrossValidation cv;
  cv.mean = {3, 1, 2};
  cv.index_min = 1;
  cv.index_1se = 0;
  EXPECT_EQ(select(e.path, &cv, SelectionRule::min, e.problem), 1);
  EXPECT_EQ(select(e.path, &cv, SelectionRule::one_standard_error, e.problem), 0);
  EXPECT_THROW((void)select(e.path, nullptr, SelectionRule::min, e.problem), Error);
}

TEST(LogBinomial, SmallOnesByHand) {
  EXPECT_NEAR(log_binomial(5, 2), std::log(10.0), 1e-13);
  EXPECT_NEAR(log_binomial(7, 0), 0, 1e-13);
  EXPECT_NEAR(log_binomial(7, 7), 0, 1e-13);
}

}  // namespace
}  // namespace riata
