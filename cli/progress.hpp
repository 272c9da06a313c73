#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "riata/core/context.hpp"

namespace riata::cli {

/// Tells on stderr how far a run is and how long its stage will still take: a bar on a terminal, a plain line now and then
/// elsewhere, nothing when quiet. Short runs show nothing.
class ProgressLine {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Kind { nothing, lines, bar };

  explicit ProgressLine(bool quiet);
  ProgressLine(Kind kind, std::FILE* out, Time started) : kind_(kind), out_(out), started_(started), last_(started) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress, Time now = std::chrono::steady_clock::now());
  /// Takes the bar off the screen, before other text is written.
  void clear();

 private:
  void draw(const Progress& progress, const std::string& left);
  void put(const std::string& text);
  /// In words, from the pace since the stage was first heard of.
  std::string left(const Progress& progress, Time now) const;

  Kind kind_;
  std::FILE* out_;
  bool drawn_ = false;
  Time started_, last_;
  std::string stage_;
  Time stage_started_;
  Index stage_first_ = 0, stage_last_ = 0;  ///< what was done at its first and its latest word
};

}  // namespace riata::cli
