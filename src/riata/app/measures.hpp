#pragma once

#include <string>
#include <vector>

#include "riata/data/table.hpp"
#include "riata/report/evaluate_facts.hpp"

namespace riata {

/// Predictions beside the truth, row by row.
struct JudgedRows {
  std::vector<double> y;         ///< numbers, or codes of the classes
  std::vector<double> mean;      ///< numbers: what is predicted
  std::vector<double> deviance;  ///< twice the loss, less its least: for the squared loss the squared error
  std::vector<double> wrong;     ///< classes: 1 where the likeliest class is not the true one
  std::vector<double> weights;
  Index n_classes = 0;  ///< 0: numbers
};

/// Measures with 95 % confidence intervals for independent rows, the model taken as fixed. Numbers: mse, mae, r2, deviance;
/// classes: deviance, error (the share of rows whose likeliest class is not the true one).
std::vector<MeasuredValue> measures_of(const JudgedRows& rows);
std::string method_of(Index n_classes);

/// The weights column at these rows, or ones. Throws Error(input) unless they are finite, not negative, not all zero.
std::vector<double> judged_weights(const Table& table, const std::string& column, const std::vector<Index>& rows);

}  // namespace riata
