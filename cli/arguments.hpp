#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "riata/app/option.hpp"
#include "riata/app/option_text.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata::cli {

/// What a subcommand was given: its Spec, and the arguments without a dash.
template <class Spec>
struct Arguments {
  Spec spec;
  std::vector<std::string> positional;
  bool help = false;
};

/// Throws Error(argument) for what is left over after the options of the table: names close ones.
[[noreturn]] void refuse_unknown(const std::string& unknown, const std::vector<std::string>& known);

/// Throws Error(argument) where a switch is given a value ("--strict=maybe").
void refuse_value(const std::string& flag, const std::vector<std::string>& words);

/// Sets one option from all its occurrences on the command line.
template <class Spec>
void set(const Option<Spec>& row, const std::vector<std::string>& values, Spec& spec) {
  if (values.size() > 1 && row.kind != Option<Spec>::Kind::list) {
    throw Error(ErrorKind::argument, row.name() + " is given " + std::to_string(values.size()) + " times; give it once");
  }
  for (const std::string& value : values) row.set(spec, value);
}

/// CLI11 splits the words; the table says what they mean. CLI11's own errors come out as Error(argument).
template <class Spec>
Arguments<Spec> parse_arguments(const std::vector<std::string>& words) {
  Arguments<Spec> out;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_option("arguments", out.positional)->expected(0, 1 << 20);
  app.allow_extras();
  std::vector<std::string> known = {"--help"};
  for (const Option<Spec>& row : options<Spec>()) {
    if (row.kind == Option<Spec>::Kind::flag) {
      app.add_flag_function(row.names, [&out, &row](std::int64_t n) { row.set(out.spec, n > 0 ? "true" : "false"); });
      refuse_value(row.name(), words);
    } else {
      app.add_option(
             row.names,
             [&out, &row](const CLI::results_t& values) {
               if (!out.help) set(row, values, out.spec);
               return true;
             },
             row.help)
          ->type_name("TEXT")
          ->type_size(1)
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
          ->allow_extra_args(false);
    }
    known.push_back(row.name());
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(std::move(reversed));
  } catch (const Error&) {
    throw;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();
    throw Error(ErrorKind::argument, printable(message.substr(0, message.find(':'))) + " needs a value; see --help");
  } catch (const std::exception& error) {  // CLI11's own errors, and what its number parsing lets through
    throw Error(ErrorKind::argument, "the options cannot be read: " + printable(error.what()) + "; see --help");
  }
  if (!out.help && app.remaining_size() > 0) refuse_unknown(app.remaining().front(), known);
  return out;
}

}  // namespace riata::cli
