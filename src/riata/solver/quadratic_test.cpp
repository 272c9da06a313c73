#include "riata/solver/quadratic.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"

namespace riata {
namespace {

constexpr Index kRows = 200, kColumns = 30;

struct Data {
  std::vector<double> x, y;
  Problem problem;

  Data() {
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    for (Index i = 0; i < kRows * kColumns; ++i) x.push_back(2 + normal(random));
    for (Index i = 0; i < kRows; ++i) y.push_back(normal(random) + x[static_cast<std::size_t>(i)]);
    problem.design = strided(x.data(), kRows, kColumns, 1, kRows, nullptr);
    problem.loss = loss_by_name("squared");
    problem.response = y;
  }
};

/// Residuals and moments see the same quadratic, however many columns are asked for and however many b has.
TEST(Quadratic, ImagesFromMomentsAreThoseOfTheData) {
  const Data data;
  const Context context(1);
  const CrossMoments moments = cross_moments(data.problem, moments_shift(data.problem, context), context);
  const FittedProblem fitted = to_fitted(data.problem, context);
  const auto by_moments = moment_quadratic(fitted, moments, context), by_data = residual_quadratic(fitted, context);
  std::vector<double> points(2 * kColumns), images(2 * kColumns), expected(2 * kColumns);
  for (std::size_t j = 0; j < points.size(); ++j)
    points[j] = j < kColumns || j % 7 == 0 ? std::sin(static_cast<double>(j)) : 0;
  by_moments->images({points.data(), kColumns, 2}, {images.data(), kColumns, 2});
  by_data->images({points.data(), kColumns, 2}, {expected.data(), kColumns, 2});
  for (std::size_t i = 0; i < images.size(); ++i) EXPECT_NEAR(images[i], expected[i], 1e-12) << i;
  for (const std::size_t first : {std::size_t{0}, static_cast<std::size_t>(kColumns)}) {
    for (const std::size_t step : {1U, 9U}) {
      std::vector<Index> of;
      for (std::size_t j = 0; j < kColumns; j += step) of.push_back(static_cast<Index>(j));
      std::vector<double> out(of.size());
      by_moments->image_at(of, std::span(points).subspan(first, kColumns), out);
      for (std::size_t k = 0; k < of.size(); ++k) EXPECT_NEAR(out[k], expected[first + step * k], 1e-12);
    }
    State state{{points.begin() + static_cast<std::ptrdiff_t>(first),
                 points.begin() + static_cast<std::ptrdiff_t>(first) + kColumns},
                0};
    by_moments->evaluate_at(state, std::span(images).subspan(first, kColumns));
    by_data->evaluate(state);
    for (std::size_t j = 0; j < kColumns; ++j) EXPECT_NEAR(by_moments->gradient()[j], by_data->gradient()[j], 1e-12);
    EXPECT_NEAR(by_moments->residual_square(), by_data->residual_square(), 1e-11);
  }
}

}  // namespace
}  // namespace riata
