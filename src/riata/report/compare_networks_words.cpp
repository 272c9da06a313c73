#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/compare_advice.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

const Candidate* find(const CompareFacts& facts, const char* penalty) {
  const auto found = std::ranges::find(facts.candidates, penalty, &Candidate::penalty);
  return found == facts.candidates.end() ? nullptr : &*found;
}

std::string units(const std::vector<Index>& hidden) {
  std::string out;
  for (const Index one : hidden) out += (out.empty() ? "" : ",") + std::to_string(one);
  return out;
}

/// What makes `riata train` train the advised network.
std::string command_words(const CompareFacts& facts, const Candidate& one) {
  std::string out = fmt::format("riata train {} --target {} --hidden {}", shell_word(facts.path), shell_word(facts.target),
                                units(facts.hidden));
  if (!facts.options.empty()) out += " " + option_words(facts.options);
  if (one.penalty == "l1" || one.penalty == "l2")
    return out + fmt::format(" --penalty {} --lambda {} --epochs {}", one.penalty, significant(one.lambda), one.epochs);
  if (one.penalty == "adamw")
    return out + fmt::format(" --optimizer adamw --weight-decay {} --epochs {}", significant(one.lambda), one.epochs);
  return out + fmt::format(" --epochs {}", one.epochs) + (one.penalty == "early-stopping" ? " --validation 0" : "");
}

/// Whether the unregularised network overfits, as the folds saw it.
std::string overfitting_words(const CompareFacts& facts) {
  const Candidate* plain = find(facts, "none");
  if (plain == nullptr || plain->curves.validation.empty()) return "";
  const std::vector<double>& losses = plain->curves.validation;
  const auto least = std::ranges::min_element(losses);
  const auto epoch = static_cast<Index>(least - losses.begin()) + 1;
  const double rise = losses.back() / *least - 1;
  constexpr double kHovers = 0.02;
  if (epoch >= std::ssize(losses) - std::ssize(losses) / 20)
    return fmt::format(
        "Without regularisation its loss on rows left out is still falling at epoch {}: more --epochs may "
        "change the picture.",
        grouped(std::ssize(losses)));
  if (rise < kHovers)
    return fmt::format(
        "Without regularisation the loss on rows left out is least at epoch {} and stays there to epoch {}: it "
        "hardly overfits.",
        grouped(epoch), grouped(std::ssize(losses)));
  return fmt::format(
      "Trained to the end it overfits: the loss on rows left out is least at epoch {} and {} higher at epoch {}, "
      "while that of the training rows falls {} → {}.",
      grouped(epoch), percent(rise, 0), grouped(std::ssize(losses)),
      significant(plain->curves.training[static_cast<std::size_t>(epoch - 1)]), significant(plain->curves.training.back()));
}

constexpr double kMostlyZero = 0.5;

/// Among equals: l1 where it leaves out most weights at no cost, else l2, the default, then what is nearest to it.
std::pair<std::string, std::string> rule_of_thumb(const CompareFacts& facts, const std::vector<std::string>& equals) {
  const auto among = [&](const char* name) { return std::ranges::find(equals, name) != equals.end(); };
  const Candidate* lasso = find(facts, "l1");
  if (lasso != nullptr && among("l1")) {
    const double zeros =
        1 - static_cast<double>(lasso->n_nonzero) / static_cast<double>(std::max<Index>(1, lasso->n_weights));
    if (zeros >= kMostlyZero) return {"l1", "l1 does as well with " + percent(zeros, 0) + " of the weights exactly zero"};
  }
  if (among("l2")) return {"l2", "l2 is the default where nothing speaks for exact zeros"};
  for (const char* name : {"adamw", "early-stopping", "l1"}) {
    if (among(name)) return {name, "l2, the default, is not among them, and holding back is safer than not"};
  }
  return {equals.front(), "it is the only one left"};
}

}  // namespace

std::string l1_ratio_words(double l1_ratio) {
  const double rest = 1 - l1_ratio;
  std::string out = significant(l1_ratio, rest > 0 ? std::max(4, 3 - static_cast<int>(std::floor(std::log10(rest)))) : 4);
  if (out.find('.') != std::string::npos && out.find('e') == std::string::npos)
    out.erase(std::max(out.find_last_not_of('0'), out.find('.') + 1) + 1);
  return out;
}

std::string candidate_words(const CompareFacts& facts, const Candidate& one) {
  if (one.penalty == "elastic-net") return one.penalty + " " + l1_ratio_words(one.l1_share);
  if (facts.hidden.empty()) return one.penalty;
  return one.penalty == "none" ? "trained to the end" : one.penalty == "early-stopping" ? "stopped early" : one.penalty;
}

std::string share_words(const CompareFacts& facts) {
  const auto one = std::ranges::find(facts.candidates, "elastic-net", &Candidate::penalty);
  if (one == facts.candidates.end()) return "";
  const std::string share = l1_ratio_words(one->l1_share), ratio = l1_ratio_words(one->l1_ratio);
  return share == ratio ? ""
                        : "elastic-net's " + share + " is the share of l1 for a target of unit variance; in the units of " +
                              facts.target + " it is --l1-ratio " + ratio;
}

std::string contest_network_words(const CompareFacts& facts) {
  std::string out = grouped(std::ssize(facts.feature_names));
  for (const Index one : facts.hidden) out += " → " + grouped(one);
  return out + " → output, " + plural(facts.epochs, "epoch");
}

Advice advise_network(const CompareFacts& facts, const Ranking& ranking) {
  Advice out;
  const Candidate& best = facts.candidates[facts.best];
  const std::string measure = measure_words(facts.measure);
  out.tie = ranking.equals.size() > 1;
  out.penalty = best.penalty;
  if (!out.tie) {
    std::string sentence = fmt::format("Use {}: its {} is the {}, {}", candidate_words(facts, best), measure,
                                       best_word(facts), plus_minus(best.mean, best.standard_error));
    if (ranking.second != nullptr) {
      sentence += fmt::format("; the next, {}, is worse by {} fold by fold", candidate_words(facts, *ranking.second),
                              plus_minus(std::abs(ranking.second->difference), ranking.second->difference_error));
    }
    out.text.push_back(sentence + ".");
  } else {
    const auto [penalty, why] = rule_of_thumb(facts, ranking.equals);
    out.penalty = penalty;
    out.text.push_back(
        fmt::format("Use {}. {}", candidate_words(facts, *find(facts, penalty.c_str())), tie_words(facts, ranking, why)));
  }
  if (!ranking.signal) {
    out.text.push_back(
        fmt::format("No signal: with no feature at all the {} is {}, which no network beats beyond the noise.", measure,
                    significant(facts.null_error)));
  }
  if (const std::string words = overfitting_words(facts); !words.empty()) out.text.push_back(words);
  const Candidate* advised = find(facts, out.penalty.c_str());
  out.text.emplace_back("riata compare without --hidden shows whether a linear model does as well.");
  out.text.push_back("Next: " + command_words(facts, *advised));
  return out;
}

}  // namespace riata
