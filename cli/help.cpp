#include "help.hpp"

#include <algorithm>

#include "riata/core/text.hpp"
#include "riata/core/version.hpp"

namespace riata::cli {
namespace {

constexpr Index kLeft = 30;

/// Words in lines from column `indent` on.
std::string wrapped(std::string_view text, Index indent, Index width) {
  std::string out;
  Index column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const Index length = display_width(word);
    if (column > indent && column + 1 + length > width) {
      out += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
  }
  return out;
}

}  // namespace

std::string render_help(std::string_view usage, std::string_view summary, const std::vector<HelpGroup>& groups,
                        Index width) {
  width = std::clamp<Index>(width, 60, 100);
  std::string out = "Usage: " + std::string(usage) + "\n\n" + wrapped(summary, 0, width) + "\n";
  for (const HelpGroup& group : groups) {
    out += "\n" + group.heading + "\n";
    for (const HelpRow& row : group.rows) {
      out += "  " + row.left;
      const Index used = 2 + display_width(row.left);
      out += used + 2 > kLeft ? "\n" + std::string(kLeft, ' ') : std::string(static_cast<std::size_t>(kLeft - used), ' ');
      out += wrapped(row.right, kLeft, width) + "\n";
    }
  }
  return out;
}

std::string program_help(Index width) {
  const std::vector<HelpGroup> groups = {
      {"Commands",
       {{"fit TABLE --target COL", "a linear model: the whole path of penalties, cross-validated, and the chosen model"},
        {"train TABLE --target COL", "a neural network with the same penalties, watched for overfitting"},
        {"compare TABLE --target COL", "none, l2, l1 and elastic-net side by side; which to use and why"},
        {"predict MODEL TABLE", "predictions as CSV"},
        {"evaluate MODEL TABLE", "how good a model is on a labelled table it has not seen"},
        {"inspect MODEL", "the model card: data, objective, chosen λ and why, coefficients"},
        {"diagnose LOG", "learning curves of any trainer: fits, underfits, overfits from epoch N, no signal"},
        {"report MODEL -o FILE.html", "a page with figures, from what the model file holds"},
        {"export MODEL -o FILE.onnx", "the model for ONNX Runtime"}}},
      {"Everywhere",
       {{"COMMAND --help", "the options of a command"},
        {"--version", "the version"},
        {"-", "as a file name: standard input or output"}}},
      {"Exit codes",
       {{"0", "done"},
        {"1", "the run failed (a file could not be written, divergence)"},
        {"2", "wrong options, or a column the table lacks"},
        {"3", "a table or model that cannot be read or used"},
        {"4", "not converged, under --strict"},
        {"130", "interrupted; what was ready is written, whole"}}}};
  return "riata " + std::string(version()) + ": regularised models that fit the test set too\n\n" +
         render_help("riata COMMAND [OPTIONS]",
                     "Tables are CSV (also .gz, .zst), Parquet, Arrow, LIBSVM or NPY. Results go to the standard output, "
                     "progress and messages to the standard error.",
                     groups, width) +
         "\nExample: riata fit house.csv --target price --penalty l1 --model house.json\n";
}

}  // namespace riata::cli
