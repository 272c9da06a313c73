#pragma once

#include <string>

#include "riata/report/compare_facts.hpp"
#include "riata/report/page.hpp"

namespace riata {

// The figures of a comparison. Each has its own caption, which says what was left out.

/// A dot a penalty, with an error bar to either side of it; a dashed line at `rule` unless that is NaN.
Chart interval_chart(const CompareFacts& facts, const std::string& id, const std::string& title, const std::string& caption,
                     double Candidate::*value, double Candidate::*error, double rule);
/// The weights that are not zero, a stroke each.
Chart weights_chart(const CompareFacts& facts);
/// How often the lasso chooses a feature from half of the rows.
Chart stability_chart(const CompareFacts& facts);
/// Losses of rows left out by epoch, a line a network.
Chart curves_chart(const CompareFacts& facts);

}  // namespace riata
