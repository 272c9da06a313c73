#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace riata {

// What every page has, written at build time by report/page/embed.py: the same bytes in every page, allowed by their hash.
std::string_view page_script();       ///< the Vega runtime and page.js
std::string_view page_script_hash();  ///< "sha256-…"
std::string_view page_style();
std::string_view page_style_hash();

/// A figure: a place in the page, and the Vega-Lite specification drawn there.
struct Chart {
  std::string id;
  std::string caption;  ///< HTML
  nlohmann::ordered_json specification;
  std::vector<std::string> datasets;  ///< named data that page.js makes from the page's path
};

/// A page that needs nothing but itself: its policy forbids the network, eval and every script but the one above. `body` is
/// finished HTML with what add() gave for every chart; `path` is what the slider walks along, or null.
struct Page {  // NOLINT(bugprone-exception-escape): in moving a JSON value, which does not throw
  std::string title;
  std::string body;
  std::vector<Chart> charts;
  nlohmann::ordered_json path;

  std::string add(Chart chart);                   ///< the place where it is drawn, for the body
  std::string add_pair(Chart left, Chart right);  ///< beside each other where the screen is wide
};

std::string write_page(const Page& page);

/// A Vega-Lite specification with the look that all have; `text` is the specification's own part as JSON.
nlohmann::ordered_json specification(std::string_view text, const std::string& description);

}  // namespace riata
