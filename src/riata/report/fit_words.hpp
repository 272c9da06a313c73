#pragma once

#include <string>
#include <utility>
#include <vector>

#include "riata/model/model.hpp"

namespace riata {

// What the text and the page say alike about a fit.

/// "1 row", "1,234 rows"
std::string plural(Index n, const std::string& noun);

/// Recorded options as they are given: "--folds 5 --folds-in-time --no-standardize"
std::string option_words(const std::vector<std::pair<std::string, std::string>>& options);

/// "lasso (l1)", "logistic regression, lasso (l1)"
std::string penalty_words(const Model& model);

/// "mean squared error"
std::string measure_words(const std::string& measure);

/// "chosen by min: the least cross-validated error"; where larger is better, "the largest cross-validated auc".
std::string rule_words(const std::string& rule, const std::string& measure);
std::string rule_words(const Model& model, const std::string& rule);

/// "probability of yes (else no)"; empty for a target of numbers.
std::string class_words(const Model& model);

/// "100 λ from 45 to 0.0045, certified: relative gap ≤ 3e-16, KKT violation ≤ 3e-16 (newton)"
std::string certified_words(const Model& model);

/// "10 folds, mean squared error"
std::string validated_words(const ModelCrossValidation& cv);

/// The point of the path where this error, which one at least has, is the least.
const ModelPoint& least_by(const Model& model, std::optional<double> ModelPoint::*error);

/// A non-zero coefficient: on the original scale, and per standard deviation of its feature.
struct Coefficient {
  Index feature;
  double value, standardized;
};

/// What coefficients add to (HTML): "the prediction", "the log-odds of yes".
std::string raised_words(const Model& model);

/// Largest effect (per standard deviation) first.
std::vector<Coefficient> by_effect(const Model& model, const SparseCoefficients& coefficients);

}  // namespace riata
