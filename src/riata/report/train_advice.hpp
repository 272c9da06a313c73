#pragma once

#include <string>
#include <vector>

#include "riata/report/train_facts.hpp"

namespace riata {

// What the text and the page say about a trained network.

/// "10 → 32 relu → 1, loss squared, features standardised, float32"
std::string network_words(const NetworkModel& model);

/// Whether training could end early and took back the weights of its best epoch (--patience).
bool restores_best(const NetworkModel& model);

/// The epoch whose weights the model has, as a position in its history; nothing without one.
const EpochRow* kept_epoch(const NetworkModel& model);

/// The verdict, which weights, how good, what they use, what to try next: finished HTML, a sentence or two each.
std::vector<std::string> train_brief(const TrainFacts& facts);

/// What to know before relying on it; finished HTML.
std::vector<std::string> train_cautions(const TrainFacts& facts);

}  // namespace riata
