#include "riata/loss/squared.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"

namespace riata {

void SquaredLoss::check_response(std::span<const double> y) const {
  const auto bad = std::ranges::find_if_not(y, [](double value) { return std::isfinite(value); });
  if (bad == y.end()) return;
  throw Error(ErrorKind::input,
              fmt::format("the response of row {} is {}: the squared loss needs finite numbers", bad - y.begin() + 1, *bad));
}

void SquaredLoss::value(std::span<const double> y, std::span<const double> eta, std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.5 * (y[i] - eta[i]) * (y[i] - eta[i]);
}

void SquaredLoss::gradient(std::span<const double> y, std::span<const double> eta, std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = eta[i] - y[i];
}

void SquaredLoss::curvature(std::span<const double>, std::span<const double>, std::span<double> out) const {
  std::ranges::fill(out, 1.0);
}

void SquaredLoss::inverse_link(std::span<const double> eta, std::span<double> out) const {
  std::ranges::copy(eta, out.begin());
}

void SquaredLoss::fenchel_young(std::span<const double> y, std::span<const double> eta, std::span<const double> theta,
                                std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double distance = (y[i] - eta[i]) - theta[i];
    out[i] = 0.5 * distance * distance;
  }
}

}  // namespace riata
