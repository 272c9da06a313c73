#include "riata/core/context.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace riata {

struct Context::Arena {
  explicit Arena(int threads) : tasks(threads) {}
  tbb::task_arena tasks;
};

Context::Context(int threads)
    : threads_(threads > 0 ? threads : tbb::this_task_arena::max_concurrency()),
      arena_(std::make_shared<Arena>(threads_)) {}
Context::~Context() = default;
Context::Context(const Context&) = default;
Context& Context::operator=(const Context&) = default;

void Context::for_blocks(Index n_blocks, const std::function<void(Index)>& body) const {
  if (n_blocks <= 0) return;
  if (threads_ == 1 || n_blocks == 1) {
    for (Index block = 0; block < n_blocks; ++block) body(block);
    return;
  }
  arena_->tasks.execute([&] { tbb::parallel_for(Index{0}, n_blocks, [&](Index block) { body(block); }); });
}

}  // namespace riata
