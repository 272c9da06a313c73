#include "riata/report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr Index kWidestGap = 3;
constexpr Index kIndent = 2;
constexpr Index kNarrowest = 8;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string padded(const std::string& text, Index width, bool right) {
  const std::string blanks(at(std::max<Index>(0, width - display_width(text))), ' ');
  return right ? blanks + text : text + blanks;
}

/// Columns before the decimal point (or before an exponent, a blank, the end).
Index integer_part(const std::string& text) { return display_width(text.substr(0, text.find_first_of(".e "))); }

}  // namespace

void TextTable::add_column(std::string heading, Align align, bool may_shrink) {
  columns_.push_back({std::move(heading), align, may_shrink});
}

void TextTable::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void TextTable::align_decimals(std::vector<std::vector<std::string>>& rows) const {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].align != Align::decimal) continue;
    Index before = 0, total = 0;
    for (const auto& row : rows) before = std::max(before, integer_part(row[c]));
    for (auto& row : rows) {
      if (!row[c].empty()) row[c] = std::string(at(before - integer_part(row[c])), ' ') + row[c];
      total = std::max(total, display_width(row[c]));
    }
    for (auto& row : rows) row[c] = padded(row[c], total, false);
  }
}

std::vector<Index> TextTable::widths(Index width, const std::vector<std::vector<std::string>>& rows, Index& gap) const {
  std::vector<Index> out;
  Index total = kIndent;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Index widest = display_width(columns_[c].heading);
    for (const auto& row : rows) widest = std::max(widest, display_width(row[c]));
    out.push_back(widest);
    total += widest;
  }
  const Index n_gaps = std::ssize(columns_) - 1;
  gap = kWidestGap;
  while (gap > 1 && total + gap * n_gaps > width) --gap;
  total += gap * n_gaps;
  for (std::size_t c = 0; c < columns_.size() && total > width; ++c) {
    if (!columns_[c].may_shrink) continue;
    const Index narrower = std::max(kNarrowest, out[c] - (total - width));
    total -= std::max<Index>(0, out[c] - narrower);
    out[c] = std::min(out[c], narrower);
  }
  return out;
}

std::string TextTable::lines(Index width, bool colour) const {
  std::vector<std::vector<std::string>> rows = rows_;
  align_decimals(rows);
  Index gap = kWidestGap;
  const std::vector<Index> wide = widths(width, rows, gap);
  const auto line = [&](auto cell) {
    std::string out(at(kIndent), ' ');
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) out += std::string(at(gap), ' ');
      out += padded(shortened(cell(c), wide[c]), wide[c], columns_[c].align != Align::left);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  std::string out;
  if (std::any_of(columns_.begin(), columns_.end(), [](const Column& c) { return !c.heading.empty(); })) {
    out = dim(line([&](std::size_t c) { return columns_[c].heading; }), colour) + "\n";
  }
  for (const auto& row : rows) out += line([&](std::size_t c) { return row[c]; }) + "\n";
  return out;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "–" : value > 0 ? "inf" : "-inf";
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size < 1e-4 || size >= 1e7) return fmt::format("{:.{}e}", value, digits - 1);
  const int exponent = static_cast<int>(std::floor(std::log10(size)));
  return fmt::format("{:.{}f}", value, std::max(0, digits - 1 - exponent));
}

std::string percent(double share, int decimals) {
  return std::isfinite(share) ? fmt::format("{:.{}f} %", 100 * share, decimals) : "–";
}

std::string plus_minus(double mean, double error) {
  std::string text = significant(mean);
  if (!std::isfinite(error)) return text;
  const std::size_t point = text.find('.');
  if (text.find('e') != std::string::npos) return text + " ± " + significant(error, 2);
  const auto decimals = point == std::string::npos ? 0 : text.size() - point - 1;
  return text + " ± " + fmt::format("{:.{}f}", error, decimals);
}

std::string magnitude(double value) {
  if (!std::isfinite(value)) return "–";
  return value == 0 ? "0" : fmt::format("{:.0e}", value);
}

std::string grouped(Index value) {
  std::string out = std::to_string(value);
  for (std::ptrdiff_t i = std::ssize(out) - 3; i > (value < 0 ? 1 : 0); i -= 3) out.insert(at(i), ",");
  return out;
}

std::string bold(const std::string& text, bool colour) { return colour ? "\x1b[1m" + text + "\x1b[0m" : text; }
std::string dim(const std::string& text, bool colour) { return colour ? "\x1b[2m" + text + "\x1b[0m" : text; }

std::string labelled(const std::string& label, const std::string& text, Index indent, Index width, bool colour) {
  std::string out = "  " + dim(padded(label, indent - 2, false), colour);
  Index column = indent;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    const bool first = column == indent;
    if (!first && column + 1 + display_width(word) > width) {
      out += "\n" + std::string(at(indent), ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += display_width(word);
    start = end + 1;
  }
  return out + "\n";
}

}  // namespace riata
