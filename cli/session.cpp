#include "session.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/io/read_table.hpp"

namespace riata::cli {
namespace {

constexpr int kInterrupted = 130;
std::atomic<bool> stop{false};
std::atomic<bool> nothing_to_keep{true};  // nothing is computed yet, and reading may wait for ever

extern "C" void on_signal(int) {
  if (stop.exchange(true) || nothing_to_keep.load()) ::_exit(kInterrupted);
}

Context make_context(const RunSpec& spec, ProgressLine& progress) {
  Context context(static_cast<int>(spec.threads));
  context.interrupt = &stop;
  context.memory_budget = spec.memory_budget;
  context.lean = spec.lean;
  context.on_progress = [&progress](const Progress& now) { progress.show(now); };
  if (spec.verbose) {
    context.on_log = [&progress](std::string_view line) {
      progress.clear();
      std::fprintf(stderr, "riata: %s\n", printable(line).c_str());
    };
  }
  return context;
}

ReadOptions::Header header_of(Header header) {
  switch (header) {
    case Header::yes: return ReadOptions::Header::yes;
    case Header::no: return ReadOptions::Header::no;
    case Header::automatic: break;
  }
  return ReadOptions::Header::automatic;
}

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() { return stop.load(); }

Session::Session(const RunSpec& spec) : spec_(spec), progress_(spec.quiet), context_(make_context(spec, progress_)) {}

Table Session::read(const std::string& path, std::vector<std::string> text_columns) {
  ReadOptions options;
  options.header = header_of(spec_.header);
  options.encoding = spec_.encoding;
  options.text_columns = std::move(text_columns);
  Table table = read_table(path, options, context_);
  nothing_to_keep = false;
  return table;
}

void Session::warn(const std::vector<std::string>& warnings) {
  if (spec_.quiet) return;
  for (const std::string& warning : warnings) note("warning: " + warning);
}

void Session::note(const std::string& text) {
  progress_.clear();
  if (!spec_.quiet) std::fprintf(stderr, "riata: %s\n", printable(text).c_str());
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return;
    if (written < 0) throw Error(ErrorKind::run, "cannot write to the standard output: " + reason());
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

TextStyle output_style() {
  TextStyle style;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  if (const char* columns = std::getenv("COLUMNS")) {
    if (const auto given = parse_index(columns)) style.width = *given;
  }
  style.width = std::clamp<Index>(style.width, 60, 120);
  style.colour = terminal && std::getenv("NO_COLOR") == nullptr;
  return style;
}

}  // namespace riata::cli
