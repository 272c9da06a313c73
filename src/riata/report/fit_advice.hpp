#pragma once

#include <string>
#include <vector>

#include "riata/report/fit_facts.hpp"

namespace riata {

/// The answer in a few sentences (HTML): which λ and why, how many features, how sure, what to try next.
std::vector<std::string> fit_brief(const FitFacts& facts);

/// What this model's features and errors make doubtful (HTML), besides the model's own warnings.
std::vector<std::string> fit_findings(const FitFacts& facts);

/// The findings, and what holds for every choice of λ and of features.
std::vector<std::string> fit_cautions(const FitFacts& facts);

}  // namespace riata
