#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>

#include "riata/app/option.hpp"
#include "riata/app/option_text.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata::rows {

/// Makers of rows: each binds one member of a Spec to its text form.

struct Text {
  std::string names, value, group, help;
  std::string default_text = "";
};

template <class T>
struct Choice {
  std::string_view name;
  std::optional<T> value;           ///< empty: contracted, but not in this version
  std::string_view elsewhere = {};  ///< without a value: where it is to be had
};

/// Accepted numbers: an interval whose ends may be left out.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false, open_high = false;

  bool holds(double x) const {
    return !std::isnan(x) && (open_low ? x > low : x >= low) && (open_high ? x < high : x <= high);
  }
  std::string words() const;
};

template <class Spec, class T>
void assign(std::optional<T> Spec::*member, Spec& spec, T value) {
  spec.*member = value;
}
template <class Spec, class T>
void assign(T Spec::*member, Spec& spec, T value) {
  spec.*member = value;
}
template <class T>
std::optional<T> held(const std::optional<T>& value) {
  return value;
}
template <class T>
std::optional<T> held(const T& value) {
  return value;
}

template <class Spec>
Option<Spec> base(Text&& text, typename Option<Spec>::Kind kind, const std::string& range = "") {
  return {.names = std::move(text.names),
          .value = std::move(text.value),
          .default_text = std::move(text.default_text),
          .range = range,
          .group = std::move(text.group),
          .help = std::move(text.help),
          .kind = kind,
          .set = {},
          .get = {}};
}

template <class Spec, class Owner>
Option<Spec> flag(Text text, bool Owner::*member) {
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::flag);
  row.set = [member](Spec& spec, std::string_view value) { spec.*member = value == "true"; };
  row.get = [member](const Spec& spec) { return spec.*member ? "true" : "false"; };
  return row;
}

template <class Spec, class Owner>
Option<Spec> text(Text text, std::string Owner::*member) {
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::value);
  row.set = [member, name = row.name()](Spec& spec, std::string_view value) {
    if (value.empty()) throw Error(ErrorKind::argument, name + ": is empty");
    spec.*member = std::string(value);
  };
  row.get = [member](const Spec& spec) { return spec.*member; };
  return row;
}

template <class Spec, class Owner>
Option<Spec> names(Text text, std::vector<std::string> Owner::*member) {
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::list);
  row.set = [member, name = row.name()](Spec& spec, std::string_view value) {
    for (std::string& item : split_list(value, name)) (spec.*member).push_back(std::move(item));
  };
  row.get = [member](const Spec& spec) { return join_list(spec.*member); };
  return row;
}

/// A number or a whole number, optional or with a default.
template <class T, class Spec, class Owner, class Member>
Option<Spec> number(Text text, Member Owner::*member, Range range) {
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::value, range.words());
  row.set = [member, range, name = row.name()](Spec& spec, std::string_view value) {
    const T number = parse_number<T>(value, name);
    if (!range.holds(static_cast<double>(number))) {
      throw Error(ErrorKind::argument, name + ": " + printable(value) + " is out of range; give " + range.words());
    }
    spec.*member = number;
  };
  row.get = [member](const Spec& spec) {
    const std::optional<T> value = held(spec.*member);
    return value ? number_text(*value) : std::string();
  };
  return row;
}

/// Numbers for named features: NAME=V, again and again or separated by commas.
template <class Spec, class Owner>
Option<Spec> assignments(Text text, std::vector<std::pair<std::string, double>> Owner::*member, Range range) {
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::list, range.words());
  row.set = [member, range, name = row.name()](Spec& spec, std::string_view value) {
    for (const std::string& item : split_list(value, name)) {
      auto assignment = parse_assignment(item, name);
      if (!range.holds(assignment.second)) {
        throw Error(ErrorKind::argument, name + ": " + printable(item) + " is out of range; give " + range.words());
      }
      const auto of_all = [](const auto& one) { return one.first.empty(); };
      if (of_all(assignment) && std::ranges::any_of(spec.*member, of_all)) {
        throw Error(ErrorKind::argument, name + ": two values for all features; give one, or NAME=V for each feature");
      }
      (spec.*member).push_back(std::move(assignment));
    }
  };
  row.get = [member](const Spec& spec) { return assignments_text(spec.*member); };
  return row;
}

template <class Spec, class Owner, class Member, class T>
Option<Spec> choice(Text text, Member Owner::*member, std::vector<Choice<T>> choices) {
  std::vector<std::string> all;
  std::string offered;
  for (const Choice<T>& one : choices) {
    all.emplace_back(one.name);
    if (one.value) offered += (offered.empty() ? "" : "|") + std::string(one.name);
  }
  text.value = offered;
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::value);
  row.set = [member, choices, all, offered, name = row.name()](Spec& spec, std::string_view value) {
    for (const Choice<T>& one : choices) {
      if (one.name != value) continue;
      const std::string what = name + " " + in_quotes(value);
      if (!one.value && !one.elsewhere.empty()) throw Error(ErrorKind::argument, what + " " + std::string(one.elsewhere));
      if (!one.value) throw Error(ErrorKind::not_supported, not_in_this_version(what, offered));
      spec.*member = *one.value;
      return;
    }
    throw Error(ErrorKind::argument, unknown_choice(name, value, offered, all));
  };
  row.get = [member, choices](const Spec& spec) {
    const std::optional<T> value = held(spec.*member);
    for (const Choice<T>& one : choices) {
      if (value && one.value == value) return std::string(one.name);
    }
    return std::string();
  };
  return row;
}

/// Contracted, and refused in this version.
template <class Spec>
Option<Spec> later(Text text) {
  Option<Spec> row = base<Spec>(std::move(text), Option<Spec>::Kind::value);
  row.later = true;
  row.recorded = false;
  row.set = [name = row.name()](Spec&, std::string_view) {
    throw Error(ErrorKind::not_supported, not_in_this_version(name, ""));
  };
  row.get = [](const Spec&) { return std::string(); };
  return row;
}

/// Another command has it; it is refused here, and the help is the reason.
template <class Spec>
Option<Spec> refused(const char* names, const char* value, const char* reason) {
  Option<Spec> row = later<Spec>({names, value, "Not in this version", reason});
  if (*value == '\0') row.kind = Option<Spec>::Kind::flag;
  row.set = [name = row.name(), reason](Spec&, std::string_view) {
    throw Error(ErrorKind::not_supported, not_in_this_version(name, "") + ": " + reason);
  };
  return row;
}

}  // namespace riata::rows
