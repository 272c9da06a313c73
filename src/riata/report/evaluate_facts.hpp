#pragma once

#include <string>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/report/fit_facts.hpp"

namespace riata {

/// One measure of how good predictions are, with its 95 % confidence interval. Bounds are NaN where one row is too few.
struct MeasuredValue {
  std::string name;
  double value = 0, low = 0, high = 0;
};

struct EvaluateFacts {
  std::string table, target;
  std::string network;  ///< its layers and loss, in words; empty: a linear model
  Index n_samples = 0;
  double lambda = 0;
  std::vector<MeasuredValue> measures;  ///< mse, mae, r2, deviance
  std::string method;                   ///< how the intervals were made
  std::vector<std::string> warnings;
};

std::string evaluate_json(const Model& model, const EvaluateFacts& facts);
std::string evaluate_text(const Model& model, const EvaluateFacts& facts, const TextStyle& style);

}  // namespace riata
