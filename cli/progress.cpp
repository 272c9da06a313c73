#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "riata/core/text.hpp"
#include "riata/core/time_left.hpp"

namespace riata::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto kBarEvery = 80ms;
constexpr auto kBarAfter = 300ms;
constexpr auto kLineEvery = 10s;

Index terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet)
    : ProgressLine(quiet                          ? Kind::nothing
                   : ::isatty(STDERR_FILENO) == 1 ? Kind::bar
                                                  : Kind::lines,
                   stderr, std::chrono::steady_clock::now()) {}

void ProgressLine::put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

void ProgressLine::show(const Progress& progress, Time now) {
  if (kind_ == Kind::nothing) return;
  if (progress.stage != stage_ || progress.done < stage_last_) {
    stage_ = progress.stage;
    stage_started_ = now;
    stage_first_ = progress.done;
  }
  stage_last_ = progress.done;
  if (kind_ == Kind::lines) {
    if (now - last_ < kLineEvery) return;
    last_ = now;
    std::string line = "riata: " + std::string(progress.stage) + " " + std::to_string(progress.done);
    if (progress.total > 0) line += " of " + std::to_string(progress.total);
    if (const std::string words = left(progress, now); !words.empty()) line += ", " + words;
    put(line + "\n");
    return;
  }
  if (now - started_ < kBarAfter || now - last_ < kBarEvery) return;
  last_ = now;
  draw(progress, left(progress, now));
}

std::string ProgressLine::left(const Progress& progress, Time now) const {
  const std::chrono::duration<double> taken = now - stage_started_;
  return time_left(taken.count(), progress.done - stage_first_, progress.total - stage_first_);
}

void ProgressLine::draw(const Progress& progress, const std::string& left) {
  const std::string label = "  " + std::string(progress.stage) + "  ";
  std::string line = label;
  if (progress.total > 0) {
    std::string count = " " + std::to_string(progress.done) + "/" + std::to_string(progress.total);
    if (!left.empty()) count += "  " + left;
    const Index room = std::clamp<Index>(terminal_width() - display_width(label) - std::ssize(count) - 2, 4, 50);
    const Index full = std::clamp<Index>(room * progress.done / progress.total, 0, room);
    for (Index i = 0; i < room; ++i) line += i < full ? "█" : "░";
    line += count;
  } else {
    line += std::to_string(progress.done);
  }
  put("\r\x1b[K" + line);
  drawn_ = true;
}

void ProgressLine::clear() {
  if (drawn_) put("\r\x1b[K");
  drawn_ = false;
}

}  // namespace riata::cli
