#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/model/findings.hpp"
#include "riata/report/fit_facts.hpp"

namespace riata {

/// Rows of like predicted probability, and how often the class was there.
struct CalibrationBin {
  double predicted = 0, observed = 0;  ///< means
  double standard_error = 0;           ///< √(observed (1 − observed) Σw²)/Σw
  Index n = 0;
};

/// At most ten bins of nearly equal numbers of rows, by increasing prediction; rows of equal prediction stay together. Here
/// and below `observed` of the rows is 0 or 1, rows count by their weights, and errors do not depend on the weights' unit.
std::vector<CalibrationBin> calibration_bins(const RowFacts& rows);

/// Slope and level of the probabilities; the slope's error is that of weighted estimating equations, (A⁻¹BA⁻¹)^½ with A = Σ
/// w p(1 − p)zzᵀ and B = Σ w² p(1 − p)zzᵀ. Nothing where they separate the classes, or hardly differ.
std::optional<Calibration> calibration_of(const RowFacts& rows);

/// "The probabilities are too timid: …", a sentence or two.
std::string calibration_words(const Calibration& calibration);

/// Shares of the others and of the class that are above a threshold, from (0, 0) to (1, 1); equal predictions move together.
struct RocPoint {
  double false_positive = 0, true_positive = 0;
};
std::vector<RocPoint> roc(const RowFacts& rows);

/// Area under the ROC curve, ties counted half, with the standard error of DeLong, DeLong & Clarke-Pearson (1988).
struct Area {
  double value = 0, standard_error = 0;
};
Area area_under(const RowFacts& rows);

}  // namespace riata
