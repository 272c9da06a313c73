#include "riata/loss/squared.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"

namespace riata {
namespace {

TEST(SquaredLoss, GradientAndCurvatureAreFiniteDifferences) {
  const SquaredLoss loss;
  const std::array<double, 3> y = {1, -2, 3}, eta = {0.5, 4, 3};
  std::array<double, 3> up{}, down{}, mid{}, out{}, shifted_up = eta, shifted_down = eta;
  const double h = 1e-4;
  for (std::size_t i = 0; i < 3; ++i) shifted_up[i] += h, shifted_down[i] -= h;
  loss.value(y, shifted_up, up);
  loss.value(y, shifted_down, down);
  loss.value(y, eta, mid);
  loss.gradient(y, eta, out);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(out[i], (up[i] - down[i]) / (2 * h), 1e-9);
  loss.curvature(y, eta, out);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(out[i], (up[i] - 2 * mid[i] + down[i]) / (h * h), 1e-6);
}

TEST(SquaredLoss, FenchelYoungIsItsDefinition) {
  const SquaredLoss loss;
  const std::array<double, 1> y = {2}, eta = {0.5}, theta = {1.2};
  std::array<double, 1> value{}, out{};
  loss.value(y, eta, value);
  loss.fenchel_young(y, eta, theta, out);
  const double conjugate = 0.5 * theta[0] * theta[0] - theta[0] * y[0];  // sup over u of −θu − ½(y − u)²
  EXPECT_NEAR(out[0], value[0] + conjugate + theta[0] * eta[0], 1e-15);
}

TEST(SquaredLoss, NamesTheBadRow) {
  const std::array<double, 3> y = {1, std::numeric_limits<double>::infinity(), 3};
  try {
    SquaredLoss().check_response(y);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "the response of row 2 is inf: the squared loss needs finite numbers");
  }
  EXPECT_THROW(loss_by_name("squred"), Error);
  EXPECT_EQ(loss_by_name("squared")->name(), "squared");
}

}  // namespace
}  // namespace riata
