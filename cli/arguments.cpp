#include "arguments.hpp"

namespace riata::cli {

void refuse_unknown(const std::string& unknown, const std::vector<std::string>& known) {
  const std::string name = unknown.substr(0, unknown.find('='));
  if (name == "--alpha") {
    throw Error(
        ErrorKind::argument,
        "there is no --alpha: it is the strength in one world and the l1 share in another; give --lambda or --l1-ratio");
  }
  throw Error(ErrorKind::argument, "unknown option " + in_quotes(name) + did_you_mean(name, known) + "; see --help");
}

void refuse_value(const std::string& flag, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return;
    if (word.starts_with(flag + "=")) throw Error(ErrorKind::argument, flag + " is a switch and takes no value");
  }
}

}  // namespace riata::cli
