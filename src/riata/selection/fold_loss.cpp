#include "riata/selection/fold_loss.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "riata/core/error.hpp"

namespace riata {

std::string_view to_string(Measure measure) {
  switch (measure) {
    case Measure::mse: return "mse";
    case Measure::mae: return "mae";
    case Measure::deviance: return "deviance";
    case Measure::error: return "error";
    case Measure::auc: return "auc";
  }
  return "unknown";
}

void check_measure(Measure measure, const Loss& loss) {
  if (measure != Measure::error && measure != Measure::auc) return;
  if (loss.name() == "squared") {
    throw Error(ErrorKind::argument,
                fmt::format("the measure {} is for classes, and the loss squared has none: use mse, mae or deviance",
                            to_string(measure)));
  }
  throw Error(ErrorKind::not_supported,
              fmt::format("the measure {} is not in this version: use deviance", to_string(measure)));
}

FoldLoss::FoldLoss(const Problem& problem, std::span<const double> weights, Measure measure)
    : problem_(problem),
      weights_(weights),
      measure_(measure),
      total_(std::accumulate(weights.begin(), weights.end(), 0.0)) {}

/// Deviance: 2 (ℓ(y, η) − ℓ at the best η), which is what the loss's Fenchel–Young term at θ = 0 is twice of.
double FoldLoss::mean(std::span<const double> eta) const {
  std::vector<double> out(eta.size());
  if (measure_ == Measure::deviance) {
    const std::vector<double> zero(eta.size(), 0.0);
    problem_.loss->fenchel_young(problem_.response, eta, zero, out);
    for (double& x : out) x *= 2;
  } else {
    problem_.loss->inverse_link(eta, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double away = problem_.response[i] - out[i];
      out[i] = measure_ == Measure::mse ? away * away : std::abs(away);
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (weights_[i] > 0) sum += weights_[i] * out[i];
  }
  return sum / total_;
}

}  // namespace riata
