#include "riata/selection/out_of_fold.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"

namespace riata {
namespace {

/// The errors of the rows, averaged, are the error that cross_validate has.
TEST(OutOfFold, HasTheErrorOfTheCrossValidation) {
  constexpr std::size_t n = 60, p = 8;
  Random random(3);
  std::vector<double> x(n * p), y(n), w(n);
  for (double& value : x) value = random.uniform() - 0.5;
  for (std::size_t i = 0; i < n; ++i) y[i] = x[i] - 2 * x[i + n] + random.uniform();
  for (std::size_t i = 0; i < n; ++i) w[i] = i % 7 == 0 ? 0.0 : 0.5 + random.uniform();
  std::vector<const double*> columns;
  for (std::size_t j = 0; j < p; ++j) columns.push_back(x.data() + j * n);
  Problem problem;
  problem.design = dense_columns<double>(columns, n, nullptr);
  problem.loss = loss_by_name("squared");
  problem.response = y;
  problem.weights = w;
  const Context context(2);
  for (const bool in_time : {false, true}) {
    const Folds folds = in_time ? time_folds(n, 4, w) : random_folds(n, 5, 7, w);
    for (const PenaltySpec& penalty : {PenaltySpec{"l1", 1}, PenaltySpec{"l2", 0}, PenaltySpec{"elastic-net", 0.5}}) {
      const std::vector<double> lambdas = {0.05};
      CrossValidationOptions options;
      options.lambda_on_sum_scale = !in_time;
      const CrossValidation cv = cross_validate(problem, penalty, lambdas, folds, {}, options, context);
      const OutOfFold rows = out_of_fold(problem, penalty, lambdas[0], folds, {}, options, context);
      double sum = 0, total = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (w[i] == 0 || folds.validation[i] < 0) {
          EXPECT_TRUE(std::isnan(rows.eta[i]));
          continue;
        }
        sum += w[i] * (y[i] - rows.eta[i]) * (y[i] - rows.eta[i]);
        total += w[i];
      }
      EXPECT_NEAR(sum / total, cv.mean[0], 1e-6 * cv.mean[0]) << penalty.name;
      EXPECT_EQ(rows.status, Status::converged);
    }
  }
}

}  // namespace
}  // namespace riata
