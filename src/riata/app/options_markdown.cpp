#include "riata/app/diagnose.hpp"
#include "riata/app/export.hpp"
#include "riata/app/option.hpp"
#include "riata/app/spec.hpp"
#include "riata/app/train.hpp"

namespace riata {
namespace {

/// A bar would end a Markdown cell.
std::string cell(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

template <class Spec>
std::string section(const std::string& command) {
  std::string out = "\n## riata " + command + "\n", group;
  for (const Option<Spec>& row : options<Spec>()) {
    if (row.group != group) out += "\n### " + row.group + "\n\n| option | default | meaning |\n|---|---|---|\n";
    group = row.group;
    std::string names;
    for (char c : row.names) names += c == ',' ? std::string("`, `") : c == '!' ? std::string() : std::string(1, c);
    out += "| `" + names + (row.value.empty() ? "" : " " + cell(row.value)) + "` | " + cell(row.default_text) + " | " +
           cell(row.help) + (row.range.empty() ? "" : "; " + cell(row.range)) + (row.later ? " (not in this version)" : "") +
           " |\n";
  }
  return out;
}

}  // namespace

std::string options_markdown() {
  return "# Options\n\nWritten from the program's own table of options (src/riata/app/options.cpp); a test compares the "
         "two.\n" +
         section<FitSpec>("fit") + section<TrainSpec>("train") + section<CompareSpec>("compare") +
         section<PredictSpec>("predict") + section<EvaluateSpec>("evaluate") + section<InspectSpec>("inspect") +
         section<ReportSpec>("report") + section<DiagnoseSpec>("diagnose") + section<ExportSpec>("export");
}

}  // namespace riata
