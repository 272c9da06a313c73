#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// Text forms of option values, one way and back. `option` names the option in error messages; all errors are
/// Error(argument).

/// "a,b,\"c,d\"" → a | b | c,d. A name that holds a comma or a quote is quoted, quotes doubled. No empty entries.
std::vector<std::string> split_list(std::string_view text, std::string_view option);
std::string join_list(const std::vector<std::string>& items);

/// Double or Index.
template <class T>
T parse_number(std::string_view text, std::string_view option);
template <class T>
std::string number_text(T value);

/// "NAME=V": the last "=" counts, because a coded column is called "col=level". "V" alone is for all
/// features: its name is empty.
std::pair<std::string, double> parse_assignment(std::string_view text, std::string_view option);
std::string assignments_text(const std::vector<std::pair<std::string, double>>& assignments);

/// "auto", or bytes, with K, M, G or T for powers of 1024. 0 for "auto".
Index parse_memory(std::string_view text, std::string_view option);
std::string memory_text(Index bytes);

std::string not_in_this_version(const std::string& what, const std::string& offered);
std::string unknown_choice(const std::string& option, std::string_view value, const std::string& offered,
                           const std::vector<std::string>& all);

/// Text from outside in quotes, fit for a terminal.
std::string in_quotes(std::string_view value);

}  // namespace riata
