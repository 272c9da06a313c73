#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <ranges>

#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/report/compare_charts.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/page.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr std::size_t kMostGroups = 40, kMostMembers = 12, kMostCoefficients = 300;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string contest_table(const CompareFacts& facts) {
  html::Table table{.id = "contest",
                    .caption = facts.hidden.empty()
                                   ? "The same folds for all; λ (and the mixture) chosen without the rows it is judged on. "
                                     "“Move”: the spread from fold to fold over the size of the mean"
                                   : "The same folds and the same start for all; λ (for adamw its decay) and epochs "
                                     "chosen without the rows judged on. “Move”: the spread from fold to fold "
                                     "over the size of the mean",
                    .headings = {"penalty", "λ", html::text(facts.measure) + " ± se", difference_words(facts), "non-zero",
                                 "Σw²", "Σ|w|", facts.hidden.empty() ? "coefficients move" : "epochs", "predictions move"},
                    .rows = {},
                    .row_classes = {},
                    .words = {},
                    .cards = true};
  for (std::size_t c = 0; c < facts.candidates.size(); ++c) {
    const Candidate& one = facts.candidates[c];
    const bool advised = one.penalty == facts.advice.penalty;
    table.rows.push_back({candidate_words(facts, one) + (advised ? " ◀ advised" : ""),
                          one.lambda > 0 ? html::number(one.lambda) : "–", html::plus_minus(one.mean, one.standard_error),
                          c == facts.best ? "–" : html::plus_minus(one.difference, one.difference_error),
                          html::number(one.n_nonzero), html::number(one.sum_of_squares), html::number(one.sum_of_absolutes),
                          facts.hidden.empty() ? html::share(one.coefficient_variation) : html::number(one.epochs),
                          html::share(one.prediction_variation)});
    table.row_classes.emplace_back(advised ? "chosen" : "");
  }
  return html::table(table);
}

/// Of the advised model on all rows, largest effect first.
std::string coefficients_table(const CompareFacts& facts) {
  const Candidate& one = advised(facts);
  html::Table table{.id = "advised",
                    .caption = "Coefficients that are not zero, largest effect first",
                    .headings = {"feature", "coefficient"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  if (facts.standardize) table.headings.emplace_back("per sd");
  std::vector<std::size_t> order(one.weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return std::abs(one.weights[i]); });
  for (const std::size_t i : order | std::views::take(kMostCoefficients)) {
    table.rows.push_back(
        {html::name(facts.feature_names[at(one.coefficients.indices[i])]), html::number(one.coefficients.values[i])});
    if (facts.standardize) table.rows.back().push_back(html::number(one.weights[i]));
  }
  std::string out = table.rows.empty() ? html::paragraph("None is left.") : html::table(table);
  if (order.size() > kMostCoefficients) {
    out += html::paragraph(fmt::format("The {} largest of {}; --format json has all.",
                                       html::number(static_cast<Index>(kMostCoefficients)), html::number(std::ssize(order))),
                           "note");
  }
  return facts.intercept ? out + html::paragraph("Intercept: " + html::number(one.intercept), "note") : out;
}

std::string groups_table(const CompareFacts& facts) {
  html::Table table{.id = "groups",
                    .caption = "Groups, the feature most correlated with the target first",
                    .headings = {"group", "l1 keeps", "others"},
                    .rows = {},
                    .row_classes = {},
                    .words = {1, 2}};
  const auto& groups = facts.measured.groups;
  for (std::size_t g = 0; g < std::min(groups.size(), kMostGroups); ++g) {
    const GroupFacts& group = groups[g];
    std::string kept, others;
    std::size_t n_kept = 0, n_others = 0;
    for (std::size_t i = 0; i < group.features.size(); ++i) {
      if (++(group.kept[i] ? n_kept : n_others) > kMostMembers) continue;
      (group.kept[i] ? kept : others) += "<div>" + html::name(facts.feature_names[at(group.features[i])]) + " (" +
                                         html::share(group.in_folds[i], 0) + " of folds, " +
                                         html::share(group.in_halves[i], 0) + " of halves)</div>";
    }
    const auto rest = [](std::size_t n) {
      return n > kMostMembers ? "<div>and " + html::number(static_cast<Index>(n - kMostMembers)) + " more</div>" : "";
    };
    kept += rest(n_kept);
    others += rest(n_others);
    table.rows.push_back({html::number(static_cast<Index>(g + 1)), kept.empty() ? "none" : kept, others});
  }
  std::string out = html::paragraph(
      "Features with a correlation of at least " + html::number(facts.measured.least_correlation, 2) +
      " in size stand in for each other: which of them l1 keeps may be close to arbitrary. Folds share most "
      "of their rows, halves far fewer: a feature kept in every fold but in few halves is not to be relied on.");
  out += table.rows.empty() ? html::paragraph("There are none.") : html::table(table);
  if (groups.size() > kMostGroups)
    out += html::paragraph(
        "The first " + std::to_string(kMostGroups) + " of " + html::number(std::ssize(groups)) + " groups.", "note");
  return out;
}

std::string measured_list(const CompareFacts& facts) {
  const Measured& measured = facts.measured;
  std::string out = "<dl class=\"facts\">\n";
  if (std::isnan(measured.collinearity.condition_number)) {
    out += html::fact("collinear", "not measured: more than " + html::number(kMostForEigenvalues) +
                                       " rows and features, or none that varies");
  } else {
    const double condition = measured.collinearity.condition_number;
    out += html::fact("condition number", std::isinf(condition)
                                              ? "infinite: some features are exact combinations of others"
                                              : html::number(condition, 3) + " (standardised; from 30 on collinear)");
    const Collinearity& one = measured.collinearity;
    out +=
        html::fact("independence", html::share(one.independence, 0) + ": the features vary in " +
                                       html::number(one.effective_dimension, 3) + " directions, unrelated ones would in " +
                                       significant(one.effective_dimension / one.independence, 3));
  }
  out +=
      html::fact("left out by l1", html::share(measured.share_irrelevant, 0) +
                                       " of the features, in at least half of the folds: irrelevant, or a stand-in is kept");
  return out + html::fact("correlated groups", html::number(std::ssize(measured.groups))) + "</dl>\n";
}

void add_contest(Page& page, const CompareFacts& facts) {
  const std::string measure = measure_words(facts.measure);
  std::string contest = contest_table(facts);
  if (const std::string share = share_words(facts); !share.empty()) {
    const std::size_t option = share.rfind(" --") + 1;
    contest += html::paragraph(
        "In the table " + html::text(share.substr(0, option)) + html::code(share.substr(option)) + ".", "note");
  }
  contest += "<div class=\"columns\"><div>\n";
  contest +=
      page.add(interval_chart(facts, "error-chart", measure,
                              "On rows left out, one standard error either side; the advised one in the second colour.",
                              &Candidate::mean, &Candidate::standard_error, std::nan("")));
  contest += html::paragraph("With no feature at all: " + html::number(facts.null_error), "note") + "</div><div>\n";
  contest += page.add(interval_chart(facts, "difference-chart", difference_words(facts),
                                     "Differences to the best, fold by fold: what all share cancels. Within two standard "
                                     "errors of zero, twice the bar, is a tie.",
                                     &Candidate::difference, &Candidate::difference_error, 0));
  page.body += html::section("contest-heading", "The contest", contest + "</div></div>\n");
}

void add_measured(Page& page, const CompareFacts& facts) {
  std::string measured = measured_list(facts);
  if (!facts.measured.stability.frequency.empty()) measured += page.add(stability_chart(facts));
  page.body += html::section("measured", "What was measured", measured);
  page.body += html::section("groups-heading", "Correlated features", groups_table(facts));
}

/// What the other rule for λ comes to, beside the one that chose.
std::string rules_table(const CompareFacts& facts) {
  const std::string other = other_rule(facts);
  html::Table table{.id = "rules",
                    .caption = "Had " + other + " chosen λ instead of " + html::text(facts.rule) + ", judged alike",
                    .headings = {"penalty", "λ by " + html::text(facts.rule), "λ by " + other,
                                 html::text(facts.measure) + " ± se by " + other, "non-zero by " + other},
                    .rows = {},
                    .row_classes = {},
                    .words = {},
                    .cards = true};
  for (const Candidate& one : facts.candidates) {
    if (!one.other) continue;
    table.rows.push_back({candidate_words(facts, one), html::number(one.lambda), html::number(one.other->lambda),
                          html::plus_minus(one.other->mean, one.other->standard_error), html::number(one.other->n_nonzero)});
  }
  return table.rows.empty() ? "" : html::table(table);
}

std::string compared(const CompareFacts& facts) {
  const bool network = !facts.hidden.empty();
  std::string out = html::paragraph("Minimised, for each:") + "<dl class=\"facts formulas\">\n";
  for (const Candidate& one : facts.candidates) out += html::fact(candidate_words(facts, one), html::text(one.objective));
  out += "</dl>\n";
  out +=
      html::paragraph(network ? "wᵢ is the weight of a row, w a weight of the network."
                              : std::string("η = β₀ + Xβ, wᵢ the weight of a row, vⱼ a feature’s penalty factor (1 unless "
                                            "given)") +
                                    (facts.standardize ? ", sⱼ its standard deviation" : "") +
                                    (facts.intercept ? "; the intercept β₀ is not penalised." : "."),
                      "note");
  out += "<dl class=\"facts\">\n" + html::fact("table", html::name(facts.source));
  out += html::fact("target", html::name(facts.target));
  out += html::fact(
      "features", html::number(std::ssize(facts.feature_names)) + (facts.standardize ? ", standardised" : ", as they are"));
  if (network) out += html::fact("network", html::text(contest_network_words(facts)));
  out += html::fact("judged on", html::number(facts.n_folds) + " folds, " + html::text(measure_words(facts.measure)));
  const std::string network_rule = facts.rule == "1se" ? "chosen by 1se, on the loss" : "chosen by the least loss";
  out += html::fact("λ", network ? network_rule : html::text(rule_words(facts.rule, facts.measure)));
  const std::string options = option_words(facts.options);
  if (!options.empty()) out += html::fact("options", html::code(options));
  return html::section("compared", "What was compared", out + "</dl>\n" + rules_table(facts));
}

/// The error of the advised model in the unit of the target.
std::string typical_words(const CompareFacts& facts) {
  if (facts.measure != "mse" || !std::isfinite(facts.null_error)) return "";
  const auto root = [](double square) { return html::in_threes(significant(std::sqrt(square))); };
  return "On rows it has not seen its typical error (the root of the mean squared error) is <strong>" +
         root(advised(facts).mean) + "</strong>, against " + root(facts.null_error) + " with no feature at all.";
}

/// The verdict in bold, a command as code.
std::string advice_words(const std::string& sentence) {
  const std::size_t end = sentence.find_first_of(".:");
  if (sentence.starts_with("Use ") && end != std::string::npos)
    return "<strong>" + html::text(sentence.substr(0, end)) + "</strong>" + html::text(sentence.substr(end));
  if (sentence.starts_with("Next: ")) return "Next: " + html::code(sentence.substr(6));
  return html::text(sentence);
}

}  // namespace

std::string compare_html(const CompareFacts& facts) {
  Page page;
  page.title = "riata compare: " + facts.target + " from " + facts.source;
  page.body = "<header>\n<h1>" + std::string(facts.hidden.empty() ? "Which penalty" : "How to hold back a network") +
              " for " + html::name(facts.target) + "?</h1>\n" +
              html::paragraph(html::name(facts.source) + ", " + html::number(facts.n_samples) + " rows, " +
                                  html::number(std::ssize(facts.feature_names)) + " features, " +
                                  html::number(facts.n_folds) + " folds, " +
                                  (facts.hidden.empty() ? "λ by " + html::text(facts.rule)
                                                        : "network " + html::text(contest_network_words(facts))),
                              "under") +
              "</header>\n<main>\n";
  std::vector<std::string> advice, cautions;
  for (const std::string& sentence : facts.advice.text) {
    advice.push_back(advice_words(sentence));
  }
  if (const std::string typical = typical_words(facts); !typical.empty()) advice.insert(advice.begin() + 1, typical);
  for (const std::string& warning : facts.warnings) cautions.push_back(html::sentence(warning));
  page.body += html::brief("Advice", advice) + html::warnings(cautions);
  add_contest(page, facts);
  if (facts.hidden.empty()) {
    page.body += html::section("model", "The advised model: " + html::text(candidate_words(facts, advised(facts))),
                               coefficients_table(facts));
  }
  page.body += html::section("weights", "What the penalties do to the weights", page.add(weights_chart(facts)));
  if (!facts.hidden.empty()) page.body += html::section("curves", "How they learned", page.add(curves_chart(facts)));
  if (facts.hidden.empty()) add_measured(page, facts);
  page.body += compared(facts);
  std::string each;
  for (const Candidate& one : facts.candidates) {
    each += (each.empty() ? "" : ", ") + candidate_words(facts, one) + " " + significant(one.seconds, 2) + " s";
  }
  page.body += fmt::format(
      "</main>\n<footer>riata {} · read {:.3f} s, compare {:.3f} s (on its threads together: {}) · λ is on the mean scale · "
      "this page needs no network and sends nothing</footer>\n",
      version(), facts.seconds_read, facts.seconds, each);
  return write_page(page);
}

}  // namespace riata
