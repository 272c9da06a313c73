// How much to regularise: ten-fold cross-validation of ridge, the lasso and the elastic net on the same folds.
// usage: cross_validate diabetes.csv

#include <cstdio>

#include "read_numbers.hpp"

int main(int, char** arguments) try {
  const Numbers table = read_numbers(arguments[1]);
  riata::Problem problem;
  problem.design = table.design();
  problem.loss = riata::loss_by_name("squared");
  problem.response = table.response();

  const riata::Context context;
  const riata::Folds folds = riata::random_folds(problem.design->rows(), 10, 0);
  std::puts("penalty       lambda_min    error  lambda_1se    error  features");
  for (const riata::PenaltySpec& penalty : {riata::PenaltySpec{.name = "l2"}, riata::PenaltySpec{.name = "l1"},
                                            riata::PenaltySpec{.name = "elastic-net", .l1_ratio = 0.5}}) {
    const auto lambdas = riata::lambda_grid(problem, penalty, {}, context);
    const auto path = riata::fit_path(problem, penalty, lambdas, {}, context);
    const auto cv = riata::cross_validate(problem, penalty, lambdas, folds, {}, {}, context);
    const auto min = static_cast<std::size_t>(cv.index_min), one_se = static_cast<std::size_t>(cv.index_1se);
    std::printf("%-12s %11.4f %8.1f %11.4f %8.1f  %8ld\n", penalty.name.c_str(), cv.lambda_min, cv.mean[min], cv.lambda_1se,
                cv.mean[one_se], static_cast<long>(path.points[one_se].n_nonzero));
  }
  return 0;
} catch (const riata::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
