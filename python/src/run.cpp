#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "binding.hpp"

namespace riata::python {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};
constexpr double kFew = 1e6;

/// TBB's threads do not survive a fork: a child of a process that had started them computes on the calling thread.
std::atomic<bool> threads_started{false};
std::atomic<bool> threads_lost{false};

void watch_forks() {
  static std::once_flag once;
  std::call_once(once, [] {
    pthread_atfork(nullptr, nullptr, [] {
      if (threads_started) threads_lost = true;
    });
  });
}

int usable_threads(int threads) {
  if (threads_lost) return 1;
  if (threads != 1) {
    watch_forks();
    threads_started = true;
  }
  return threads;
}

/// The work on a thread of its own, while the calling one waits and may look around.
class Worker {
 public:
  explicit Worker(const std::function<void()>& work) : thread_([this, work] { finish(work); }) {}
  ~Worker() { thread_.join(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool wait() {
    std::unique_lock lock(mutex_);
    return done_.wait_for(lock, kLookEvery, [this] { return finished_; });
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void finish(const std::function<void()>& work) {
    try {
      work();
    } catch (...) {
      error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    finished_ = true;
    done_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable done_;
  bool finished_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

/// Whether this is the thread on which Python handles signals.
bool handles_signals() {
  return nb::cast<unsigned long>(nb::module_::import_("threading").attr("main_thread")().attr("ident")) ==
         PyThread_get_thread_ident();
}

}  // namespace

std::shared_ptr<const void> keep_alive(nb::object object) {
  PyObject* const pointer = object.release().ptr();
  return {pointer, [](const void* kept) {
            if (!Py_IsInitialized()) return;
            const nb::gil_scoped_acquire gil;
            Py_DECREF(const_cast<PyObject*>(static_cast<const PyObject*>(kept)));
          }};
}

void run(int threads, double entries, const std::function<void(const Context&)>& work) {
  std::atomic<bool> interrupt{false};
  Context context(usable_threads(threads));
  context.interrupt = &interrupt;
  if (entries < kFew || !handles_signals()) {
    const nb::gil_scoped_release released;
    work(context);
    return;
  }
  bool raised = false;
  std::exception_ptr error;
  {
    const nb::gil_scoped_release released;
    Worker worker([&] { work(context); });
    while (!worker.wait()) {
      const nb::gil_scoped_acquire gil;
      if (!raised && PyErr_CheckSignals() != 0) {
        raised = true;
        interrupt = true;
      }
    }
    try {
      worker.rethrow();
    } catch (...) {
      error = std::current_exception();
    }
  }
  if (raised) throw nb::python_error();
  if (error) std::rethrow_exception(error);
}

}  // namespace riata::python
