#pragma once

#include <string>
#include <vector>

#include "riata/report/fit_facts.hpp"
#include "riata/report/page.hpp"

namespace riata {

/// The section of the rows: residuals, or of two classes calibration and ROC.
std::string rows_section(Page& page, const RowFacts& rows, const std::vector<std::string>& classes);

/// How often the likelier of two classes is not the one observed, and what that is without a model (HTML).
std::string wrong_words(const RowFacts& rows);

}  // namespace riata
