#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "kept_columns.hpp"
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
  const Table table =
      session.read(arguments.positional[1], columns_as_text(spec, model.coding, model.offset_column, text_columns(model)));
  Predictions predictions = run_predict(spec, model, table, session.context());
  keep_spelling(spec, arguments.positional[1], table, session, predictions);
  session.done();
  session.warn(predictions.warnings);
  const std::string text = csv_text(predictions.columns);
  spec.output == "-" ? print(text) : write_whole(spec.output, text);
  return 0;
}

}  // namespace riata::cli
