#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "riata/data/dataset.hpp"
#include "riata/model/findings.hpp"
#include "riata/path/path.hpp"

namespace riata {

/// One λ of the fitted path, as the model keeps it. Coefficients on the original scale, indices into `feature_names`.
struct ModelPoint {
  double lambda = 0;
  double intercept = 0;
  Index n_nonzero = 0;
  std::optional<SparseCoefficients> coefficients;  ///< nothing where a huge path keeps them for the chosen λ only
  double objective = 0;
  double deviance_ratio = 0;
  double degrees_of_freedom = 0;
  Certificate certificate;
  Status status = Status::converged;
  std::optional<double> gcv_error = std::nullopt;            ///< ridge by one factorisation
  std::optional<double> leave_one_out_error = std::nullopt;  ///< the same, without folds only
};

struct ModelCrossValidation {
  Index n_folds = 0;
  std::string measure;
  std::vector<double> mean, standard_error;  ///< a value per λ
  Index index_min = 0, index_1se = 0;
  std::vector<double> selection_frequency;  ///< per feature at the selected λ; empty without a selection
};

/// What was chosen, and by what: a SelectionRule's name, or "given" where there was one λ only.
struct ModelSelection {
  std::string rule;
  Index index = 0;
};

/// The fitted thing: all that prediction, evaluation and the model card need; what a model file holds.
struct Model {
  std::string riata;                                         ///< version that fitted it
  std::vector<std::pair<std::string, std::string>> options;  ///< that differ from their defaults
  std::string source;                                        ///< name of the table it was fitted on (no folder)
  Coding coding;
  std::vector<std::string> feature_names;  ///< of the coded columns
  std::string target, weights_column, offset_column;
  std::vector<std::string> classes;  ///< class targets: the second is the one whose probability is modelled; else empty
  Index n_samples = 0;
  double total_weight = 0;
  double null_deviance = 0;  ///< per unit weight
  std::string loss, penalty, objective, solver;
  double l1_ratio = 0;
  bool standardize = true, intercept = true;
  std::vector<double> standard_deviation;  ///< of the coded columns, weighted 1/n
  std::vector<ModelPoint> path;            ///< by decreasing λ
  std::optional<ModelCrossValidation> cross_validation;
  std::optional<ModelSelection> selected;  ///< nothing after an interrupt before the choice
  Status status = Status::converged;
  std::vector<std::string> warnings;
  Findings findings;  ///< of the selected λ
};

constexpr int kModelFormat = 3;  ///< 2: with the classes of the target; 3: with findings

/// The model file: JSON text with a version and a checksum, no timings, the same bytes for the same model
/// (docs/model-file.md).
std::string write_model(const Model& model);

/// The model a file's bytes hold. `source` names the file in errors. Every count, index, shape and value is checked, and
/// nesting and size are bounded before anything is allocated: any bytes give a Model or an Error(input).
Model read_model(std::string_view bytes, const std::string& source);

/// Checksum line of a model file's bytes: XXH3-64 of the bytes with the sixteen digits themselves set to 0.
std::string model_checksum(std::string bytes, std::size_t digits_at);

}  // namespace riata
