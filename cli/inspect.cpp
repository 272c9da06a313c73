#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "model_file.hpp"
#include "network_commands.hpp"
#include "riata/app/run.hpp"
#include "session.hpp"

namespace riata::cli {

int inspect(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<InspectSpec>(words);
  const InspectSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<InspectSpec>("riata inspect MODEL [OPTIONS]",
                                    "The model card: data, objective, chosen λ and why, coefficients.",
                                    output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"MODEL"}, "inspect");
  const AnyModel any = load_any_model(arguments.positional[0]);
  if (const auto* network = std::get_if<NetworkModel>(&any)) return inspect_network(spec, *network);
  const Model& model = std::get<Model>(any);
  const std::optional<Index> index = inspect_lambda(model, spec.lambda);
  print(spec.format == OutputFormat::json ? inspect_json(model, index) : inspect_text(model, index, output_style()));
  return 0;
}

}  // namespace riata::cli
