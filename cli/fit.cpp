#include <chrono>
#include <memory>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "riata/app/run.hpp"
#include "riata/core/atomic_file.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

constexpr int kNotConverged = 4;
constexpr int kInterruptedCode = 130;

/// The model is made ready, the result printed, and only then the model takes its name: a failure before leaves no trace.
void deliver(const FitSpec& spec, const FitFacts& facts) {
  if (spec.model == "-") return print(write_model(facts.model));
  std::unique_ptr<AtomicFile> file;
  if (!spec.model.empty()) {
    file = std::make_unique<AtomicFile>(spec.model);
    file->write(write_model(facts.model));
    file->finish();
  }
  std::string text = spec.format == OutputFormat::json ? fit_json(facts) : fit_text(facts, output_style());
  if (file && spec.format == OutputFormat::text) text += "  model written to " + printable(spec.model) + "\n";
  print(text);
  if (file) file->commit();
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
  if (spec.model != "-" && !spec.model.empty() && same_file(spec.model, table_path)) {
    throw Error(ErrorKind::argument, "--model: " + in_quotes(spec.model) + " is the table itself; give another name");
  }
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
