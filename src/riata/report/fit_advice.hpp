#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/model/model.hpp"

namespace riata {

/// The answer in a few sentences (HTML): which λ and why, how many features, how sure, what to try next.
std::vector<std::string> fit_brief(const Model& model);

/// What this model's features and errors make doubtful (HTML), besides the model's own warnings; and what holds for every
/// choice of λ and of features.
std::vector<std::string> fit_cautions(const Model& model);

/// What is to be said of probabilities that do not mislead; empty where nobody looked, or they do (which is a warning).
std::string trust_words(const Model& model);

/// All warnings of the point at `index`, as text: the model's own, and what makes the selected point doubtful.
std::vector<std::string> fit_warnings(const Model& model, std::optional<Index> index);

}  // namespace riata
