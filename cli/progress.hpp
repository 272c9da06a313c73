#pragma once

#include <chrono>
#include <string>

#include "riata/core/context.hpp"

namespace riata::cli {

/// Tells on stderr how far a run is: a bar on a terminal, a plain line now and then elsewhere, nothing when quiet. Short
/// runs show nothing.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  /// Takes the bar off the screen, before other text is written.
  void clear();

 private:
  using Time = std::chrono::steady_clock::time_point;
  void draw(const Progress& progress);

  bool quiet_, terminal_;
  bool drawn_ = false;
  Time started_, last_;
};

}  // namespace riata::cli
