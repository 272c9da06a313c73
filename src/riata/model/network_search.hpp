#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "riata/core/json_writer.hpp"
#include "riata/model/json_reader.hpp"

namespace riata {

/// One λ of a grid: the measure over folds, or on the validation rows; weights that are and are not exactly zero, averaged
/// over folds and starts; features whose first weights are not all zero.
struct LambdaScore {
  double lambda = 0;
  double mean = 0, standard_error = 0;  ///< NaN: training diverged, or no folds
  Index exact_zeros = 0, n_nonzero = 0, n_used = 0;
};

/// How a network's λ was chosen.
struct LambdaSearch {
  std::vector<LambdaScore> grid;  ///< by decreasing λ; empty: one network was trained
  std::string measure;            ///< that the grid is judged by: mse, mae, deviance, error or auc
  Index n_folds = 0;
  Index n_seeds = 1;  ///< starts whose mean is judged, in every fold
  Index index_min = 0, index_1se = 0;
  std::string rule;  ///< min or 1se; empty without a grid
};

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
  /// How long each was trained, and its least validation loss. 0 and NaN where none is known (without validation, and in
  /// files of before).
  Index epochs = 0, twin_epochs = 0, best_epoch = 0, twin_best_epoch = 0;
  double least_loss = std::numeric_limits<double>::quiet_NaN(), twin_least_loss = least_loss;
  std::string text;  ///< the comparison in words
};

/// As members "search" and "twin" of a network file's description, which may lack both.
void write_lambda_search(JsonWriter& out, const LambdaSearch& search);
void write_twin_facts(JsonWriter& out, const TwinFacts& twin);
LambdaSearch read_lambda_search(const JsonReader& in);
TwinFacts read_twin_facts(const JsonReader& in);

}  // namespace riata
