#include "riata/solver/certificate.hpp"

#include <gtest/gtest.h>

#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"
#include "riata/penalty/elastic_net.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {
namespace {

/// More unpenalised columns than eigenvectors are affordable for: column j is e_j + e_{j+1}, and the response x₀ + x₁ + … +
/// t(1, −1, 1, …), whose last part is orthogonal to all of them. So the minimum and every excess over it are known.
TEST(Certificate, KnowsTheExcessOfThousandsOfFreeColumns) {
  constexpr Index p = 2001, n = p + 1;
  constexpr double t = 0.25;
  std::vector<std::int32_t> starts{0}, rows;
  for (std::int32_t j = 0; j < p; ++j) {
    rows.insert(rows.end(), {j, j + 1});
    starts.push_back(2 * j + 2);
  }
  const std::vector<double> values(rows.size(), 1.0);
  std::vector<double> y(n, 2.0);
  y.front() = y.back() = 1.0;
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += i % 2 == 0 ? t : -t;
  const std::vector<double> factor(p, 0.0);
  Problem problem;
  problem.design = sparse_columns(n, p, starts.data(), rows.data(), values.data(), nullptr);
  problem.loss = loss_by_name("squared");
  problem.response = y;
  problem.intercept = problem.standardize = false;
  problem.penalty_factor = factor;
  const Context context(1);
  const FittedProblem fitted = to_fitted(problem, context);
  const auto quadratic = residual_quadratic(fitted, context);
  Certifier certifier(fitted, *quadratic, context);
  State state{std::vector<double>(p, 1.0), 0};
  quadratic->evaluate(state);
  const Certificate best = certifier.certify(ElasticNet{1.0}, 0.1, state.b);
  EXPECT_LT(best.relative_gap, 1e-20);
  EXPECT_LT(best.kkt_violation, 1e-13);
  state.b[1000] += 0.5;  // of which the residuals change by ½ in two rows
  quadratic->evaluate(state);
  const double excess = 2 * 0.5 * 0.5 / static_cast<double>(n) / fitted.null_deviance;
  EXPECT_NEAR(certifier.certify(ElasticNet{1.0}, 0.1, state.b).relative_gap, excess, 1e-9 * excess);
}

}  // namespace
}  // namespace riata
