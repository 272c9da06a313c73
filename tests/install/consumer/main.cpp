#include <atomic>
#include <cmath>
#include <cstdio>
#include <riata/riata.hpp>
#include <vector>

#include "penalty.hpp"

/// A penalty written outside the tree gets the path, its warm starts and its certificate.
bool own_penalty_works() {
  const std::vector<double> x = {1, 1, -1, -1, 1, -1, 1, -1};  // two orthogonal columns
  const std::vector<double> y = {4.1, 1.9, -2.1, -3.9};        // x1ᵀy/4 = 3, x2ᵀy/4 = 1
  riata::Problem problem;
  problem.design = riata::strided<double>(x.data(), 4, 2, 1, 4, nullptr);
  problem.loss = riata::loss_by_name("squared");
  problem.response = y;
  const std::vector<double> lambdas = {5.0, 0.8};
  const riata::Path path = riata::fit_path(problem, MinimaxConcave{}, lambdas, {}, riata::Context(1));
  const auto& values = path.points[1].coefficients.values;
  return path.points[0].n_nonzero == 0 && values.size() == 2 && path.status == riata::Status::converged &&
         std::abs(values[0] - 3.0) < 1e-12 &&                              // beyond γλ: not shrunken
         std::abs(values[1] - (1.0 - 0.8) / (1.0 - 1.0 / 3.0)) < 1e-12 &&  // firm threshold
         std::isnan(path.points[1].certificate.relative_gap) && path.points[1].certificate.kkt_violation < 1e-12;
}

int main() {
  if (!own_penalty_works()) return 2;
  std::atomic<long> sum = 0;
  riata::Context(2).for_blocks(10, [&](riata::Index block) { sum += block; });
  try {
    throw riata::Error(riata::ErrorKind::input, "caught across the library's border");
  } catch (const riata::Error& error) {
    std::printf("%s\n", error.what());
  }
  return sum == 45 ? 0 : 1;
}
