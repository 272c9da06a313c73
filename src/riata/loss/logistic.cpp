#include "riata/loss/logistic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

/// 1/(1 + e^−η): small values keep their digits.
double probability(double eta) {
  const double e = std::exp(-std::abs(eta));
  return eta >= 0 ? 1 / (1 + e) : e / (1 + e);
}

Index rows(std::span<const double> eta) { return static_cast<Index>(eta.size()); }

/// q log(q/p) − q + p ≥ 0 for p = 1/(1 + e^−η).
double divergence(double q, double eta) {
  const double p = probability(eta);
  if (q == 0) return p;
  if (p < kernels::kLeastProbability) return std::max(0.0, q * (std::log(q) - eta) - q + p);  // log p is η
  const double excess = (q - p) / p;
  if (std::abs(excess) < 1e-3) {  // (1 + u) log(1 + u) − u = u²/2 − u³/6 + u⁴/12 − …
    return p * excess * excess * (0.5 - excess / 6 + excess * excess / 12 - excess * excess * excess / 20);
  }
  return std::max(0.0, p * ((1 + excess) * std::log1p(excess) - excess));
}

/// The Fenchel–Young term of a row that has next to no chance of one class, or whose dual point is outside its domain.
double extreme_gap(double y, double eta, double theta) {
  // `towards`: the dual probability of the other class, 1 − q for y = 1 and q for y = 0, at no loss of digits.
  const double towards = y > 0.5 ? theta : -theta, own_eta = y > 0.5 ? eta : -eta;
  if (!(towards >= 0 && towards <= 1)) return std::numeric_limits<double>::infinity();  // no number either
  return divergence(towards, -own_eta) + divergence(1 - towards, own_eta);
}

}  // namespace

void LogisticLoss::check_response(std::span<const double> y) const {
  const auto bad = std::ranges::find_if_not(y, [](double value) { return value == 0 || value == 1; });
  if (bad == y.end()) return;
  throw Error(ErrorKind::input, fmt::format("the response of row {} is {}: the logistic loss needs 0 or 1 (class codes)",
                                            bad - y.begin() + 1, *bad));
}

void LogisticLoss::value(std::span<const double> y, std::span<const double> eta, std::span<double> out) const {
  kernels::logistic(y.data(), eta.data(), rows(eta), out.data(), nullptr, nullptr);
}

void LogisticLoss::gradient(std::span<const double> y, std::span<const double> eta, std::span<double> out) const {
  kernels::logistic(y.data(), eta.data(), rows(eta), nullptr, out.data(), nullptr);
}

void LogisticLoss::curvature(std::span<const double> y, std::span<const double> eta, std::span<double> out) const {
  kernels::logistic(y.data(), eta.data(), rows(eta), nullptr, nullptr, out.data());
}

void LogisticLoss::evaluate(std::span<const double> y, std::span<const double> eta, std::span<double> values,
                            std::span<double> gradients, std::span<double> curvatures) const {
  kernels::logistic(y.data(), eta.data(), rows(eta), values.data(), gradients.data(), curvatures.data());
}

void LogisticLoss::inverse_link(std::span<const double> eta, std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = probability(eta[i]);
}

void LogisticLoss::fenchel_young(std::span<const double> y, std::span<const double> eta, std::span<const double> theta,
                                 std::span<double> out) const {
  kernels::logistic_gap(y.data(), eta.data(), theta.data(), rows(eta), out.data());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::isnan(out[i])) out[i] = extreme_gap(y[i], eta[i], theta[i]);
  }
}

}  // namespace riata
