#include "riata/app/compare_command.hpp"

#include <algorithm>
#include <array>

#include "riata/app/option.hpp"

namespace riata {

std::vector<std::pair<std::string, std::string>> command_options(const CompareSpec& spec) {
  constexpr std::array kOfTheContest = {"target",  "hidden", "epochs", "lambdas",     "lambda-min-ratio", "select",
                                        "measure", "folds",  "seed",   "fold-column", "group-column",     "folds-in-time"};
  auto out = recorded_options(spec);
  std::erase_if(out, [&](const auto& one) {
    const bool seeds_a_network = one.first == "seed" && !spec.hidden.empty();
    return !seeds_a_network && std::ranges::find(kOfTheContest, one.first) != kOfTheContest.end();
  });
  return out;
}

std::string command_path(const Table& table) { return table.source == "standard input" ? "-" : table.source; }

}  // namespace riata
