#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "progress.hpp"
#include "riata/app/spec.hpp"
#include "riata/core/context.hpp"
#include "riata/data/table.hpp"
#include "riata/report/fit_facts.hpp"

namespace riata::cli {

/// The first SIGINT or SIGTERM asks the run to stop at the next safe point; while there is nothing to keep, and at a second
/// one, the program ends at once.
void catch_signals();
bool interrupted();

/// Threads, memory, progress, log and interrupt of one command, from its options.
class Session {
 public:
  explicit Session(const RunSpec& spec);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Context& context() const { return context_; }
  /// Reads a table; "-" is the standard input. `text_columns` are read as text whatever they look like.
  Table read(const std::string& path, std::vector<std::string> text_columns);
  /// Takes the progress off the screen: results follow.
  void done() { progress_.clear(); }
  /// Warnings on stderr, unless quiet.
  void warn(const std::vector<std::string>& warnings);
  void note(const std::string& text);

 private:
  const RunSpec& spec_;
  ProgressLine progress_;
  Context context_;
};

/// Writes to the standard output and flushes. Throws Error(run), but is content when the reader has gone away.
void print(std::string_view text);

/// Width and colour of the standard output.
TextStyle output_style();

}  // namespace riata::cli
