#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <utility>

#include "riata/app/option_text.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata::cli {

namespace {

/// "--lr" for "--learning-rate".
bool is_initials(std::string_view given, std::string_view name) {
  std::string initials = "--";
  for (std::size_t i = 2; i < name.size(); ++i) {
    if (name[i - 1] == '-') initials += name[i];
  }
  return initials.size() > 3 && given == initials;
}

/// The beginning of the one is the other: "--batch", "--hidden-layers".
bool begins(std::string_view given, std::string_view name) {
  constexpr std::size_t kTelling = 5;  // characters, dashes too
  return std::min(given.size(), name.size()) >= kTelling && (name.starts_with(given) || given.starts_with(name));
}

/// What glmnet and scikit-learn call an option of ours.
constexpr std::pair<std::string_view, std::string_view> kElsewhere[] = {
    {"--thresh", "--tolerance"},        {"--family", "--loss"},
    {"--type.measure", "--measure"},    {"--maxit", "--max-iterations"},
    {"--max-iter", "--max-iterations"}, {"--lower.limits", "--lower"},
    {"--upper.limits", "--upper"},      {"--cv", "--folds"},
    {"--random-state", "--seed"},       {"--n-jobs", "--threads"}};

/// What is left over after the options of the table: names close ones.
[[noreturn]] void refuse_unknown(const std::string& unknown, const std::vector<BoundOption>& table) {
  const std::string name = unknown.substr(0, unknown.find('='));
  if (name == "--alpha") {
    throw Error(
        ErrorKind::argument,
        "there is no --alpha: it is the strength in one world and the l1 share in another; give --lambda or --l1-ratio");
  }
  std::vector<std::string> known = {"--help"};
  for (const BoundOption& row : table) known.push_back(row.name);
  const auto guess = [&](const auto& fits) {
    std::string out;
    for (const std::string& option : known) {
      if (fits(name, option)) out += (out.empty() ? " (did you mean '" : " or '") + option + "'";
    }
    return out.empty() ? out : out + "?)";
  };
  std::string hint = guess([](std::string_view given, std::string_view option) {
    return std::ranges::find(kElsewhere, std::pair(given, option)) != std::end(kElsewhere);
  });
  if (hint.empty()) hint = guess(is_initials);
  if (hint.empty()) hint = did_you_mean(name, known);
  if (hint.empty()) hint = guess(begins);
  throw Error(ErrorKind::argument, "unknown option " + in_quotes(name) + hint + "; see --help");
}

/// A switch that is given a value ("--strict=maybe").
void refuse_value(const std::string& flag, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return;
    if (word.starts_with(flag + "=")) throw Error(ErrorKind::argument, flag + " is a switch and takes no value");
  }
}

/// Sets one option from all its occurrences on the command line.
void set(const BoundOption& row, const std::vector<std::string>& values) {
  if (values.size() > 1 && !row.is_list) {
    throw Error(ErrorKind::argument, row.name + " is given " + std::to_string(values.size()) + " times; give it once");
  }
  for (const std::string& value : values) row.set(value);
}

void add_flag(CLI::App& app, const BoundOption& row) {
  app.add_flag_function(row.names, [&row](std::int64_t n) { row.set(n > 0 ? "true" : "false"); });
}

void add_option(CLI::App& app, const BoundOption& row, const bool& help) {
  const auto callback = [&row, &help](const CLI::results_t& values) {
    if (!help) set(row, values);
    return true;
  };
  app.add_option(row.names, callback)
      ->type_name("TEXT")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

}  // namespace

PlainArguments parse_options(const std::vector<std::string>& words, const std::vector<BoundOption>& table) {
  PlainArguments out;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_option("arguments", out.positional)->expected(0, 1 << 20);
  app.allow_extras();
  for (const BoundOption& row : table) {
    if (row.is_flag) refuse_value(row.name, words);
    row.is_flag ? add_flag(app, row) : add_option(app, row, out.help);
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
  if (!out.help && app.remaining_size() > 0) refuse_unknown(app.remaining().front(), table);
  return out;
}

}  // namespace riata::cli
