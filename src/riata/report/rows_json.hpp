#pragma once

#include <vector>

#include "riata/core/json_writer.hpp"
#include "riata/report/calibration.hpp"
#include "riata/report/fit_facts.hpp"

namespace riata {

/// Rows that are drawn: evenly spaced ones in the order of the table, at most a thousand, those with a prediction.
std::vector<std::size_t> drawn_rows(const RowFacts& rows);

/// Corners of the ROC curve that are drawn: evenly spaced ones, at most some four hundred, with both ends.
std::vector<RocPoint> drawn_corners(const RowFacts& rows);

/// How often, by weight, the likelier of two classes is not the one observed.
double share_wrong(const RowFacts& rows);

/// The member "rows": what the figures of the rows show; null where nobody wanted a page.
void write_rows(JsonWriter& out, const std::optional<RowFacts>& rows, bool two_classes);

}  // namespace riata
