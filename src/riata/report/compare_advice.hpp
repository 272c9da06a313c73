#pragma once

#include <string>
#include <vector>

#include "riata/report/compare_facts.hpp"

namespace riata {

/// Who won, and who cannot be told from the winner.
struct Ranking {
  std::vector<std::string> equals;    ///< penalties within two standard errors of the best, in their order
  const Candidate* second = nullptr;  ///< the least difference to the best; null where there is one candidate
  bool signal = false;                ///< whether the best beats using no feature by more than its standard error
};

/// "least", or "largest" where that is better.
const char* best_word(const CompareFacts& facts);

/// So many digits that the share of l2 has three.
std::string l1_ratio_words(double l1_ratio);

/// Within two standard errors of the best, fold by fold.
bool within_noise(const Candidate& one);

/// "a, b and c"
std::string listed(const std::vector<std::string>& names);

/// "A tie: …, so a rule of thumb decides: why."
std::string tie_words(const CompareFacts& facts, const Ranking& ranking, const std::string& why);

/// advise() for a contest of networks.
Advice advise_network(const CompareFacts& facts, const Ranking& ranking);

}  // namespace riata
