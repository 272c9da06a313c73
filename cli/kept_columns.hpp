#pragma once

#include <string>
#include <vector>

#include "riata/app/run.hpp"
#include "riata/data/dataset.hpp"
#include "session.hpp"

namespace riata::cli {

/// What a table is read with for a prediction: the model's categories as text, and so columns that are only copied, which
/// keep their spelling ("007", "1.50").
std::vector<std::string> columns_as_text(const PredictSpec& spec, const Coding& coding, const std::string& offset,
                                         std::vector<std::string> categories);

/// Gives copied columns that were read as numbers the spelling they have in a file of text, by reading it once more. What
/// comes from the standard input is gone.
void keep_spelling(const PredictSpec& spec, const std::string& path, const Table& table, Session& session,
                   Predictions& predictions);

}  // namespace riata::cli
