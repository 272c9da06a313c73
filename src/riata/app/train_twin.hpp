#pragma once

#include "riata/app/train.hpp"
#include "riata/model/network_model.hpp"
#include "riata/report/train_facts.hpp"

namespace riata {

/// A trained network beside the same one trained unregularised (`other`): weight norms by layer and in sum, losses at the
/// last epoch and at the best, and what that says in words.
TwinFacts compare_with_twin(const TrainSpec& spec, const NetworkModel& model, const NetworkModel& other);

}  // namespace riata
