#include <chrono>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "outputs.hpp"
#include "riata/app/checkpoint_folder.hpp"
#include "riata/app/run.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

/// Categories and labels, which may look like numbers.
std::vector<std::string> text_columns(const FitSpec& spec) {
  std::vector<std::string> out = spec.categorical;
  for (const std::string& name : {spec.fold_column, spec.group_column}) {
    if (!name.empty()) out.push_back(name);
  }
  return out;
}

}  // namespace

int compare(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<CompareSpec>(words);
  const CompareSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<CompareSpec>(
        "riata compare TABLE --target COL [OPTIONS]",
        "Puts no penalty, l2, l1 and elastic-net side by side on the same folds, with λ chosen inside, "
        "measures what speaks for one or another, and advises.",
        output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"TABLE"}, "compare");
  const std::string& table_path = arguments.positional[0];
  check_report(spec.report, table_path);
  check(spec);
  Session session(spec);
  const auto start = std::chrono::steady_clock::now();
  const Table table = session.read(table_path, text_columns(spec));
  const std::chrono::duration<double> reading = std::chrono::steady_clock::now() - start;
  const KeptParts parts = keep_in_folder(spec, [&](const std::string& text) { session.note(text); });
  CompareFacts facts = run_compare(spec, table, session.context(), parts);
  session.done();
  facts.seconds_read = reading.count();
  if (spec.format == OutputFormat::json) session.warn(facts.warnings);
  Outputs outputs;
  if (!spec.report.empty()) outputs.add("report", spec.report, compare_html(facts));
  print(spec.format == OutputFormat::json ? compare_json(facts) : compare_text(facts, output_style()) + outputs.written());
  outputs.commit();
  return 0;
}

}  // namespace riata::cli
