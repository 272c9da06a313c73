#pragma once

#include <string>

#include "riata/core/json_writer.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/selection/learning_curves.hpp"

namespace riata {

/// One sentence with its numbers: "overfits from epoch 212: validation loss 0.43 → 0.61 (+42 %) while training loss falls
/// 0.30 → 0.05". `null_words`: what the null model does ("predicting the mean").
std::string diagnosis_words(const Diagnosis& diagnosis, const std::string& null_words = "the null model");

/// The contracted member "diagnosis": {"verdict", "epoch", "text"}; epoch is null where nothing begins.
void write_diagnosis(JsonWriter& out, const Diagnosis& diagnosis, const std::string& text);

/// What `riata diagnose` tells of one log.
struct DiagnoseFacts {
  std::string log;  ///< its name, no folder
  Index n_epochs = 0;
  std::string epoch, training_loss, validation_loss, training_accuracy, validation_accuracy;  ///< columns; empty: none
  LearningCurves curves;
  Diagnosis diagnosis;
};

std::string diagnose_json(const DiagnoseFacts& facts);
std::string diagnose_text(const DiagnoseFacts& facts, const TextStyle& style);
std::string diagnose_html(const DiagnoseFacts& facts);

}  // namespace riata
