#include <algorithm>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "model_file.hpp"
#include "network_commands.hpp"
#include "riata/app/option_text.hpp"
#include "riata/app/run.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/report/csv.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

/// Besides the model's categories, columns that are only copied: those keep their spelling ("007", "1.50").
std::vector<std::string> columns_as_text(const PredictSpec& spec, const Model& model) {
  std::vector<std::string> out = text_columns(model);
  for (const std::string& name : spec.keep) {
    const bool feature =
        std::ranges::any_of(model.coding.features, [&](const FeatureCoding& one) { return one.name == name; });
    if (!feature && name != model.offset_column && !parse_index(name)) out.push_back(name);
  }
  return out;
}

}  // namespace

int predict(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<PredictSpec>(words);
  const PredictSpec& spec = arguments.spec;
  if (arguments.help) {
    print(
        command_help<PredictSpec>("riata predict MODEL TABLE [OPTIONS]",
                                  "Writes a CSV with a column `prediction`, a row for each row of the table; for a model of "
                                  "classes also `probability_<class>` of each. Columns are "
                                  "found by name; their order does not matter.",
                                  output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"MODEL", "TABLE"}, "predict");
  for (const std::string& input : arguments.positional) {
    if (spec.output == "-" || !same_file(spec.output, input)) continue;
    throw Error(ErrorKind::argument, "--output: " + in_quotes(spec.output) + " is an input; give another name");
  }
  if (arguments.positional[0] == "-" && arguments.positional[1] == "-") {
    throw Error(ErrorKind::argument, "the model and the table cannot both be the standard input");
  }
  Session session(spec);
  const AnyModel any = load_any_model(arguments.positional[0]);
  if (const auto* network = std::get_if<NetworkModel>(&any)) {
    return predict_network(spec, *network, arguments.positional[1], session);
  }
  const Model& model = std::get<Model>(any);
  const Table table = session.read(arguments.positional[1], columns_as_text(spec, model));
  const Predictions predictions = run_predict(spec, model, table, session.context());
  session.done();
  session.warn(predictions.warnings);
  const std::string text = csv_text(predictions.columns);
  spec.output == "-" ? print(text) : write_whole(spec.output, text);
  return 0;
}

}  // namespace riata::cli
