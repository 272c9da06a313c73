#include "riata/core/context.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <mutex>

#ifdef RIATA_THREAD_SANITIZER
// NOLINTBEGIN(bugprone-reserved-identifier): the sanitizer's names
extern "C" void __tsan_acquire(void*);
extern "C" void __tsan_release(void*);
// NOLINTEND(bugprone-reserved-identifier)
#define TELL_THREAD_SANITIZER(what, where) __tsan_##what(where)
#else
#define TELL_THREAD_SANITIZER(what, where) static_cast<void>(where)
#endif

namespace riata {
namespace {

/// What TBB orders, told to the thread sanitizer, which does not see into it: all that came before a call of for_blocks
/// comes before each of its bodies, and every body before what comes after the call. Bodies are ordered among themselves by
/// nothing.
class ForkAndJoin {
 public:
  ForkAndJoin() { TELL_THREAD_SANITIZER(release, &fork_); }
  ~ForkAndJoin() { TELL_THREAD_SANITIZER(acquire, &join_); }
  void run(const std::function<void(Index)>& body, Index block) {
    const struct Branch {
      ForkAndJoin& parent;
      ~Branch() { TELL_THREAD_SANITIZER(release, &parent.join_); }
    } branch{*this};
    TELL_THREAD_SANITIZER(acquire, &fork_);
    body(block);
  }

 private:
  char fork_ = 0, join_ = 0;
};

/// TBB keeps one pool for the process, as large as the machine; more threads must be asked for, or it complains on stderr.
void allow_threads(int threads) {
  static std::mutex guard;
  static std::unique_ptr<tbb::global_control> allowed;
  const auto wanted = static_cast<std::size_t>(threads);
  const std::lock_guard lock(guard);
  if (wanted <= tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism)) return;
  allowed.reset();
  allowed = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, wanted);
}

}  // namespace

struct Context::Arena {
  explicit Arena(int threads) : tasks(threads) {}
  tbb::task_arena tasks;
};

Context::Context(int threads) : threads_(threads > 0 ? threads : tbb::this_task_arena::max_concurrency()) {
  allow_threads(threads_);
  arena_ = std::make_shared<Arena>(threads_);
}
Context::~Context() = default;
Context::Context(const Context&) = default;
Context& Context::operator=(const Context&) = default;

void Context::for_blocks(Index n_blocks, const std::function<void(Index)>& body) const {
  if (n_blocks <= 0) return;
  if (threads_ == 1 || n_blocks == 1) {
    for (Index block = 0; block < n_blocks; ++block) body(block);
    return;
  }
  ForkAndJoin order;
  arena_->tasks.execute([&] { tbb::parallel_for(Index{0}, n_blocks, [&](Index block) { order.run(body, block); }); });
}

void Context::side_by_side(const std::function<void()>& first, const std::function<void()>& second) const {
  for_blocks(2, [&](Index which) {
    if (which == 1) return second();
    tbb::this_task_arena::isolate(first);
  });
}

}  // namespace riata
