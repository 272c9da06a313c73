#pragma once

#include <string>
#include <vector>

#include "riata/report/fit_facts.hpp"

namespace riata {

/// The answer in a few sentences (HTML): which λ and why, how many features, how sure, what to try next.
std::vector<std::string> fit_brief(const FitFacts& facts);

/// What the reader must know before relying on the result (HTML), besides the model's own warnings.
std::vector<std::string> fit_cautions(const FitFacts& facts);

}  // namespace riata
