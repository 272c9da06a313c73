#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "model_file.hpp"
#include "network_commands.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "session.hpp"

namespace riata::cli {

int evaluate(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<EvaluateSpec>(words);
  const EvaluateSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<EvaluateSpec>("riata evaluate MODEL TABLE [OPTIONS]",
                                     "How good the predictions are on a labelled table the model has not seen, with "
                                     "95 % confidence intervals.",
                                     output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"MODEL", "TABLE"}, "evaluate");
  if (arguments.positional[0] == "-" && arguments.positional[1] == "-") {
    throw Error(ErrorKind::argument, "the model and the table cannot both be the standard input");
  }
  Session session(spec);
  const AnyModel any = load_any_model(arguments.positional[0]);
  if (const auto* network = std::get_if<NetworkModel>(&any)) {
    return evaluate_network(spec, *network, arguments.positional[1], session);
  }
  const Model& model = std::get<Model>(any);
  std::vector<std::string> as_text = text_columns(model);
  if (has_text_labels(model)) as_text.push_back(spec.target.empty() ? model.target : spec.target);
  const Table table = session.read(arguments.positional[1], as_text);
  const EvaluateFacts facts = run_evaluate(spec, model, table, session.context());
  session.done();
  session.warn(facts.warnings);
  print(spec.format == OutputFormat::json ? evaluate_json(model, facts) : evaluate_text(model, facts, output_style()));
  return 0;
}

}  // namespace riata::cli
