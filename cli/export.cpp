#include "riata/app/export.hpp"

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "model_file.hpp"
#include "riata/app/option_text.hpp"
#include "riata/app/run.hpp"
#include "riata/app/run_network.hpp"
#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/onnx/write_onnx.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

std::string onnx_of(const ExportSpec& spec, const AnyModel& any) {
  if (const auto* network = std::get_if<NetworkModel>(&any)) {
    refuse_lambda(spec.lambda, *network);
    return write_onnx(*network, spec.precision);
  }
  const Model& model = std::get<Model>(any);
  return write_onnx(model, choose_lambda(model, spec.lambda), spec.precision);
}

}  // namespace

int export_model(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments<ExportSpec>(words);
  const ExportSpec& spec = arguments.spec;
  if (arguments.help) {
    print(command_help<ExportSpec>("riata export MODEL -o FILE.onnx",
                                   "Writes a model as ONNX, coding and scaling of the columns included, for ONNX Runtime. "
                                   "Inputs: X, the numeric columns in the model's order, and each categorical column as "
                                   "texts; outputs: prediction, or label and probabilities.",
                                   output_style().width));
    return 0;
  }
  expect_positional(arguments.positional, {"MODEL"}, "export");
  if (spec.output.empty()) throw Error(ErrorKind::argument, "-o is missing: where is the ONNX file to be written?");
  if (spec.output != "-" && same_file(spec.output, arguments.positional[0])) {
    throw Error(ErrorKind::argument, "--output: " + in_quotes(spec.output) + " is the model itself; give another name");
  }
  const std::string bytes = onnx_of(spec, load_any_model(arguments.positional[0]));
  spec.output == "-" ? print(bytes) : write_whole(spec.output, bytes);
  return 0;
}

}  // namespace riata::cli
