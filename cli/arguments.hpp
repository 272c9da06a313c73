#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "riata/app/option.hpp"

namespace riata::cli {

/// A row of a table of options with its command's Spec out of sight: CLI11 is seen by arguments.cpp alone.
struct BoundOption {
  std::string names, name;
  bool is_flag = false, is_list = false;
  std::function<void(std::string_view)> set;
};

/// The arguments without a dash, and whether help is asked for.
struct PlainArguments {
  std::vector<std::string> positional;
  bool help = false;
};

/// CLI11 splits the words; the table says what they mean. Errors, CLI11's own included, come out as Error(argument).
PlainArguments parse_options(const std::vector<std::string>& words, const std::vector<BoundOption>& table);

/// What a subcommand was given.
template <class Spec>
struct Arguments : PlainArguments {
  Spec spec;
};

template <class Spec>
Arguments<Spec> parse_arguments(const std::vector<std::string>& words) {
  using Kind = typename Option<Spec>::Kind;
  Arguments<Spec> out;
  std::vector<BoundOption> table;
  for (const Option<Spec>& row : options<Spec>()) {
    table.push_back({row.names, row.name(), row.kind == Kind::flag, row.kind == Kind::list,
                     [&out, &row](std::string_view text) { row.set(out.spec, text); }});
  }
  static_cast<PlainArguments&>(out) = parse_options(words, table);
  return out;
}

}  // namespace riata::cli
