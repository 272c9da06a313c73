#include "riata/app/diagnose.hpp"

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "outputs.hpp"
#include "session.hpp"

namespace riata::cli {

int diagnose(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<DiagnoseSpec>(words);
  const DiagnoseSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<DiagnoseSpec>("riata diagnose LOG [OPTIONS]",
                                     "Judges learning curves, of any trainer: fits, underfits, overfits from epoch N, or no "
                                     "signal. LOG is a table with a row an epoch (or a step): losses on training and "
                                     "validation rows, perhaps accuracies.",
                                     output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"LOG"}, "diagnose");
  check_report(spec.report, arguments.positional[0]);
  Session session(spec);
  const Table table = session.read(arguments.positional[0], {});
  const DiagnoseFacts facts = run_diagnose(spec, table);
  session.done();
  Outputs outputs;
  if (!spec.report.empty()) outputs.add("report", spec.report, diagnose_html(facts));
  print(spec.format == OutputFormat::json ? diagnose_json(facts) : diagnose_text(facts, output_style()) + outputs.written());
  outputs.commit();
  return 0;
}

}  // namespace riata::cli
