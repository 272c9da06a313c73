#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riata {

/// One row of the table of options: what the command line, the Python checks, the model file and the documentation know
/// about an option. Texts are the common currency: `set` parses and checks, `get` writes the canonical text.
template <class Spec>
struct Option {
  enum class Kind { flag, value, list };

  std::string names;         ///< "--lambdas,--nlambda": the first is the name, the others synonyms; "!--no-x" switches off
  std::string value;         ///< placeholder: "N", "COL"; the choices: "min|1se"; empty for a flag
  std::string default_text;  ///< what happens when it is not given; empty: nothing
  std::string range;         ///< what is accepted, in words; empty: anything
  std::string group;         ///< heading in the help
  std::string help;
  Kind kind = Kind::value;
  bool recorded = true;  ///< the result depends on it, so the model file keeps it
  bool later = false;    ///< contracted, but refused in this version

  std::function<void(Spec&, std::string_view)> set;  ///< throws Error(argument) naming the value and what is accepted
  std::function<std::string(const Spec&)> get;       ///< empty: not given

  /// The first long name, with its dashes.
  std::string name() const {
    const std::size_t start = names.find("--");
    return names.substr(start, names.find(',', start) - start);
  }
};

/// The rows of one command, in the order of its help.
template <class Spec>
const std::vector<Option<Spec>>& options();

/// Every option that differs from its default and that the result depends on, as (name without dashes, text).
template <class Spec>
std::vector<std::pair<std::string, std::string>> recorded_options(const Spec& spec) {
  std::vector<std::pair<std::string, std::string>> out;
  const Spec defaults{};
  for (const Option<Spec>& option : options<Spec>()) {
    if (!option.recorded || option.later || option.get(spec) == option.get(defaults)) continue;
    out.emplace_back(option.name().substr(2), option.get(spec));
  }
  return out;
}

/// docs/options.md: a table a command, written from the rows.
std::string options_markdown();

}  // namespace riata
