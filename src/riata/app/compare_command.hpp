#pragma once

#include <string>
#include <utility>
#include <vector>

#include "riata/app/spec.hpp"
#include "riata/data/table.hpp"

namespace riata {

/// What `riata fit` or `train` has to be told as well to use the same columns and network: not what the contest decides.
std::vector<std::pair<std::string, std::string>> command_options(const CompareSpec& spec);

/// The table's name in a command.
std::string command_path(const Table& table);

}  // namespace riata
