#include "riata/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace riata {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

/// One decoded character; `valid` is false for a byte that starts no well-formed sequence (then `length` is 1).
struct Character {
  char32_t code = 0;
  std::size_t length = 1;
  bool valid = false;
};

Character decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return {};
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[length] || code > 0x10FFFF || surrogate) return {};
  return {code, length, true};
}

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](Range r) { return code >= r.first && code <= r.last; });
}

/// C0, DEL, C1, line and paragraph separators, bidirectional controls, tags, interlinear marks, BOM, soft hyphen.
bool is_control(char32_t code) {
  constexpr std::array<Range, 12> kRanges = {{{0x00, 0x1F},
                                              {0x7F, 0x9F},
                                              {0xAD, 0xAD},
                                              {0x61C, 0x61C},
                                              {0x180E, 0x180E},
                                              {0x200B, 0x200F},
                                              {0x2028, 0x202E},
                                              {0x2060, 0x206F},
                                              {0xFEFF, 0xFEFF},
                                              {0xFFF9, 0xFFFB},
                                              {0xE0000, 0xE007F},
                                              {0xFFFE, 0xFFFF}}};
  return in(kRanges, code);
}

Index width_of(char32_t code) {
  constexpr std::array<Range, 9> kCombining = {{{0x300, 0x36F},
                                                {0x483, 0x489},
                                                {0x591, 0x5BD},
                                                {0x610, 0x61A},
                                                {0x64B, 0x65F},
                                                {0x1AB0, 0x1AFF},
                                                {0x1DC0, 0x1DFF},
                                                {0x20D0, 0x20FF},
                                                {0xFE00, 0xFE2F}}};
  constexpr std::array<Range, 10> kWide = {{{0x1100, 0x115F},
                                            {0x2E80, 0x303E},
                                            {0x3041, 0xA4CF},
                                            {0xAC00, 0xD7A3},
                                            {0xF900, 0xFAFF},
                                            {0xFE30, 0xFE6F},
                                            {0xFF00, 0xFF60},
                                            {0xFFE0, 0xFFE6},
                                            {0x1F300, 0x1FAFF},
                                            {0x20000, 0x3FFFD}}};
  if (code < 0x300) return 1;
  if (in(kCombining, code)) return 0;
  return in(kWide, code) ? 2 : 1;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Insertions, deletions, replacements and swaps of neighbours (Damerau 1964), each at most once a place.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

template <class T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const char* first = text.data();
  const char* last = first + text.size();
  if (text.size() > 1 && *first == '+' && text[1] != '-' && text[1] != '+') ++first;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc{} || end != last || first == last) return std::nullopt;
  return value;
}

}  // namespace

std::string to_text(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

std::optional<double> parse_double(std::string_view text) { return parse<double>(text); }
std::optional<Index> parse_index(std::string_view text) { return parse<Index>(text); }

std::vector<std::string> close_names(std::string_view wanted, std::span<const std::string> names) {
  constexpr std::size_t kLongest = 200;
  if (wanted.empty() || wanted.size() > kLongest) return {};
  const std::string target = lower_case(wanted);
  std::vector<std::pair<std::size_t, const std::string*>> found;
  for (const std::string& name : names) {
    const std::size_t allowed = std::max<std::size_t>(1, std::max(target.size(), name.size()) / 3);
    if (name.size() > target.size() + allowed || target.size() > name.size() + allowed) continue;
    const std::size_t distance = edit_distance(target, lower_case(name));
    if (distance <= allowed && distance < std::max(target.size(), name.size())) found.emplace_back(distance, &name);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, found.size()); ++i) out.push_back(*found[i].second);
  return out;
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string> names) {
  const std::vector<std::string> close = close_names(wanted, names);
  std::string out;
  for (std::size_t i = 0; i < close.size(); ++i) {
    out += i == 0 ? " (did you mean " : i + 1 == close.size() ? " or " : ", ";
    out += "'" + printable(close[i]) + "'";
  }
  return out.empty() ? out : out + "?)";
}

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Character c = decode(text, i);
    out += !c.valid || is_control(c.code) ? kReplacement : text.substr(i, c.length);
    i += c.length;
  }
  return out;
}

Index display_width(std::string_view text) {
  Index width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = decode(text, i);
    width += c.valid ? width_of(c.code) : 1;
    i += c.length;
  }
  return width;
}

std::string shortened(std::string_view text, Index width) {
  if (display_width(text) <= width) return std::string(text);
  if (width <= 0) return "";
  std::string out;
  Index used = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = decode(text, i);
    used += c.valid ? width_of(c.code) : 1;
    if (used > width - 1) break;
    out += text.substr(i, c.length);
    i += c.length;
  }
  return out + "…";
}

}  // namespace riata
