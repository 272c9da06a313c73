#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/model/network_model.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/selection/learning_curves.hpp"

namespace riata {

/// The same network trained without any regularisation beside it.
struct TwinFacts {
  double weight_norm = 0, twin_norm = 0;
  struct Layer {
    std::string name;
    double weight_norm = 0, twin_norm = 0;
  };
  std::vector<Layer> layers;
  double training_loss = 0, twin_training_loss = 0;
  double validation_loss = 0, twin_validation_loss = 0;  ///< NaN without validation
  std::string text;                                      ///< the comparison in words
};

/// One λ of a grid: the measure over folds, or on the validation rows; weights that are and are not exactly zero, averaged
/// over folds; features whose first weights are not all zero.
struct LambdaScore {
  double lambda = 0;
  double mean = 0, standard_error = 0;
  Index exact_zeros = 0, n_nonzero = 0, n_used = 0;
};

/// Everything that is to be told about one training run, as plain data.
struct TrainFacts {
  NetworkModel model;
  Diagnosis diagnosis;
  std::string diagnosis_text;
  std::optional<TwinFacts> twin;
  std::vector<LambdaScore> grid;  ///< by decreasing λ; empty: one network was trained
  std::string measure;            ///< that the grid is judged by: mse, mae, deviance, error or auc
  Index n_folds = 0;
  Index index_min = 0, index_1se = 0;
  std::string rule;  ///< min or 1se; empty without a grid
  Index log_every = 10;
  std::optional<RowFacts> rows;  ///< held-out rows, where a page is wanted
  double seconds_read = 0, seconds_train = 0;
};

std::string train_json(const TrainFacts& facts);
std::string train_text(const TrainFacts& facts, const TextStyle& style);

/// The page: one file that needs nothing but itself (report/page.hpp).
std::string train_html(const TrainFacts& facts);

/// The page from what a model file holds: no grid, no twin, no rows, no timings.
std::string network_html(const NetworkModel& model);

/// The model card of a network.
std::string inspect_json(const NetworkModel& model);
std::string inspect_text(const NetworkModel& model, const TextStyle& style);

}  // namespace riata
