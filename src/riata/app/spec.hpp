#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "riata/data/dataset.hpp"
#include "riata/kernels/layers.hpp"
#include "riata/model/network_model.hpp"
#include "riata/path/path.hpp"
#include "riata/selection/selection.hpp"

namespace riata {

enum class Header { automatic, yes, no };
enum class OutputFormat { text, json };
enum class LossChoice { automatic, squared, logistic };
enum class PenaltyChoice { none, l1, l2, elastic_net, lassonet };  // lassonet: of networks alone
enum class LambdaScale { mean, sum, batch };
enum class MeasureChoice { deviance, mse, mae, error, auc };
enum class PredictionType { response, link, class_label };

/// A value for a feature, by the name of a table's column (all its coded columns) or of a coded column ("col=level").
using Assignments = std::vector<std::pair<std::string, double>>;

/// What every command has: how tables are read and what the run may use.
struct RunSpec {
  Header header = Header::automatic;
  std::string encoding = "utf-8";
  Index threads = 0;        ///< 0: all cores
  Index memory_budget = 0;  ///< bytes; 0: automatic
  bool lean = false;        ///< --memory lean
  OutputFormat format = OutputFormat::text;
  bool quiet = false;
  bool verbose = false;
};

/// What fit and train share: parts of the columns, loss, penalty, choice of λ, results. Defaults are the contract's.
struct ModelSpec : RunSpec {
  std::string target;
  std::vector<std::string> features, exclude, categorical;
  std::string weights, offset;
  MissingPolicy missing = MissingPolicy::error;
  LossChoice loss = LossChoice::automatic;

  std::optional<PenaltyChoice> penalty;  ///< default l2; empty: nothing was chosen, which the report says
  std::optional<double> l1_ratio;        ///< elastic-net alone; default 0.5
  std::vector<double> lambdas;           ///< as given, on `lambda_scale`
  std::optional<Index> n_lambdas;        ///< default 100
  std::optional<double> lambda_min_ratio;
  LambdaScale lambda_scale = LambdaScale::mean;
  Assignments penalty_factor, lower, upper;
  bool standardize = true;
  bool intercept = true;

  std::optional<Index> folds;  ///< default 10; with one λ 0
  std::string fold_column, group_column;
  bool folds_in_time = false;
  std::optional<SelectionRule> select;   ///< default 1se
  std::optional<MeasureChoice> measure;  ///< default deviance

  std::optional<double> learning_rate;
  Index seed = 0;

  std::string model;   ///< file to write; empty: none
  std::string report;  ///< page to write; empty: none
};

/// `riata fit`: everything that the result depends on, save the table.
struct FitSpec : ModelSpec {
  SolverKind solver = SolverKind::automatic;
  double tolerance = 1e-6;
  Index max_iterations = 0;  ///< 0: the solver's own bound
  bool strict = false;
  std::optional<L1Step> l1_step;
  std::optional<Index> iterations;
};

/// Which of a model's λ: one of the path's values, or the choice of a rule.
struct LambdaChoice {
  enum class Rule { selected, min, one_standard_error, value };
  Rule rule = Rule::selected;
  double value = 0;
};

struct PredictSpec : RunSpec {
  LambdaChoice lambda;
  PredictionType type = PredictionType::response;
  UnseenPolicy unseen = UnseenPolicy::error;
  std::vector<std::string> keep;
  std::string output = "-";
};

struct EvaluateSpec : RunSpec {
  LambdaChoice lambda;
  UnseenPolicy unseen = UnseenPolicy::error;
  std::string target, weights;  ///< default: the model's
};

struct InspectSpec : RunSpec {
  LambdaChoice lambda;
};

/// `riata compare`: a FitSpec whose penalty and λ are what is compared.
/// With hidden layers it is a network that is held back in several ways.
struct CompareSpec : FitSpec {
  std::vector<Index> hidden;
  Activation activation = Activation::relu;
  std::optional<Index> epochs, batch_size;  ///< default: those of train
  Precision precision = Precision::float32;
  std::string checkpoint;
  bool resume = false;
};

struct ReportSpec : RunSpec {
  std::string output;  ///< "-": the standard output
};

}  // namespace riata
