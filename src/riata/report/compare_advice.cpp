#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/compare_advice.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr double kManyIrrelevant = 0.5;
constexpr double kLeastIrrelevant = 0.1;  // features to a row: k of them cost about k/n of the noise's variance
constexpr double kManyReplaceable = 0.1;
constexpr double kNoise = 2;  // standard errors of a paired difference within which it is no difference
constexpr double kFewDirections = 0.25;
constexpr double kCollinear = 30;  // condition number from which on least squares loses its footing (Belsley, Kuh & Welsch)

/// Of the features that the lasso keeps, the share that has a stand-in.
double replaceable(const CompareFacts& facts) {
  const auto lasso = std::ranges::find(facts.candidates, "l1", &Candidate::penalty);
  if (lasso == facts.candidates.end() || lasso->n_nonzero == 0) return 0;
  Index kept = 0;
  for (const GroupFacts& group : facts.measured.groups) kept += std::ranges::count(group.kept, true);
  return static_cast<double>(kept) / static_cast<double>(lasso->n_nonzero);
}

/// Whether so many features look irrelevant that they cost something.
bool irrelevant_ones_cost(const CompareFacts& facts) {
  const double irrelevant = facts.measured.share_irrelevant * static_cast<double>(facts.feature_names.size());
  return irrelevant >= kLeastIrrelevant * static_cast<double>(facts.n_samples);
}

/// Where features stand in for each other l1 leaves most of them out, relevant or not: whether it keeps at most half as many
/// as the directions that are left explain.
bool irrelevant_beyond_collinearity(const Measured& measured) {
  return 1 - measured.share_irrelevant <= (1 - kManyIrrelevant) * measured.collinearity.independence;
}

bool has_signal(const CompareFacts& facts) {
  const Candidate& best = facts.candidates[facts.best];
  if (facts.measure == "auc") return !(facts.null_error >= best.mean - best.standard_error);
  return !(facts.null_error <= best.mean + best.standard_error);
}

/// What the rule of thumb takes among equals, and why.
std::pair<std::string, std::string> rule_of_thumb(const CompareFacts& facts, const std::vector<std::string>& equals) {
  const auto among = [&](const char* name) { return std::ranges::find(equals, name) != equals.end(); };
  if (!has_signal(facts) && among("l2")) return {"l2", "where there is no signal, l2 makes the least of the noise"};
  const Measured& measured = facts.measured;
  const bool cost = irrelevant_ones_cost(facts) || !among("l2");  // where l2 is beaten, leaving out has paid
  std::string irrelevant = "l1 leaves out " + percent(measured.share_irrelevant, 0) + " of the features";
  if (measured.collinearity.independence < kFewDirections) {
    const std::string collinear = "the features are collinear (they vary in " +
                                  percent(measured.collinearity.independence, 0) +
                                  " of the directions that independent ones would)";
    if (cost && irrelevant_beyond_collinearity(measured) && among("elastic-net")) {
      return {"elastic-net", collinear + ", which asks for l2, and " + irrelevant +
                                 ", more than collinearity explains, which speaks for zeros: elastic-net is both"};
    }
    if (among("l2")) return {"l2", collinear + ", which l2 takes best"};
  }
  if (measured.share_irrelevant >= kManyIrrelevant && !cost) {
    irrelevant += ", too few for " + grouped(facts.n_samples) + " rows to suffer from";
  } else if (measured.share_irrelevant >= kManyIrrelevant) {
    if (replaceable(facts) >= kManyReplaceable && among("elastic-net")) {
      return {"elastic-net",
              irrelevant + ", and " + percent(replaceable(facts), 0) +
                  " of those that it keeps have a correlated stand-in, so that its choice among them is arbitrary"};
    }
    if (among("l1")) return {"l1", irrelevant + ", and the error does not tell that they are needed"};
    if (among("elastic-net")) return {"elastic-net", irrelevant + ", and the l1 part of elastic-net can do so too"};
  }
  if (among("l2")) {
    const double condition = measured.collinearity.condition_number;
    if (condition >= kCollinear) {
      const std::string how =
          std::isinf(condition) ? "some are exact combinations of others" : "condition number " + significant(condition, 2);
      return {"l2", "the features are collinear (" + how + "), which l2 takes best"};
    }
    return {"l2", "l2 is the default where nothing speaks for exact zeros (" + irrelevant + ")"};
  }
  if (among("elastic-net")) return {"elastic-net", "l2, the default, is not among them, and elastic-net has a part of it"};
  if (among("l1")) return {"l1", "l2, the default, is not among them, and a penalty is safer than none"};
  return {equals.front(), "it is the only one left"};
}

/// What a model of fewer features than the advised one costs: nothing that can be told where it is among the tied.
std::string shorter_words(const CompareFacts& facts, const Candidate& advised) {
  const std::string too_few = grouped(facts.n_samples) + " rows are too few to tell the tied ones apart by error.";
  const auto shortest = [&](bool tied) {
    const Candidate* out = &advised;
    for (const Candidate& one : facts.candidates) {
      if (one.penalty == "none") continue;  // one level of each category less, which leaves no feature out
      if ((within_noise(one) || !tied) && one.n_nonzero < out->n_nonzero) out = &one;
    }
    return out;
  };
  if (const Candidate* one = shortest(true); one != &advised) {
    return fmt::format("If you prefer a shorter list of features, take {}: {} instead of {}; {}", one->penalty,
                       grouped(one->n_nonzero), grouped(advised.n_nonzero), too_few);
  }
  const Candidate* one = shortest(false);
  if (one == &advised) return "None of the tied uses fewer features; " + too_few;
  return fmt::format("If a shorter list of features is worth some error: {} uses {} instead of {}, at {} {} {} than the {}.",
                     one->penalty, grouped(one->n_nonzero), grouped(advised.n_nonzero),
                     plus_minus(std::abs(one->difference), one->difference_error), facts.measure == "auc" ? "less" : "more",
                     measure_words(facts.measure), best_word(facts));
}

std::string what_would_change(const CompareFacts& facts, const Advice& advice) {
  if (!has_signal(facts)) return "More rows or other features would change this; another penalty will not.";
  const Candidate& best = facts.candidates[facts.best];
  const auto advised = std::ranges::find(facts.candidates, advice.penalty, &Candidate::penalty);
  if (advice.tie) return shorter_words(facts, *advised);
  const auto second = std::ranges::min_element(facts.candidates, {}, [&](const Candidate& one) {
    return one.penalty == best.penalty ? HUGE_VAL : std::abs(one.difference);
  });
  const bool fewer = second->n_nonzero < advised->n_nonzero;
  const std::string wanted = fewer ? "fewer features are" : second->penalty + " is";
  const std::string uses = fewer ? fmt::format(" ({} uses {} instead of {})", second->penalty, grouped(second->n_nonzero),
                                               grouped(advised->n_nonzero))
                                 : "";
  return "If " + wanted + " wanted for other reasons" + uses + ", it costs " + significant(std::abs(second->difference), 3) +
         " in " + measure_words(facts.measure) + ".";
}

/// What makes `riata fit` fit the advised penalty.
std::string command_words(const CompareFacts& facts, const Candidate& one) {
  std::string out = "riata fit " + shell_word(facts.path) + " --target " + shell_word(facts.target);
  if (!facts.options.empty()) out += " " + option_words(facts.options);
  out += " --penalty " + one.penalty;
  if (one.penalty == "elastic-net") out += " --l1-ratio " + l1_ratio_words(one.l1_ratio);
  if (one.penalty != "none") out += " --lambda " + significant(one.lambda);
  return out + " --model model.json";
}

Ranking ranking_of(const CompareFacts& facts) {
  Ranking out;
  for (const Candidate& one : facts.candidates) {
    if (within_noise(one)) out.equals.push_back(one.penalty);
    const bool other = one.penalty != facts.candidates[facts.best].penalty;
    if (other && (out.second == nullptr || std::abs(one.difference) < std::abs(out.second->difference))) out.second = &one;
  }
  out.signal = has_signal(facts);
  return out;
}

}  // namespace

bool within_noise(const Candidate& one) { return !(std::abs(one.difference) > kNoise * one.difference_error); }

const char* best_word(const CompareFacts& facts) { return facts.measure == "auc" ? "largest" : "least"; }

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

std::string tie_words(const CompareFacts& facts, const Ranking& ranking, const std::string& why) {
  std::vector<std::string> names;
  for (const std::string& one : ranking.equals) {
    const auto candidate = std::ranges::find(facts.candidates, one, &Candidate::penalty);
    names.push_back(facts.hidden.empty() ? one : candidate_words(facts, *candidate));
  }
  const Candidate& best = facts.candidates[facts.best];
  return fmt::format(
      "A tie: {} differ by no more than two standard errors (the {} {} is {}), so a rule of thumb decides: {}.",
      listed(names), best_word(facts), measure_words(facts.measure), plus_minus(best.mean, best.standard_error), why);
}

Advice advise(const CompareFacts& facts) {
  Advice out;
  const Candidate& best = facts.candidates[facts.best];
  const Ranking ranking = ranking_of(facts);
  if (!facts.hidden.empty()) return advise_network(facts, ranking);
  out.tie = ranking.equals.size() > 1;
  out.penalty = best.penalty;
  const std::string measure = measure_words(facts.measure);
  if (!out.tie) {
    std::string sentence = fmt::format("Use {}: its {} is the {}, {}", best.penalty, measure, best_word(facts),
                                       plus_minus(best.mean, best.standard_error));
    if (ranking.second != nullptr) {
      sentence += fmt::format("; the next, {}, is worse by {} fold by fold", ranking.second->penalty,
                              plus_minus(std::abs(ranking.second->difference), ranking.second->difference_error));
    }
    out.text.push_back(sentence + ".");
  } else {
    const auto [penalty, why] = rule_of_thumb(facts, ranking.equals);
    out.penalty = penalty;
    out.text.push_back("Use " + penalty + ". " + tie_words(facts, ranking, why));
  }
  if (!ranking.signal) {
    out.text.push_back(
        fmt::format("No signal: with no feature at all the {} is {}, which no penalty beats beyond the noise.", measure,
                    significant(facts.null_error)));
  }
  out.text.push_back(what_would_change(facts, out));
  out.text.push_back("Next: " +
                     command_words(facts, *std::ranges::find(facts.candidates, out.penalty, &Candidate::penalty)));
  return out;
}

}  // namespace riata
