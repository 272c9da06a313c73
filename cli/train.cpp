#include "riata/app/train.hpp"

#include <chrono>
#include <memory>

#include "arguments.hpp"
#include "checkpoint_folder.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "riata/app/option_text.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
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
  if (spec.model.empty() || spec.model == "-") return;
  for (const std::string& input : {table, spec.validation, spec.test, spec.initial_weights}) {
    if (input.empty() || input == "-" || !same_file(spec.model, input)) continue;
    throw Error(ErrorKind::argument, "--model: " + in_quotes(spec.model) + " is an input; give another name");
  }
}

/// The model is made ready, the result printed, and only then it takes its name: a failure before leaves no trace.
void deliver(const TrainSpec& spec, const TrainFacts& facts) {
  if (spec.model == "-") return print(write_network(facts.model));
  std::unique_ptr<AtomicFile> file;
  std::string written;
  if (!spec.model.empty()) {
    file = std::make_unique<AtomicFile>(spec.model);
    file->write(write_network(facts.model));
    file->finish();
    written = "  model written to " + printable(spec.model) + "\n";
  }
  print(spec.format == OutputFormat::json ? train_json(facts) : train_text(facts, output_style()) + written);
  if (file) file->commit();
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
  std::optional<CheckpointFolder> folder;
  if (!spec.checkpoint.empty()) {
    folder.emplace(spec.checkpoint);
    watch.on_checkpoint = [&](const std::string& bytes, Index epoch) { folder->write(bytes, epoch); };
    if (!spec.resume) {
      folder->require_empty();
    } else {
      inputs.checkpoint = folder->last([&](const std::string& note) { session.note(note); });
      inputs.checkpoint_name = folder->name_of_last();
    }
  }
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
