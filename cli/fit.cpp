#include <chrono>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "outputs.hpp"
#include "riata/app/option_text.hpp"
#include "riata/app/run.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

constexpr int kNotConverged = 4;
constexpr int kInterruptedCode = 130;

void deliver(const FitSpec& spec, const FitFacts& facts) {
  Outputs outputs;
  const bool model_is_result = spec.model == "-";
  if (!spec.model.empty() && !model_is_result) outputs.add("model", spec.model, write_model(facts.model));
  if (!spec.report.empty()) outputs.add("report", spec.report, fit_html(facts));
  if (model_is_result) {
    print(write_model(facts.model));
  } else {
    print(spec.format == OutputFormat::json ? fit_json(facts) : fit_text(facts, output_style()) + outputs.written());
  }
  outputs.commit();
}

/// Outputs are files of their own: not the table, not one another.
void check_outputs(const FitSpec& spec, const std::string& table) {
  const auto refuse = [](const char* option, const std::string& path, const char* why) {
    throw Error(ErrorKind::argument, std::string(option) + ": " + in_quotes(path) + why + "; give another name");
  };
  if (spec.model != "-" && !spec.model.empty() && same_file(spec.model, table))
    refuse("--model", spec.model, " is the table itself");
  check_report(spec.report, table);
  if (spec.report.empty()) return;
  if (spec.report == spec.model || same_file(spec.report, spec.model)) refuse("--report", spec.report, " is the model too");
}

/// Categories and labels, which may look like numbers.
std::vector<std::string> text_columns(const FitSpec& spec) {
  std::vector<std::string> out = spec.categorical;
  for (const std::string& name : {spec.fold_column, spec.group_column}) {
    if (!name.empty()) out.push_back(name);
  }
  return out;
}

}  // namespace

int fit(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<FitSpec>(words);
  const FitSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<FitSpec>("riata fit TABLE --target COL [OPTIONS]",
                                "Fits a linear model for every strength λ of the penalty, cross-validates the path, and "
                                "chooses. Every fit is certified by its duality gap.",
                                output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"TABLE"}, "fit");
  const std::string& table_path = arguments.positional[0];
  check_outputs(spec, table_path);
  check(spec);
  Session session(spec);
  const auto start = std::chrono::steady_clock::now();
  const Table table = session.read(table_path, text_columns(spec));
  const std::chrono::duration<double> reading = std::chrono::steady_clock::now() - start;
  FitFacts facts = run_fit(spec, table, session.context());
  session.done();
  facts.seconds.read = reading.count();
  if (spec.format == OutputFormat::json || spec.model == "-") session.warn(facts.model.warnings);
  deliver(spec, facts);
  if (facts.model.status == Status::interrupted) {
    session.note("interrupted: the result holds the " + std::to_string(facts.model.path.size()) + " λ that were finished");
    return kInterruptedCode;
  }
  return spec.strict && facts.model.status != Status::converged ? kNotConverged : 0;
}

}  // namespace riata::cli
