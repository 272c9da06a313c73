#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "help.hpp"
#include "riata/app/option_text.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "session.hpp"

namespace riata::cli {
namespace {

using Words = std::vector<std::string>;

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::argument:
    case ErrorKind::column:
    case ErrorKind::not_supported: return 2;
    case ErrorKind::input: return 3;
    case ErrorKind::run: return 1;
  }
  return 1;
}

struct Command {
  const char* name;
  int (*run)(const Words&);
};

constexpr std::array<Command, 9> kCommands = {{{"fit", fit},
                                               {"predict", predict},
                                               {"evaluate", evaluate},
                                               {"inspect", inspect},
                                               {"train", train},
                                               {"compare", compare},
                                               {"diagnose", diagnose},
                                               {"report", report},
                                               {"export", export_model}}};

int dispatch(Words words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    if (words.size() > 1) return dispatch({words[1], "--help"});
    if (words.empty()) throw Error(ErrorKind::argument, "no command given; see riata --help");
    print(program_help(output_style().width));
    return 0;
  }
  if (words[0] == "--version") {
    print("riata " + std::string(version()) + "\n");
    return 0;
  }
  Words names;
  for (const Command& command : kCommands) {
    names.emplace_back(command.name);
    if (words[0] != command.name) continue;
    words.erase(words.begin());
    return command.run(words);
  }
  throw Error(ErrorKind::argument,
              in_quotes(words[0]) + " is not a command" + did_you_mean(words[0], names) + "; see riata --help");
}

int run(const Words& words) {
  const auto fail = [](int code, const std::string& message) {
    std::fprintf(stderr, "riata: %s\n", printable(message).c_str());
    return interrupted() ? 130 : code;
  };
  try {
    return dispatch(words);
  } catch (const Error& error) {
    return fail(exit_code(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    std::_Exit(fail(1, "not enough memory"));  // at a proper exit Arrow's allocator trips over what it could not get
  } catch (const std::exception& error) {
    const bool no_thread = std::string_view(error.what()).starts_with("pthread_create");
    if (no_thread) std::_Exit(fail(1, "not enough memory to start a thread; try --threads 1"));
    return fail(1, error.what());
  }
}

}  // namespace

void expect_positional(const std::vector<std::string>& given, const std::vector<std::string>& names, const char* command) {
  if (given.size() < names.size()) {
    throw Error(ErrorKind::argument, names[given.size()] + " is missing; see riata " + std::string(command) + " --help");
  }
  if (given.size() > names.size()) {
    throw Error(ErrorKind::argument, in_quotes(given[names.size()]) + " is one argument too many; riata " +
                                         std::string(command) + " takes " + std::to_string(names.size()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (given[i].empty()) throw Error(ErrorKind::argument, names[i] + " is an empty name");
  }
}

}  // namespace riata::cli

int main(int argc, char** argv) {
  riata::cli::catch_signals();
  return riata::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
