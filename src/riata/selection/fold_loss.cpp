#include "riata/selection/fold_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/selection/auc.hpp"

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

bool larger_is_better(Measure measure) { return measure == Measure::auc; }

void check_measure(Measure measure, const Loss& loss) {
  const bool for_classes = measure == Measure::error || measure == Measure::auc;
  if (!for_classes || loss.name() == "logistic") return;
  throw Error(ErrorKind::argument,
              fmt::format("the measure {} is for classes, and the loss {} has none: use mse, mae or deviance",
                          to_string(measure), loss.name()));
}

void check_training(const Problem& problem, std::span<const double> weights, Index fold) {
  if (problem.loss->name() != "logistic") return;
  std::optional<double> first;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    if (first && *first != problem.response[i]) return;
    first = problem.response[i];
  }
  throw Error(ErrorKind::input,
              fmt::format("the rows that fold {} trains on are all of one class: make folds that leave both classes to "
                          "train on",
                          fold));
}

FoldLoss::FoldLoss(const Problem& problem, std::span<const double> weights, Measure measure)
    : problem_(problem), measure_(measure), total_(std::accumulate(weights.begin(), weights.end(), 0.0)) {
  const auto count = static_cast<std::size_t>(std::ranges::count_if(weights, [](double w) { return w > 0; }));
  judged_.reserve(count);
  weights_.reserve(count);
  responses_.reserve(count);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    judged_.push_back(i);
    weights_.push_back(weights[i]);
    responses_.push_back(problem.response[i]);
  }
}

/// Deviance: 2 (ℓ(y, η) − ℓ at the best η), which is what the loss's Fenchel–Young term at θ = 0 is twice of.
void FoldLoss::row_values(std::span<const double> eta, std::span<double> out) const {
  const std::span<const double> y = responses_;
  if (measure_ == Measure::deviance) {
    const std::vector<double> zero(eta.size(), 0.0);
    problem_.loss->fenchel_young(y, eta, zero, out);
    for (double& x : out) x *= 2;
    return;
  }
  if (measure_ == Measure::error) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (eta[i] > 0) == (y[i] > 0.5) ? 0.0 : 1.0;
    return;
  }
  problem_.loss->inverse_link(eta, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double away = y[i] - out[i];
    out[i] = measure_ == Measure::mse ? away * away : std::abs(away);
  }
}

double FoldLoss::mean(std::span<const double> eta) const {
  std::vector<double> judged(judged_.size()), out;
  for (std::size_t k = 0; k < judged.size(); ++k) judged[k] = eta[judged_[k]];
  if (measure_ == Measure::auc) return area_under_curve(responses_, judged, weights_);
  out.resize(judged.size());
  row_values(judged, out);
  double sum = 0;
  for (std::size_t k = 0; k < out.size(); ++k) sum += weights_[k] * out[k];
  return sum / total_;
}

double FoldLoss::weight() const {
  if (measure_ != Measure::auc) return total_;
  bool seen[2] = {false, false};
  for (const double y : responses_) seen[y > 0.5] = true;
  return seen[0] && seen[1] ? total_ : 0.0;
}

}  // namespace riata
