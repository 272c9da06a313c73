#pragma once

#include <string_view>

namespace riata::io {

/// A field of text as a number.
struct ParsedNumber {
  enum class Kind { number, missing, too_large, comma, text };
  Kind kind = Kind::text;
  double value = 0;
};

/// Blanks around it are ignored. number: digits with decimal point and exponent, "inf", "infinity" in any case; what is too
/// small for a float64 is 0. missing: a token of kMissingTokens. comma: would be a number but for decimal or thousands
/// commas.
ParsedNumber parse_number(std::string_view field);

/// true or false ("true", "True", "TRUE", …): 1 or 0; else −1.
int parse_boolean(std::string_view field);

}  // namespace riata::io
