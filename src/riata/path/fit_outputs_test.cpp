#include "riata/path/fit_outputs.hpp"

#include <gtest/gtest.h>

#include <random>

#include "riata/design/make_design.hpp"

namespace riata {
namespace {

/// Of every shape and penalty each response has the path that it has alone.
TEST(FitOutputs, IsEveryPathByItself) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  const auto draw = [&](Index n, double mean) {
    std::vector<double> out(static_cast<std::size_t>(n));
    for (double& x : out) x = mean + normal(random);
    return out;
  };
  for (const auto& [n, p] : {std::pair<Index, Index>{2500, 10}, {40, 12}, {20, 60}}) {  // on moments, on rows, by the kernel
    const std::vector<double> x = draw(n * p, 5), offset = draw(n, 0);
    std::vector<double> weights = draw(n, 3);
    for (double& w : weights) w = std::abs(w);
    weights[2] = 0;
    std::vector<std::vector<double>> responses;
    for (int k = 0; k < 3; ++k) {
      responses.push_back(draw(n, 10 * k));
      for (Index i = 0; i < n; ++i) responses.back()[static_cast<std::size_t>(i)] += x[static_cast<std::size_t>(i + k * n)];
    }
    for (const bool plain : {true, false}) {
      std::vector<Problem> problems(3);
      for (std::size_t k = 0; k < 3; ++k) {
        problems[k].design = strided(x.data(), n, p, 1, n, nullptr);
        problems[k].loss = loss_by_name("squared");
        problems[k].response = responses[k];
        problems[k].standardize = !plain;
        problems[k].intercept = plain;
        if (!plain) problems[k].weights = weights;
        if (!plain) problems[k].offset = offset;
      }
      const std::vector<double> lambdas{0.5, 0.05};
      const std::vector<std::span<const double>> grids(3, lambdas);
      for (const PenaltySpec& penalty : {PenaltySpec{"l1"}, PenaltySpec{"l2"}, PenaltySpec{"elastic-net", 0.5}}) {
        PathOptions options;
        options.tolerance = 1e-11;
        options.leave_one_out = LeaveOneOut::errors;
        const std::vector<Path> found = fit_outputs(problems, penalty, grids, options, Context(1));
        for (std::size_t k = 0; k < 3; ++k) {
          const Path alone = fit_path(problems[k], penalty, lambdas, options, Context(1));
          EXPECT_NEAR(found[k].null_deviance, alone.null_deviance, 1e-12 * alone.null_deviance);
          for (std::size_t l = 0; l < lambdas.size(); ++l) {
            const PathPoint &a = found[k].points[l], &b = alone.points[l];
            ASSERT_EQ(a.coefficients.indices, b.coefficients.indices) << penalty.name << " " << p << " " << plain;
            EXPECT_NEAR(a.intercept, b.intercept, 1e-8);
            EXPECT_NEAR(a.degrees_of_freedom, b.degrees_of_freedom, 1e-8);
            EXPECT_EQ(a.leave_one_out_error.has_value(), penalty.name == "l2");
            EXPECT_NEAR(a.leave_one_out_error.value_or(0), b.leave_one_out_error.value_or(0), 1e-8);
            for (std::size_t j = 0; j < a.coefficients.values.size(); ++j) {
              EXPECT_NEAR(a.coefficients.values[j], b.coefficients.values[j], 1e-8);
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace riata
