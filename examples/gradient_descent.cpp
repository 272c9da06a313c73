// Gradient descent with a soft threshold after every step, watched: w := S(w - a·gradient, a·λ). From zero, the objective
// falls with every step, weights grow one after the other, and those the lasso leaves out are exactly zero. usage:
// gradient_descent diabetes.csv

#include <cstdio>

#include "read_numbers.hpp"

int main(int, char** arguments) try {
  const Numbers table = read_numbers(arguments[1]);
  riata::Problem problem;
  problem.design = table.design();
  problem.loss = riata::loss_by_name("squared");
  problem.response = table.response();

  riata::PathOptions options;
  options.solver = riata::SolverKind::gradient_descent;
  options.gradient_descent.l1_step = riata::L1Step::proximal;
  options.gradient_descent.iterations = 200;
  const std::vector<double> lambda = {10.0};
  const riata::Path path = riata::fit_path(problem, {.name = "l1"}, lambda, options, riata::Context());

  std::puts("  step  objective  weights that are not zero");
  for (const auto& row : path.trajectory->rows) {
    if (row.iteration > 5 && row.iteration % 10 != 0) continue;
    std::printf("%6ld %10.3f ", static_cast<long>(row.iteration), row.objective);
    for (std::size_t k = 0; k < row.coefficients.indices.size(); ++k) {
      const auto feature = static_cast<std::size_t>(row.coefficients.indices[k]);
      std::printf(" %s=%.3f", table.names[feature].c_str(), row.coefficients.values[k]);
    }
    std::puts("");
  }
  return 0;
} catch (const riata::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
