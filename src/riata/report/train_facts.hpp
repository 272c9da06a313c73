#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/model/network_model.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/selection/learning_curves.hpp"

namespace riata {

/// Everything that is to be told about one training run, as plain data.
struct TrainFacts : LambdaSearch {
  NetworkModel model;
  Diagnosis diagnosis;
  std::string diagnosis_text;
  std::optional<TwinFacts> twin;
  Index log_every = 10;
  std::optional<RowFacts> rows;  ///< held-out rows, where a page is wanted
  double seconds_read = 0, seconds_train = 0;
};

std::string train_json(const TrainFacts& facts);
std::string train_text(const TrainFacts& facts, const TextStyle& style);

/// The page: one file that needs nothing but itself (report/page.hpp).
std::string train_html(const TrainFacts& facts);

/// The page from what a model file holds: no rows, no timings.
std::string network_html(const NetworkModel& model);

/// The model card of a network.
std::string inspect_json(const NetworkModel& model);
std::string inspect_text(const NetworkModel& model, const TextStyle& style);

}  // namespace riata
