// A lasso path: every λ of a grid, each fit with its certificate. usage: fit_path diabetes.csv

#include <algorithm>
#include <cstdio>

#include "read_numbers.hpp"

int main(int, char** arguments) try {
  const Numbers table = read_numbers(arguments[1]);
  riata::Problem problem;
  problem.design = table.design();
  problem.loss = riata::loss_by_name("squared");
  problem.response = table.response();

  const riata::PenaltySpec lasso{.name = "l1"};
  const riata::Context context;
  riata::GridSpec grid;
  grid.n_lambdas = 10;
  grid.min_ratio = 0.01;
  riata::PathOptions options;
  options.tolerance = 1e-10;
  const auto lambdas = riata::lambda_grid(problem, lasso, grid, context);
  const riata::Path path = riata::fit_path(problem, lasso, lambdas, options, context);

  std::puts("   lambda  features  explained  gap");
  for (const auto& point : path.points) {
    std::printf("%9.4f  %8ld  %8.1f%%  %s\n", point.lambda, static_cast<long>(point.n_nonzero),
                100 * std::max(0.0, point.deviance_ratio),
                point.certificate.relative_gap <= 1e-10 ? "at most 1e-10" : "too large");
  }

  const auto& chosen = path.points[4];
  std::printf("\nat lambda %.4f: intercept %.3f\n", chosen.lambda, chosen.intercept);
  for (std::size_t k = 0; k < chosen.coefficients.indices.size(); ++k) {
    const auto feature = static_cast<std::size_t>(chosen.coefficients.indices[k]);
    std::printf("  %-4s %9.4f\n", table.names[feature].c_str(), chosen.coefficients.values[k]);
  }
  return path.status == riata::Status::converged ? 0 : 1;
} catch (const riata::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
