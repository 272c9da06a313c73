#include "riata/report/html.hpp"

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/text_table.hpp"

namespace riata::html {
namespace {

std::string data(const std::string& value, const std::string& shown) {
  return "<data value=\"" + value + "\">" + in_threes(shown) + "</data>";
}

}  // namespace

std::string in_threes(std::string shown) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t first = std::min(shown.find_first_of(kDigits), shown.size());
  const std::size_t end = std::min(shown.find_first_not_of(kDigits, first), shown.size());
  for (std::size_t at = end; end - first > 4 && at - first > 3;) shown.insert(at -= 3, 1, ',');
  return shown;
}

std::string text(std::string_view outside) {
  std::string out;
  for (char c : printable(outside)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string name(std::string_view outside) { return "<bdi>" + text(outside) + "</bdi>"; }

std::string number(double value, int digits) {
  return std::isfinite(value) ? data(to_text(value), significant(value, digits)) : significant(value);
}

std::string number(Index value) { return "<data value=\"" + std::to_string(value) + "\">" + grouped(value) + "</data>"; }

std::string share(double value, int decimals) {
  return std::isfinite(value) ? data(to_text(value), percent(value, decimals)) : percent(value);
}

std::string plus_minus(double mean, double error) {
  const std::string both = riata::plus_minus(mean, error);
  const std::string sign = " ± ";
  const std::size_t at = both.find(sign);
  if (at == std::string::npos) return number(mean);
  return data(to_text(mean), both.substr(0, at)) + sign + data(to_text(error), both.substr(at + sign.size()));
}

std::string code(std::string_view command) {
  std::string out = "<code class=\"command\">";
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find(' ', at), command.size());
    out += (at > 0 ? " <span>" : "<span>") + text(command.substr(at, end - at)) + "</span>";
    at = end + 1;
  }
  return out + "</code>";
}

std::string plain(std::string_view html) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&amp;", '&'}};
  std::string out;
  for (std::size_t at = 0; at < html.size(); ++at) {
    if (html[at] == '<') {
      at = std::min(html.find('>', at), html.size());
      continue;
    }
    const auto entity =
        std::ranges::find_if(kEntities, [&](const auto& one) { return html.substr(at).starts_with(one.first); });
    out += entity == std::end(kEntities) ? html[at] : entity->second;
    if (entity != std::end(kEntities)) at += entity->first.size() - 1;
  }
  return out;
}

std::string json(const nlohmann::ordered_json& value) {
  std::string out;
  for (char c : value.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)) {
    switch (c) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out += c;
    }
  }
  return out;
}

std::string paragraph(const std::string& content, std::string_view css_class) {
  const std::string attribute = css_class.empty() ? "" : " class=\"" + std::string(css_class) + "\"";
  return "<p" + attribute + ">" + content + "</p>\n";
}

std::string section(const std::string& id, const std::string& heading, const std::string& content) {
  return "<section aria-labelledby=\"" + id + "\">\n<h2 id=\"" + id + "\">" + heading + "</h2>\n" + content + "</section>\n";
}

std::string brief(const std::string& label, const std::vector<std::string>& sentences) {
  std::string out = "<section class=\"brief\" aria-label=\"" + label + "\">\n";
  for (const std::string& sentence : sentences) out += paragraph(sentence);
  return out + "</section>\n";
}

std::string sentence(std::string_view outside) {
  std::string out = text(outside);
  if (!out.empty() && out.front() >= 'a' && out.front() <= 'z') out.front() = static_cast<char>(out.front() - 'a' + 'A');
  return out + (out.ends_with('.') || out.ends_with('?') ? "" : ".");
}

std::string warnings(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return "";
  std::string out = "<section class=\"warnings\" aria-label=\"Warnings\">\n<p><strong>Before you rely on it</strong></p>\n";
  for (const std::string& sentence : sentences) out += paragraph(sentence);
  return out + "</section>\n";
}

std::string fact(const std::string& label, const std::string& content) {
  return "<dt>" + label + "</dt><dd>" + content + "</dd>\n";
}

std::string table(const Table& table) {
  const auto alignment = [&](std::size_t column) {
    return std::ranges::find(table.words, column) != table.words.end() ? " class=\"words\"" : "";
  };
  // A style that lays rows out as cards takes their roles away: they are said again.
  const auto role = [&](const char* name) { return table.cards ? " role=\"" + std::string(name) + "\"" : ""; };
  std::string out = paragraph(table.caption, "caption");
  out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + table.caption + "\"><table";
  if (!table.id.empty()) out += " id=\"" + table.id + "\"";
  if (table.cards) out += " class=\"cards\"";
  out += role("table") + " aria-label=\"" + table.caption + "\">\n<thead" + role("rowgroup") + "><tr" + role("row") + ">";
  for (std::size_t c = 0; c < table.headings.size(); ++c) {
    out += "<th scope=\"col\"" + role("columnheader") + std::string(alignment(c)) + ">" + table.headings[c] + "</th>";
  }
  out += "</tr></thead>\n<tbody" + role("rowgroup") + ">\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const bool styled = r < table.row_classes.size() && !table.row_classes[r].empty();
    out += "<tr" + role("row") + (styled ? " class=\"" + table.row_classes[r] + "\">" : ">");
    for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
      const std::string heading = table.cards && c > 0 ? " data-heading=\"" + table.headings[c] + "\"" : "";
      out += "<td" + role("cell") + std::string(alignment(c)) + heading + ">" +
             (table.cards ? "<span>" + table.rows[r][c] + "</span>" : table.rows[r][c]) + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n<p class=\"more screen-only\" aria-hidden=\"true\"></p>\n";
}

}  // namespace riata::html
