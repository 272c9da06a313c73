#pragma once

#include <string>
#include <utility>
#include <vector>

#include "riata/report/fit_facts.hpp"
#include "riata/selection/collinearity.hpp"
#include "riata/selection/contest.hpp"
#include "riata/selection/stability.hpp"

namespace riata {

/// Losses by epoch, means over the folds' networks.
struct LossCurves {
  std::vector<double> training, validation;
};

/// How one penalty did. Coefficients are those of the fit on all rows, in the units that are penalised (per standard
/// deviation where features are standardised).
struct Candidate {
  std::string penalty;
  std::string objective;  ///< in symbols
  double l1_ratio = 0, lambda = 0;
  double l1_share = 0;                          ///< what l1_ratio is where the response has unit variance (decision 0251)
  double mean = 0, standard_error = 0;          ///< nested cross-validation
  double difference = 0, difference_error = 0;  ///< from the best, fold by fold
  Index n_nonzero = 0;
  double sum_of_squares = 0, sum_of_absolutes = 0;
  std::vector<double> weights;  ///< the non-zero coefficients
  double intercept = 0;
  SparseCoefficients coefficients;  ///< the same on the original scale
  std::vector<double> fold_errors;
  /// Root mean square over folds of the distance to their mean, over the size of that mean: of the coefficient vectors, and
  /// of the predictions.
  double coefficient_variation = 0, prediction_variation = 0;
  std::optional<RuleChoice> other;  ///< what the other of min and 1se comes to; linear models with a λ
  double seconds = 0;
  // Networks alone. `penalty` is none (trained to the end), early-stopping, l2, adamw or l1; for adamw λ is its decay.
  Index epochs = 0, n_weights = 0;
  LossCurves curves;
};

/// Correlated features: how often the lasso keeps each of them.
struct GroupFacts {
  std::vector<Index> features;      ///< the one most correlated with the response first
  std::vector<double> correlation;  ///< with the first
  std::vector<bool> kept;           ///< by the lasso on all rows
  std::vector<double> in_folds, in_halves;
};

struct Measured {
  Collinearity collinearity;
  double least_correlation = 0;  ///< from which size on features are a group
  std::vector<GroupFacts> groups;
  Index n_looked_at = 0;        ///< features that could lead a group
  double share_irrelevant = 0;  ///< features that the lasso leaves out in at least half of the folds
  Stability stability;
};

struct Advice {
  std::string penalty;
  bool tie = false;
  std::vector<std::string> text;  ///< sentences; the last is "Next: " and a command
};

struct CompareFacts {
  std::string source, target, loss, measure, rule;
  std::string path;  ///< the table as it was given, for commands
  std::vector<std::string> feature_names;
  Index n_samples = 0, n_folds = 0;
  std::vector<Index> hidden;  ///< of the network; empty: linear models
  Index epochs = 0;           ///< of a network that is not stopped
  std::vector<std::pair<std::string, std::string>>
      options;  ///< of the columns and the network, for `riata fit` or `train` too
  bool standardize = true, intercept = true;
  double null_error = 0;  ///< of predicting with no feature, on the same folds
  std::vector<Candidate> candidates;
  std::size_t best = 0;
  Measured measured;
  Advice advice;
  std::vector<std::string> warnings;
  Status status = Status::converged;
  double seconds_read = 0, seconds = 0;
};

/// "over the best", or for a measure that is to be large "to the best".
const char* difference_words(const CompareFacts& facts);

/// "1se" where λ is chosen by min, and the other way round.
std::string other_rule(const CompareFacts& facts);

/// Its weights, largest size first, at most `most`.
std::vector<double> largest_weights(const Candidate& one, std::size_t most);
inline constexpr std::size_t kMostWeights = 300;  ///< that are drawn, and that the JSON has of a network

/// Sizes of the weights that are not zero.
struct WeightSizes {
  double largest = 0, median = 0;
};
WeightSizes weight_sizes(const Candidate& one);

/// The one that is advised.
const Candidate& advised(const CompareFacts& facts);

/// "trained to the end" for a network's none, "elastic-net 0.5" by its share, else the penalty's name.
std::string candidate_words(const CompareFacts& facts, const Candidate& one);

/// What the number in elastic-net's name is, with an option at its end; empty where it is the l1_ratio, or elastic-net is
/// not there.
std::string share_words(const CompareFacts& facts);

/// "10 → 32 → 1, 100 epochs"
std::string contest_network_words(const CompareFacts& facts);

/// What the numbers say, in sentences (docs/comparing.md). Ties are paired differences within two standard errors.
Advice advise(const CompareFacts& facts);

std::string compare_json(const CompareFacts& facts);
std::string compare_text(const CompareFacts& facts, const TextStyle& style);
std::string compare_html(const CompareFacts& facts);

}  // namespace riata
