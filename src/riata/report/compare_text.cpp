#include <algorithm>
#include <cmath>
#include <numeric>

#include "riata/core/text.hpp"
#include "riata/report/compare_advice.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr Index kLabel = 14;
constexpr std::size_t kMostGroups = 8;
constexpr std::size_t kMostNames = 6;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string contest_section(const CompareFacts& facts, const TextStyle& style) {
  using Align = TextTable::Align;
  TextTable table;
  table.add_column("penalty", Align::left);
  table.add_column("λ", Align::decimal);
  if (!facts.hidden.empty()) table.add_column("epochs", Align::right);
  table.add_column(facts.measure + " ± se", Align::decimal);
  table.add_column(difference_words(facts), Align::decimal);
  table.add_column("non-zero", Align::right);
  table.add_column("Σw²", Align::decimal);
  table.add_column("Σ|w|", Align::decimal);
  table.add_column("", Align::left);
  for (std::size_t c = 0; c < facts.candidates.size(); ++c) {
    const Candidate& one = facts.candidates[c];
    std::string mark = one.penalty == facts.advice.penalty ? "◀ advised" : "";
    if (c == facts.best) mark += std::string(mark.empty() ? "" : ", ") + best_word(facts);
    std::vector<std::string> cells = {candidate_words(facts, one), one.lambda > 0 ? significant(one.lambda) : "–"};
    if (!facts.hidden.empty()) cells.push_back(grouped(one.epochs));
    for (const std::string& cell :
         {plus_minus(one.mean, one.standard_error), c == facts.best ? "–" : plus_minus(one.difference, one.difference_error),
          grouped(one.n_nonzero), significant(one.sum_of_squares), significant(one.sum_of_absolutes), mark}) {
      cells.push_back(cell);
    }
    table.add_row(std::move(cells));
  }
  const std::string share = share_words(facts);
  return "\n" + bold("Contest", style.colour) +
         dim(facts.hidden.empty() ? "  nested: λ is chosen without the rows it is judged on; differences fold by fold"
                                  : "  λ and epochs are chosen without the rows judged on; differences fold by fold",
             style.colour) +
         "\n" + table.lines(style.width, style.colour) +
         (share.empty() ? "" : labelled("", printable(share), 2, style.width, style.colour));
}

std::string moves_section(const CompareFacts& facts, const TextStyle& style) {
  using Align = TextTable::Align;
  TextTable table;
  const bool network = !facts.hidden.empty();
  table.add_column("penalty", Align::left);
  if (!network) table.add_column("coefficients move", Align::decimal);
  for (const char* heading : {"predictions move", "largest |w|", "median |w|", "seconds"}) {
    table.add_column(heading, Align::decimal);
  }
  for (const Candidate& one : facts.candidates) {
    const WeightSizes sizes = weight_sizes(one);
    std::vector<std::string> cells = {candidate_words(facts, one)};
    if (!network) cells.push_back(percent(one.coefficient_variation));
    for (const std::string& cell : {percent(one.prediction_variation), significant(sizes.largest), significant(sizes.median),
                                    significant(one.seconds, 2)}) {
      cells.push_back(cell);
    }
    table.add_row(std::move(cells));
  }
  return "\n" + bold("From fold to fold", style.colour) +
         dim(network ? "  spread over the folds' mean; weights that are not zero"
                     : "  spread over the folds' mean; weights per sd, non-zero ones",
             style.colour) +
         "\n" + table.lines(style.width, style.colour);
}

std::string groups_words(const CompareFacts& facts) {
  const auto& groups = facts.measured.groups;
  if (groups.empty()) return "none with a correlation of " + significant(facts.measured.least_correlation, 2) + " or more";
  std::string out =
      plural(std::ssize(groups), "group") + " (correlation ≥ " + significant(facts.measured.least_correlation, 2) + "): ";
  for (std::size_t g = 0; g < std::min(groups.size(), kMostGroups); ++g) {
    const GroupFacts& group = groups[g];
    out += g > 0 ? "; " : "";
    std::vector<std::size_t> order(group.features.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_partition(order, [&](std::size_t i) { return group.kept[i]; });
    for (std::size_t i = 0; i < std::min(order.size(), kMostNames); ++i) {
      out += (i > 0 ? ", " : "") + facts.feature_names[at(group.features[order[i]])];
      out += group.kept[order[i]] ? " (l1 keeps it, in " + percent(group.in_folds[order[i]], 0) + " of folds)" : "";
    }
    if (order.size() > kMostNames) out += " and " + grouped(std::ssize(order) - static_cast<Index>(kMostNames)) + " more";
  }
  if (groups.size() > kMostGroups) out += "; and " + grouped(std::ssize(groups) - static_cast<Index>(kMostGroups)) + " more";
  return out;
}

std::string stability_words(const CompareFacts& facts) {
  const Stability& stability = facts.measured.stability;
  std::vector<std::size_t> stable;
  for (std::size_t j = 0; j < stability.frequency.size(); ++j) {
    if (stability.frequency[j] >= stability.threshold) stable.push_back(j);
  }
  std::ranges::stable_sort(stable,
                           [&](std::size_t a, std::size_t b) { return stability.frequency[a] > stability.frequency[b]; });
  std::string out = stable.empty() ? "no feature" : plural(std::ssize(stable), "feature");
  for (std::size_t i = 0; i < std::min(stable.size(), kMostNames); ++i)
    out += (i == 0 ? ": " : ", ") + facts.feature_names[stable[i]];
  if (stable.size() > kMostNames) out += " …";
  return out + "; chosen by l1 in at least " + percent(stability.threshold, 0) + " of " + grouped(2 * stability.pairs) +
         " half samples, at most " + significant(stability.expected_false, 2) + " of them expected to be false";
}

std::string measured_section(const CompareFacts& facts, const TextStyle& style) {
  const auto line = [&](const std::string& label, const std::string& words) {
    return labelled(label, printable(words), kLabel, style.width, style.colour);
  };
  const Measured& measured = facts.measured;
  std::string out = "\n" + bold("Measured", style.colour) + "\n";
  std::string collinear =
      "not measured: more than " + grouped(kMostForEigenvalues) + " rows and features, or none that varies";
  if (!std::isnan(measured.collinearity.condition_number)) {
    const double condition = measured.collinearity.condition_number;
    collinear = (std::isinf(condition) ? "some features are exact combinations of others (condition number infinite)"
                                       : "condition number " + significant(condition, 3)) +
                "; the features vary in " + significant(measured.collinearity.effective_dimension, 3) +
                " directions, independent ones would in " +
                significant(measured.collinearity.effective_dimension / measured.collinearity.independence, 3) + " (" +
                percent(measured.collinearity.independence, 0) + ")";
  }
  out += line("collinear", collinear);
  out += line("correlated", groups_words(facts));
  out += line("left out", percent(measured.share_irrelevant, 0) + " of the features, by l1 in at least half of the folds");
  return out + line("stable", stability_words(facts));
}

}  // namespace

std::string compare_text(const CompareFacts& facts, const TextStyle& style) {
  const std::string left = "riata compare", right = printable(facts.source) + " → " + printable(facts.target);
  std::string out = bold(left, style.colour) + "  " + shortened(right, style.width - display_width(left) - 2) + "\n";
  out += labelled("data", plural(facts.n_samples, "row") + ", " + plural(std::ssize(facts.feature_names), "feature"), kLabel,
                  style.width, style.colour);
  if (!facts.hidden.empty())
    out += labelled("network", printable(contest_network_words(facts)), kLabel, style.width, style.colour);
  out += labelled("judged on",
                  plural(facts.n_folds, "fold") + ", " + measure_words(facts.measure) +
                      (facts.hidden.empty() ? "; λ by " + facts.rule
                                            : "; choices by the " +
                                                  std::string(facts.rule == "1se" ? "1se rule on the loss" : "least loss")) +
                      "; with no feature " + significant(facts.null_error),
                  kLabel, style.width, style.colour);
  out += contest_section(facts, style) + moves_section(facts, style);
  if (facts.hidden.empty()) out += measured_section(facts, style);
  out += "\n" + bold("Advice", style.colour) + "\n";
  for (const std::string& sentence : facts.advice.text) {  // a command is not broken over lines
    out += sentence.starts_with("Next: ") ? "  " + printable(sentence) + "\n"
                                          : labelled("", printable(sentence), 2, style.width, style.colour);
  }
  if (!facts.warnings.empty()) {
    out += "\n" + bold("Warnings", style.colour) + "\n";
    for (const std::string& warning : facts.warnings) out += labelled("•", printable(warning), 4, style.width, style.colour);
  }
  return out +
         dim("\n  read " + significant(facts.seconds_read, 2) + " s, compare " + significant(facts.seconds, 2) + " s\n",
             style.colour);
}

}  // namespace riata
