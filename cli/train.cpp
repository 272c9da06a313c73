#include "riata/app/train.hpp"

#include <chrono>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "outputs.hpp"
#include "riata/app/checkpoint_folder.hpp"
#include "riata/app/option_text.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "riata/core/read_bytes.hpp"
#include "riata/core/text.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

constexpr int kInterruptedCode = 130;
constexpr Index kLargestWeights = Index{1} << 33;

std::vector<std::string> text_columns(const TrainSpec& spec) {
  std::vector<std::string> out = spec.categorical;
  for (const std::string& name : {spec.fold_column, spec.group_column}) {
    if (!name.empty()) out.push_back(name);
  }
  return out;
}

void check_outputs(const TrainSpec& spec, const std::string& table) {
  const auto refuse = [](const char* option, const std::string& path, const char* why) {
    throw Error(ErrorKind::argument, std::string(option) + ": " + in_quotes(path) + why + "; give another name");
  };
  if (spec.report == "-") refuse("--report", spec.report, " is the standard output, where the result goes");
  if (!spec.report.empty() && (spec.report == spec.model || same_file(spec.report, spec.model)))
    refuse("--report", spec.report, " is the model too");
  for (const auto& [option, path] : {std::pair{"--model", spec.model}, std::pair{"--report", spec.report}}) {
    if (path.empty() || path == "-") continue;
    for (const std::string& input : {table, spec.validation, spec.test, spec.initial_weights}) {
      if (!input.empty() && input != "-" && same_file(path, input)) refuse(option, path, " is an input");
    }
  }
}

void deliver(const TrainSpec& spec, const TrainFacts& facts) {
  Outputs outputs;
  const bool model_is_result = spec.model == "-";
  if (!spec.model.empty() && !model_is_result) outputs.add("model", spec.model, write_network(facts.model));
  if (!spec.report.empty()) outputs.add("report", spec.report, train_html(facts));
  if (model_is_result) {
    print(write_network(facts.model));
  } else {
    print(spec.format == OutputFormat::json ? train_json(facts) : train_text(facts, output_style()) + outputs.written());
  }
  outputs.commit();
}

TrainInputs read_inputs(const TrainSpec& spec, Session& session) {
  TrainInputs inputs;
  if (!spec.validation_share()) inputs.validation = session.read(spec.validation, text_columns(spec));
  if (!spec.test.empty()) inputs.test = session.read(spec.test, text_columns(spec));
  if (!spec.initial_weights.empty()) {
    inputs.initial_weights = read_safetensors(read_bytes(spec.initial_weights, kLargestWeights), spec.initial_weights);
  }
  return inputs;
}

}  // namespace

int train(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<TrainSpec>(words);
  const TrainSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<TrainSpec>("riata train TABLE --target COL [OPTIONS]",
                                  "Trains a multilayer perceptron with the penalties of fit, watches rows it does not train "
                                  "on, and says whether it fits, underfits, overfits or finds no signal.",
                                  output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"TABLE"}, "train");
  check_outputs(spec, arguments.positional[0]);
  check(spec);
  Session session(spec);
  const auto start = std::chrono::steady_clock::now();
  const Table table = session.read(arguments.positional[0], text_columns(spec));
  TrainInputs inputs = read_inputs(spec, session);
  TrainWatch watch;
  keep_in_folder(
      spec, [&](const std::string& text) { session.note(text); }, inputs, watch);
  const std::chrono::duration<double> reading = std::chrono::steady_clock::now() - start;
  TrainFacts facts = run_train(spec, table, inputs, watch, session.context());
  session.done();
  facts.seconds_read = reading.count();
  if (spec.format == OutputFormat::json || spec.model == "-") session.warn(facts.model.warnings);
  deliver(spec, facts);
  if (facts.model.status != Status::interrupted) return 0;
  session.note("interrupted after epoch " + std::to_string(facts.model.stopped_epoch) +
               (spec.checkpoint.empty() ? "" : "; --resume goes on from the checkpoint"));
  return kInterruptedCode;
}

}  // namespace riata::cli
