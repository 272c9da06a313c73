#include <algorithm>
#include <string_view>

#include "riata/app/option_groups.hpp"

namespace riata {
namespace {

/// Options of fit that compare has no use for: what they choose is compared, or chosen inside.
bool is_compared(const std::string& name) {
  constexpr std::string_view own[] = {"--penalty", "--l1-ratio",      "--lambda",     "--lambda-scale", "--solver",
                                      "--l1-step", "--learning-rate", "--iterations", "--strict",       "--model"};
  return std::ranges::find(own, name) != std::end(own);
}

Option<CompareSpec> adapted(const Option<FitSpec>& row) {
  Option<CompareSpec> out = rows::base<CompareSpec>({row.names, row.value, row.group, row.help, row.default_text},
                                                    static_cast<Option<CompareSpec>::Kind>(row.kind), row.range);
  out.recorded = row.recorded;
  out.later = row.later;
  out.set = row.set;
  out.get = row.get;
  if (row.name() == "--select") out.default_text = "min";
  return out;
}

std::vector<Option<CompareSpec>> compare_rows() {
  std::vector<Option<CompareSpec>> table;
  for (const Option<FitSpec>& row : options<FitSpec>()) {
    if (!is_compared(row.name())) table.push_back(adapted(row));
  }
  for (const Option<FitSpec>& row : options<FitSpec>()) {
    if (is_compared(row.name()))
      table.push_back(rows::later<CompareSpec>({row.names, row.value, "Not in this version", row.help}));
  }
  table.push_back(rows::later<CompareSpec>({"--hidden", "64,32", "Not in this version", "the contest on one network"}));
  return table;
}

}  // namespace

template <>
const std::vector<Option<CompareSpec>>& options<CompareSpec>() {
  static const std::vector<Option<CompareSpec>> table = compare_rows();
  return table;
}

}  // namespace riata
