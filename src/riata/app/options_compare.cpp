#include <algorithm>
#include <string_view>

#include "riata/app/network_options.hpp"
#include "riata/app/option_groups.hpp"

namespace riata {
namespace {

/// Options of fit that compare has no use for: what they choose is compared, or chosen inside.
bool is_compared(const std::string& name) {
  constexpr std::string_view kOwn[] = {"--penalty", "--l1-ratio",      "--lambda",     "--lambda-scale", "--solver",
                                       "--l1-step", "--learning-rate", "--iterations", "--strict",       "--model"};
  return std::ranges::find(kOwn, name) != std::end(kOwn);
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

void add_network(std::vector<Option<CompareSpec>>& table) {
  const std::string group = "The contest on one network";
  Option<CompareSpec> hidden = rows::base<CompareSpec>(
      {"--hidden", "64,32", group,
       "units of each hidden layer: a network trained to the end, stopped early, under l2, AdamW's decay and l1",
       "none: linear models"},
      Option<CompareSpec>::Kind::value, "sizes from 1");
  hidden.set = [](CompareSpec& spec, std::string_view value) { spec.hidden = parse_sizes(value, "--hidden"); };
  hidden.get = [](const CompareSpec& spec) { return sizes_text(spec.hidden); };
  add(table, hidden);
  add(table, activation_row<CompareSpec>(group, &CompareSpec::activation));
  add(table, rows::number<Index, CompareSpec>({"--epochs", "N", group, "passes over the training rows", "100"},
                                              &CompareSpec::epochs, {.low = 1, .high = 1e9}));
  add(table, rows::number<Index, CompareSpec>({"--batch-size", "N", group, "rows a step; 0: all", "0"},
                                              &CompareSpec::batch_size, {.low = 0, .high = 1e12}));
  add(table, rows::number<double, CompareSpec>({"--learning-rate", "A", group, "length of a step", "0.01"},
                                               &ModelSpec::learning_rate, kPositive));
  add(table, precision_row<CompareSpec>(group, &CompareSpec::precision));
  add(table,
      rows::text<CompareSpec>({"--checkpoint", "DIR", group, "a folder for the trainings that are finished"},
                              &CompareSpec::checkpoint),
      false);
  add(table,
      rows::flag<CompareSpec>({"--resume", "", group, "train only what is not in that folder: the same result, bit by bit"},
                              &CompareSpec::resume),
      false);
}

std::vector<Option<CompareSpec>> compare_rows() {
  std::vector<Option<CompareSpec>> table;
  for (const Option<FitSpec>& row : options<FitSpec>()) {
    if (row.name() == "--tolerance") add_network(table);
    if (!is_compared(row.name())) table.push_back(adapted(row));
  }
  for (const Option<FitSpec>& row : options<FitSpec>()) {
    if (is_compared(row.name()) && row.name() != "--learning-rate")
      table.push_back(rows::later<CompareSpec>({row.names, row.value, "Not in this version", row.help}));
  }
  return table;
}

}  // namespace

template <>
const std::vector<Option<CompareSpec>>& options<CompareSpec>() {
  static const std::vector<Option<CompareSpec>> kTable = compare_rows();
  return kTable;
}

}  // namespace riata
