#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "model_file.hpp"
#include "riata/app/option_text.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/report/train_facts.hpp"
#include "session.hpp"

namespace riata::cli {

int report(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<ReportSpec>(words);
  const ReportSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<ReportSpec>(
        "riata report MODEL -o FILE.html",
        "Writes the page of a model or network again, from what its file holds: all but the figures "
        "that need the rows, which --report of fit and train draws.",
        output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"MODEL"}, "report");
  if (spec.output.empty()) throw Error(ErrorKind::argument, "-o is missing: where is the page to be written?");
  if (spec.output != "-" && same_file(spec.output, arguments.positional[0])) {
    throw Error(ErrorKind::argument, "--output: " + in_quotes(spec.output) + " is the model itself; give another name");
  }
  const AnyModel model = load_any_model(arguments.positional[0]);
  const auto* network = std::get_if<NetworkModel>(&model);
  const std::string page = network != nullptr ? network_html(*network) : model_html(std::get<Model>(model));
  spec.output == "-" ? print(page) : write_whole(spec.output, page);
  return 0;
}

}  // namespace riata::cli
