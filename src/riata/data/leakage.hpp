#pragma once

#include <string>
#include <vector>

#include "riata/data/dataset.hpp"

namespace riata {

/// Warnings about a data set that would train, but perhaps not as meant: a constant target; a feature that is the target up
/// to scale and shift (|correlation| ≥ 1 − 1e-10), or that counts the rows.
std::vector<std::string> suspicions(const Dataset& dataset, const Context& context);

}  // namespace riata
