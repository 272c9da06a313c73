#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// The shortest decimal text that reads back as the same number; "inf", "-inf", "nan". Locale-free.
std::string to_text(double value);

/// The whole of `text` as a number ("1e-3", "inf"), or nothing. No blanks, no locale, no hexadecimal.
std::optional<double> parse_double(std::string_view text);
std::optional<Index> parse_index(std::string_view text);

/// At most three of `names` that are near to `wanted` by edit distance (letter case ignored), nearest first.
std::vector<std::string> close_names(std::string_view wanted, std::span<const std::string> names);

/// " (did you mean 'a' or 'b'?)", or nothing when no name is near.
std::string did_you_mean(std::string_view wanted, std::span<const std::string> names);

/// The text as one word of a POSIX shell: in single quotes where it holds more than letters, digits and _@%+=:,./-
std::string shell_word(std::string_view text);

/// Text from outside made fit for a terminal: control characters, bidirectional marks and invalid UTF-8 become U+FFFD.
std::string printable(std::string_view text);

/// Columns that UTF-8 text takes on a terminal: combining marks 0, East Asian wide characters and emoji 2.
Index display_width(std::string_view text);

/// The text cut to at most `width` columns, with "…" at the end where it was cut.
std::string shortened(std::string_view text, Index width);

}  // namespace riata
