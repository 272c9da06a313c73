#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "riata/app/option.hpp"
#include "riata/core/types.hpp"

namespace riata::cli {

struct HelpRow {
  std::string left, right;
};

struct HelpGroup {
  std::string heading;
  std::vector<HelpRow> rows;
};

/// `riata --help`.
std::string program_help(Index width);

std::string render_help(std::string_view usage, std::string_view summary, const std::vector<HelpGroup>& groups, Index width);

/// `riata fit --help`: the rows of the table, by group. Options that this version refuses are not shown.
template <class Spec>
std::string command_help(std::string_view usage, std::string_view summary, Index width) {
  std::vector<HelpGroup> groups;
  for (const Option<Spec>& row : options<Spec>()) {
    if (row.later) continue;
    if (groups.empty() || groups.back().heading != row.group) groups.push_back({row.group, {}});
    std::string left = row.names;
    for (std::size_t at = left.find(",!"); at != std::string::npos; at = left.find(",!")) left.replace(at, 2, ", ");
    for (std::size_t at = left.find(",-"); at != std::string::npos; at = left.find(",-")) left.replace(at, 1, ", ");
    if (!row.value.empty()) left += " " + row.value;
    std::string right = row.help;
    if (!row.default_text.empty()) right += " [" + row.default_text + "]";
    groups.back().rows.push_back({left, right});
  }
  return render_help(usage, summary, groups, width);
}

}  // namespace riata::cli
