#include "riata/io/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "riata/data/missing.hpp"

namespace riata::io {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Of a number beyond float64's range: is it tiny? Decimal exponent of its first digit that is not 0.
bool underflows(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  double exponent = 0;
  if (e + 1 < text.size()) {
    std::string_view digits = text.substr(e + 1);
    const bool negative = digits.front() == '-';
    if (digits.front() == '-' || digits.front() == '+') digits.remove_prefix(1);
    for (char c : digits) exponent = exponent * 10 + (c - '0');
    if (negative) exponent = -exponent;
  }
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const double place = first < point ? static_cast<double>(point - first - 1) : -static_cast<double>(first - point);
  return place + exponent < 0;
}

bool would_be_number_without_commas(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return false;
  std::string bare;
  for (char c : text) {
    if (c == ',') continue;
    if (!is_digit(c) && std::string_view(".+-eE").find(c) == std::string_view::npos) return false;
    bare += c;
  }
  return !bare.empty() && std::any_of(bare.begin(), bare.end(), is_digit) &&
         parse_number(bare).kind != ParsedNumber::Kind::text;
}

}  // namespace

ParsedNumber parse_number(std::string_view field) {
  using Kind = ParsedNumber::Kind;
  field = trimmed(field);
  if (is_missing_token(field)) return {Kind::missing, std::numeric_limits<double>::quiet_NaN()};
  std::string_view text = field;
  if (text.front() == '+' && text.size() > 1 && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end == text.data() + text.size() && error != std::errc::invalid_argument) {
    if (error == std::errc{}) return {std::isnan(value) ? Kind::missing : Kind::number, value};
    if (underflows(text.front() == '-' ? text.substr(1) : text)) return {Kind::number, 0.0};
    return {Kind::too_large, 0};
  }
  return {would_be_number_without_commas(field) ? Kind::comma : Kind::text, 0};
}

int parse_boolean(std::string_view field) {
  field = trimmed(field);
  if (field == "true" || field == "True" || field == "TRUE") return 1;
  return field == "false" || field == "False" || field == "FALSE" ? 0 : -1;
}

}  // namespace riata::io
