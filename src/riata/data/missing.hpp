#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace riata {

/// What stands for a missing value in text, in every format alike. NaN and nulls are missing too.
inline constexpr std::array<std::string_view, 16> kMissingTokens = {
    "", "NA", "N/A", "n/a", "na", "<NA>", "#N/A", "NaN", "nan", "NAN", "-nan", "NULL", "null", "Null", "?", "."};

inline bool is_missing_token(std::string_view text) {
  return text.size() <= 4 && std::find(kMissingTokens.begin(), kMissingTokens.end(), text) != kMissingTokens.end();
}

}  // namespace riata
