#include "riata/report/page.hpp"

#include "riata/core/version.hpp"
#include "riata/report/html.hpp"

namespace riata {
namespace {

/// Colours are the style sheet's, so that light, dark and print need no second drawing.
constexpr std::string_view kLook = R"json({
  "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
  "background": null,
  "width": "container",
  "autosize": {"type": "fit-x", "contains": "padding"},
  "padding": {"left": 5, "top": 5, "right": 18, "bottom": 5},
  "config": {
    "font": "system-ui, sans-serif",
    "aria": true,
    "view": {"stroke": null},
    "numberFormat": ",.7~g",
    "axis": {
      "labelFlush": false, "labelSeparation": 6, "labelBound": 18,
      "labelColor": "var(--faint)", "titleColor": "var(--faint)", "gridColor": "var(--line)", "domainColor": "var(--line)",
      "tickColor": "var(--line)", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "aria": false,
      "labelLimit": 150
    },
    "mark": {"aria": false},
    "text": {"color": "var(--ink)", "fontSize": 12},
    "legend": {"labelColor": "var(--ink)", "titleColor": "var(--faint)", "aria": false, "labelFontSize": 12}
  }
})json";

}  // namespace

nlohmann::ordered_json specification(std::string_view text, const std::string& description) {
  nlohmann::ordered_json out = nlohmann::ordered_json::parse(kLook);
  out["description"] = description;
  out.update(nlohmann::ordered_json::parse(text));
  return out;
}

std::string Page::add(Chart chart) {
  std::string out = "<figure><div class=\"chart\" id=\"" + chart.id + "\"></div>\n<figcaption>" + chart.caption +
                    "</figcaption></figure>\n";
  charts.push_back(std::move(chart));
  return out;
}

std::string Page::add_pair(Chart left, Chart right) {
  std::string out = "<div class=\"columns even\"><div>\n" + add(std::move(left)) + "</div><div>\n";
  return out + add(std::move(right)) + "</div></div>\n";
}

std::string write_page(const Page& page) {
  nlohmann::ordered_json data;
  data["charts"] = nlohmann::ordered_json::array();
  for (const Chart& chart : page.charts) {
    nlohmann::ordered_json one;
    one["id"] = chart.id;
    if (!chart.datasets.empty()) one["datasets"] = chart.datasets;
    one["spec"] = chart.specification;
    data["charts"].push_back(std::move(one));
  }
  data["path"] = page.path;
  const std::string policy = "default-src 'none'; script-src '" + std::string(page_script_hash()) + "'; style-src '" +
                             std::string(page_style_hash()) + "'; base-uri 'none'; form-action 'none'";
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"riata " +
         std::string(version()) + "\">\n<title>" + html::text(page.title) + "</title>\n<style>";
  out += page_style();
  out += "</style>\n</head>\n<body>\n" + page.body;
  out += "<script type=\"application/json\" id=\"data\">" + html::json(data) + "</script>\n<script>";
  out += page_script();
  return out + "</script>\n</body>\n</html>\n";
}

}  // namespace riata
