#pragma once

#include <vector>

#include "riata/report/fit_facts.hpp"
#include "riata/report/page.hpp"

namespace riata {

/// Rows of like predicted probability, and how often the class was there.
struct CalibrationBin {
  double predicted = 0, observed = 0;  ///< means
  double standard_error = 0;           ///< √(observed (1 − observed) / n)
  Index n = 0;
};

/// At most ten bins of nearly equal size, by increasing prediction; rows of equal prediction stay together.
std::vector<CalibrationBin> calibration(const RowFacts& rows);

/// Shares of the others and of the class that are above a threshold, from (0, 0) to (1, 1); equal predictions move together.
struct RocPoint {
  double false_positive = 0, true_positive = 0;
};
std::vector<RocPoint> roc(const RowFacts& rows);

/// Area under the curve by the trapezoidal rule: ties count half. NaN without both classes.
double area_under(const std::vector<RocPoint>& curve);

/// Calibration and ROC of predicted probabilities; `observed` is 0 or 1.
std::vector<Chart> class_charts(const RowFacts& rows, const std::string& class_name);

}  // namespace riata
