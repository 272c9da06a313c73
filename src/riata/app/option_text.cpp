#include "riata/app/option_text.hpp"

#include <charconv>
#include <cmath>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr const char* kBeyondDouble = " is out of range: numbers lie between 5e-324 and 1.8e308";

[[noreturn]] void refuse(std::string_view option, const std::string& message) {
  throw Error(ErrorKind::argument, std::string(option) + ": " + message);
}

/// A number, but not one that T can hold?
template <class T>
bool beyond_range(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc::result_out_of_range && end == text.data() + text.size();
}

}  // namespace

std::string in_quotes(std::string_view value) { return "'" + printable(value) + "'"; }

std::vector<std::string> split_list(std::string_view text, std::string_view option) {
  std::vector<std::string> items(1);
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && inside && i + 1 < text.size() && text[i + 1] == '"') {
      items.back() += text[++i];
    } else if (c == '"' && (inside || items.back().empty())) {
      inside = !inside;
    } else if (c == ',' && !inside) {
      items.emplace_back();
    } else {
      items.back() += c;
    }
  }
  if (inside) refuse(option, "a quote is not closed in " + in_quotes(text));
  for (const std::string& item : items) {
    if (item.empty()) refuse(option, "an entry is empty in " + in_quotes(text) + "; separate entries by single commas");
  }
  return items;
}

std::string join_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ',';
    if (item.find_first_of(",\"") == std::string::npos) {
      out += item;
      continue;
    }
    out += '"';
    for (char c : item) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  return out;
}

template <>
double parse_number<double>(std::string_view text, std::string_view option) {
  const auto value = parse_double(text);
  if (value) return *value;
  if (beyond_range<double>(text)) refuse(option, std::string(text) + kBeyondDouble);
  refuse(option, in_quotes(text) + " is not a number; write it like 0.5 or 1e-3");
}

template <>
Index parse_number<Index>(std::string_view text, std::string_view option) {
  const auto value = parse_index(text);
  if (value) return *value;
  if (beyond_range<Index>(text)) refuse(option, std::string(text) + " is out of range");
  refuse(option, in_quotes(text) + " is not a whole number");
}

template <>
std::string number_text<double>(double value) {
  return to_text(value);
}

template <>
std::string number_text<Index>(Index value) {
  return std::to_string(value);
}

std::pair<std::string, double> parse_assignment(std::string_view text, std::string_view option) {
  if (const auto of_all = parse_double(text); of_all && !std::isnan(*of_all)) return {"", *of_all};
  if (beyond_range<double>(text)) refuse(option, std::string(text) + kBeyondDouble);
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) {
    refuse(option, in_quotes(text) + " does not say NAME=VALUE");
  }
  const std::string_view number = text.substr(equals + 1);
  const auto value = parse_double(number);
  if (beyond_range<double>(number)) refuse(option, std::string(text) + kBeyondDouble);
  if (!value || std::isnan(*value)) {
    refuse(option, in_quotes(number) + " is not a number (in " + in_quotes(text) + ")");
  }
  return {std::string(text.substr(0, equals)), *value};
}

std::string assignments_text(const std::vector<std::pair<std::string, double>>& assignments) {
  std::vector<std::string> items;
  items.reserve(assignments.size());
  for (const auto& [name, value] : assignments) items.push_back((name.empty() ? "" : name + "=") + to_text(value));
  return join_list(items);
}

Index parse_memory(std::string_view text, std::string_view option) {
  if (text == "auto") return 0;
  Index unit = 1;
  std::string_view digits = text;
  constexpr std::string_view kUnits = "KMGT";
  if (!digits.empty()) {
    const std::size_t power = kUnits.find(digits.back());
    if (power != std::string_view::npos) {
      unit = Index{1} << (10 * (power + 1));
      digits.remove_suffix(1);
    }
  }
  const auto value = parse_index(digits);
  if (!value || *value < 1 || *value > (Index{1} << 62) / unit) {
    refuse(option, in_quotes(text) + " is not an amount of memory; give auto, lean, or bytes like 8000000000 or 8G");
  }
  return *value * unit;
}

std::string memory_text(Index bytes) { return bytes == 0 ? "auto" : std::to_string(bytes); }

std::string not_in_this_version(const std::string& what, const std::string& offered) {
  return what + ": not in this version" + (offered.empty() ? "" : "; it has " + offered);
}

std::string unknown_choice(const std::string& option, std::string_view value, const std::string& offered,
                           const std::vector<std::string>& all) {
  return option + ": " + in_quotes(value) + " is not a choice" + did_you_mean(value, all) + "; give one of " + offered;
}

}  // namespace riata
