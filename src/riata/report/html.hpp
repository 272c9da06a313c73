#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"

namespace riata::html {

/// Text from outside made inert: control characters and bidirectional marks become U+FFFD, markup characters are escaped.
/// Fit for text and for quoted attributes.
std::string text(std::string_view outside);

/// A name in an element that keeps its direction of writing to itself.
std::string name(std::string_view outside);

/// `<data value="0.08077692">0.08078</data>`: the shown digits, and the number as the JSON has it. NaN is a dash.
std::string number(double value, int digits = 4);
std::string number(Index value);
std::string share(double value, int decimals = 1);
std::string plus_minus(double mean, double error);

/// "591102.5" → "591,102.5": from five digits before the point on.
std::string in_threes(std::string shown);

/// A command from outside, made inert: its lines break between words only.
std::string code(std::string_view command);

/// The words of finished HTML, for a terminal.
std::string plain(std::string_view html);

/// JSON that can stand in a script element: no character of markup is left in it.
std::string json(const nlohmann::ordered_json& value);

std::string paragraph(const std::string& content, std::string_view css_class = "");

/// Text from outside as a sentence: it begins with a capital and ends with a full stop.
std::string sentence(std::string_view outside);

/// A section under a heading; `content` is finished HTML.
std::string section(const std::string& id, const std::string& heading, const std::string& content);

/// The box of what must be read first: finished sentences under a label. Empty without any.
std::string brief(const std::string& label, const std::vector<std::string>& sentences);
std::string warnings(const std::vector<std::string>& sentences);

/// A line of a list `<dl class="facts">`.
std::string fact(const std::string& label, const std::string& content);

/// Rows of finished cells under headings; the first column is left-aligned, as are those in `words`.
struct Table {
  std::string id, caption;
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row_classes;  ///< empty, or one a row
  std::vector<std::size_t> words;        ///< columns of text
  bool cards = false;                    ///< on a phone a card a row, with the headings beside the values
};
std::string table(const Table& table);

}  // namespace riata::html
