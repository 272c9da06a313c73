#include "riata/app/train_twin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string twin_words(const TrainSpec& spec, const TwinFacts& twin) {
  const bool regularised = spec.penalty.value_or(PenaltyChoice::none) != PenaltyChoice::none || spec.weight_decay > 0 ||
                           spec.dropout > 0 || spec.input_dropout > 0 || spec.patience > 0;
  if (!regularised) return "nothing regularises this network, so its twin is the same one";
  const double ratio = twin.weight_norm / twin.twin_norm;
  std::string out = fmt::format("the weight norm is {:.4g} against {:.4g} unregularised ({:+.2g} %)", twin.weight_norm,
                                twin.twin_norm, 100 * (ratio - 1));
  constexpr double kNothing = 0.01;
  if (std::abs(ratio - 1) < kNothing) {
    out += ": practically no difference, so the regularisation is too weak to matter";
  } else if (ratio > 1) {
    out += ": no smaller, so the regularisation does not hold the weights back";
  }
  return out;
}

}  // namespace

TwinFacts compare_with_twin(const TrainSpec& spec, const NetworkModel& model, const NetworkModel& other) {
  TwinFacts twin;
  const std::vector<ParameterFacts> ours = parameter_facts(model), theirs = parameter_facts(other);
  double our_square = 0, their_square = 0;
  for (std::size_t k = 0; k < ours.size(); ++k) {
    twin.layers.push_back({ours[k].name, ours[k].weight_norm, theirs[k].weight_norm});
    our_square += ours[k].weight_norm * ours[k].weight_norm;
    their_square += theirs[k].weight_norm * theirs[k].weight_norm;
  }
  twin.weight_norm = std::sqrt(our_square);
  twin.twin_norm = std::sqrt(their_square);
  const auto last = [](const std::vector<EpochRow>& rows, double EpochRow::*what) {
    return rows.empty() ? kNone : rows.back().*what;
  };
  twin.training_loss = last(model.history, &EpochRow::training_loss);
  twin.twin_training_loss = last(other.history, &EpochRow::training_loss);
  twin.validation_loss = last(model.history, &EpochRow::validation_loss);
  twin.twin_validation_loss = last(other.history, &EpochRow::validation_loss);
  twin.epochs = model.stopped_epoch;
  twin.twin_epochs = other.stopped_epoch;
  const auto least = [](const std::vector<EpochRow>& rows, Index epoch) {
    const auto row = std::ranges::find(rows, epoch, &EpochRow::epoch);
    return row == rows.end() ? kNone : row->validation_loss;
  };
  twin.best_epoch = model.best_epoch;
  twin.least_loss = least(model.history, model.best_epoch);
  twin.twin_best_epoch = other.best_epoch;
  twin.twin_least_loss = least(other.history, other.best_epoch);
  twin.text = twin_words(spec, twin);
  return twin;
}

}  // namespace riata
