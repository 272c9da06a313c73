#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

#include "riata/core/types.hpp"

namespace riata {

/// How far a long computation has come. `total` is 0 where it is not known.
struct Progress {
  std::string_view stage;  ///< "reading", "path", "cross-validation", …
  Index done = 0;
  Index total = 0;
};

/// What a computation may use and whom it tells: threads, memory, progress, log, interrupt. Passed explicitly, no globals.
class Context {
 public:
  /// threads: 0 means all cores. The result of a computation never depends on it.
  explicit Context(int threads = 0);
  ~Context();
  Context(const Context&);
  Context& operator=(const Context&);

  int threads() const { return threads_; }

  /// Runs body(block) for block = 0 … n_blocks − 1 on this context's threads. The order is free, so a body writes only what
  /// belongs to its block; sums over blocks are taken afterwards in order of the block number. Nested calls are fine.
  /// An exception in a body is rethrown here.
  void for_blocks(Index n_blocks, const std::function<void(Index)>& body) const;

  /// Runs each once, in this order on one thread, else side by side. Threads of the first that wait for each other begin
  /// nothing of the second, so that it ends as soon as it can; those of the second help with the first.
  void side_by_side(const std::function<void()>& first, const std::function<void()>& second) const;

  /// True once the caller asked to stop; long loops look at it at every safe point.
  bool interrupted() const { return interrupt != nullptr && interrupt->load(std::memory_order_relaxed); }

  const std::atomic<bool>* interrupt = nullptr;      ///< set by the caller's signal handler
  std::function<void(const Progress&)> on_progress;  ///< may be empty; called from one thread at a time
  std::function<void(std::string_view)> on_log;      ///< may be empty; one line, no newline
  Index memory_budget = 0;                           ///< bytes; 0: min(80 % of memory, cgroup limit)
  bool lean = false;                                 ///< as little beyond the data as can be (working_memory)

 private:
  struct Arena;
  int threads_;
  std::shared_ptr<Arena> arena_;
};

}  // namespace riata
