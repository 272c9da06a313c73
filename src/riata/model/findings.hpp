#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "riata/core/json_writer.hpp"
#include "riata/model/json_reader.hpp"

namespace riata {

/// A feature the chosen model has, and those that are so correlated with it that they could stand in for it.
struct StandIns {
  struct Other {
    Index feature;
    double correlation;
  };
  Index feature = 0;
  Index n_others = 0;
  std::vector<Other> others;  ///< the closest, kMost or fewer
  static constexpr std::size_t kMost = 12;
};

/// A feature the chosen model has that has one value in all but a few rows.
struct RareFeature {
  Index feature = 0, n_rows = 0;  ///< rows that differ
};

/// How errors change with the prediction, by fifths of the rows in its order.
struct ErrorShape {
  /// Mean error of the outer two fifths less that of the inner three, errors freed of their straight trend in the prediction
  /// (which a penalty alone causes), in standard errors.
  double bend = 0;
  double bend_size = 0;      ///< the same in standard deviations of the errors
  double growth = 1;         ///< mean absolute error of the last fifth over that of the first
  double growth_errors = 0;  ///< their difference in standard errors
  bool positive = false;     ///< every response is

  /// Worth a warning: large, and beyond chance (decision 0381).
  bool bends() const { return std::abs(bend) > 4 && std::abs(bend_size) > 0.1; }
  bool funnels() const { return std::max(growth, 1 / growth) > 2 && std::abs(growth_errors) > 3; }
};

/// How far predicted probabilities can be trusted: `slope` is that of a logistic regression of the class on the predicted
/// log-odds (Cox 1958, Biometrika 45), 1 where they are right; `observed_error` is what the observed share would scatter by
/// if they were.
struct Calibration {
  Index n_rows = 0;
  double slope = 1, slope_error = 0;
  double predicted = 0, observed = 0, observed_error = 0;  ///< means over the rows

  enum class Verdict { trustworthy, too_extreme, too_timid, too_high, too_low, unclear };
  /// Beyond two standard errors, and by a tenth at least (decision 0550).
  Verdict verdict() const;
  bool misleads() const { return verdict() != Verdict::trustworthy && verdict() != Verdict::unclear; }
};
const char* to_string(Calibration::Verdict verdict);  ///< "too extreme"

/// What the rows say of the chosen model, kept because a model file has no rows. What was not looked for is absent.
struct Findings {
  std::vector<RareFeature> rare;                   ///< largest effect first
  std::optional<std::vector<StandIns>> stand_ins;  ///< likewise
  double least_correlation = 0;                    ///< from which size on a feature is a stand-in
  std::optional<ErrorShape> shape;                 ///< of a regression
  std::optional<Calibration> calibration;          ///< of two classes
};

/// As a model file has them. Reading checks every value: Error(input).
void write_calibration(JsonWriter& out, const Calibration& one);
Calibration read_calibration(const JsonReader& in);
void write_findings(JsonWriter& out, const Findings& findings);
Findings read_findings(const JsonReader& in, Index n_features);

}  // namespace riata
