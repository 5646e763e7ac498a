#include "thread-pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace snnseg::sparse {
namespace {

class Pool {
 public:
  // Leaked on purpose: joining threads while a process exits can deadlock inside a loader lock.
  static Pool& instance() {
    static Pool* pool = new Pool();
    return *pool;
  }

  bool run(int64_t units, int threads, const std::function<void(int64_t, int)>& task) {
    std::unique_lock<std::mutex> call(callMutex_, std::try_to_lock);
    if (!call.owns_lock()) return false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      while (static_cast<int>(workers_.size()) < threads - 1) {
        const int worker = static_cast<int>(workers_.size()) + 1;
        try {
          workers_.emplace_back([this, worker] { loop(worker); });
        } catch (const std::system_error&) {
          break;  // no more threads to be had: those there are do the work
        }
      }
      task_ = &task;
      units_ = units;
      next_.store(0);
      invited_ = threads - 1;
      working_ = 0;
      failure_ = nullptr;
      generation_++;
    }
    wake_.notify_all();
    drain(0);
    // Workers that have not woken up yet find nothing left to do, so only those at work are waited for.
    std::unique_lock<std::mutex> lock(mutex_);
    invited_ = 0;
    done_.wait(lock, [this] { return working_ == 0; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    return true;
  }

 private:
  // After a unit that throws no further ones begin; the first failure reaches the caller when all workers are done.
  void drain(int worker) {
    for (;;) {
      const int64_t unit = next_.fetch_add(1);
      if (unit >= units_) return;
      try {
        (*task_)(unit, worker);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_.store(units_);
      }
    }
  }

  void loop(int worker) {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return generation_ != seen; });
      seen = generation_;
      if (worker > invited_) continue;
      working_++;
      lock.unlock();
      drain(worker);
      lock.lock();
      if (--working_ == 0) done_.notify_one();
    }
  }

  std::mutex callMutex_, mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> workers_;
  const std::function<void(int64_t, int)>* task_ = nullptr;
  int64_t units_ = 0;
  std::atomic<int64_t> next_{0};
  int invited_ = 0, working_ = 0;
  std::exception_ptr failure_;
  uint64_t generation_ = 0;
};

thread_local bool insideTask = false;

/// Marks this thread as inside a task for as long as it lives.
struct InsideTask {
  InsideTask() { insideTask = true; }
  ~InsideTask() { insideTask = false; }
};

}  // namespace

void parallelFor(int64_t units, int threads, const std::function<void(int64_t, int)>& task) {
  threads = static_cast<int>(std::min<int64_t>(std::max(1, threads), units));
  if (threads > 1 && !insideTask) {
    const std::function<void(int64_t, int)> marked = [&task](int64_t unit, int worker) {
      const InsideTask inside;
      task(unit, worker);
    };
    if (Pool::instance().run(units, threads, marked)) return;
  }
  for (int64_t unit = 0; unit < units; unit++) task(unit, 0);
}

}  // namespace snnseg::sparse
