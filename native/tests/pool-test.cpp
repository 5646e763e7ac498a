// The thread pool: every unit runs once, a unit that throws ends the call and nothing else, whoever calls and however often. Also
// built with the thread sanitizer (scripts/test-kernels). Exits 1 on a failure.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "kernels/drivers/thread-pool.h"

namespace {

using snnseg::sparse::parallelFor;

constexpr int rounds = 300;
std::atomic<int> failures{0};

void expect(bool holds, const char* what) {
  if (holds) return;
  if (failures++ < 20) std::printf("FAILED %s\n", what);
}

/// Every unit once, by a worker in [0, threads).
void checkUnits(int64_t units, int threads) {
  std::vector<std::atomic<int>> runs(static_cast<size_t>(units));
  std::atomic<bool> known{true};
  parallelFor(units, threads, [&](int64_t unit, int worker) {
    runs[static_cast<size_t>(unit)]++;
    if (worker < 0 || worker >= threads) known = false;
  });
  bool once = true;
  for (const std::atomic<int>& count : runs) once &= count == 1;
  expect(once, "every unit runs once");
  expect(known, "workers are numbered below the number of threads");
}

/// Units of which `bad` says who throws; whatever they write to is gone as soon as the call returns.
template <class Bad>
void checkThrow(int64_t units, int threads, Bad&& bad, const char* what) {
  std::atomic<int> running{0}, thrown{0};
  bool caught = false;
  {
    std::vector<int> written(static_cast<size_t>(units), 0);
    try {
      parallelFor(units, threads, [&](int64_t unit, int worker) {
        running++;
        written[static_cast<size_t>(unit)] = 1;
        if (bad(unit, worker)) {
          thrown++;
          running--;
          throw std::runtime_error("unit " + std::to_string(unit));
        }
        written[static_cast<size_t>(unit)]++;
        running--;
      });
    } catch (const std::runtime_error& error) {
      caught = std::string(error.what()).rfind("unit ", 0) == 0;
    }
  }
  expect(running == 0, what);
  expect(caught == (thrown > 0), what);
}

void checkThrows() {
  for (int round = 0; round < rounds; round++) {
    const int threads = 1 + round % 4;
    const int64_t units = 1 + round % 37;
    checkThrow(units, threads, [](int64_t, int worker) { return worker == 0; }, "the caller's unit throws");
    checkThrow(units, threads, [](int64_t, int worker) { return worker > 0; }, "a worker's unit throws");
    checkThrow(units, threads, [](int64_t, int) { return true; }, "every unit throws");
    checkThrow(units, threads, [&](int64_t unit, int) { return unit == units - 1; }, "the last unit throws");
    checkUnits(units, threads);
  }
}

/// What an allocation that fails throws arrives as such.
void checkKind() {
  bool caught = false;
  try {
    parallelFor(8, 3, [](int64_t unit, int) {
      if (unit == 5) throw std::bad_alloc();
    });
  } catch (const std::bad_alloc&) {
    caught = true;
  }
  expect(caught, "the kind of the exception stays");
}

/// Calls inside units run on the unit's thread alone, after one that threw too.
void checkNested() {
  for (int round = 0; round < rounds / 10; round++) {
    std::atomic<int> inner{0};
    std::atomic<bool> alone{true};
    parallelFor(6, 3, [&](int64_t, int) {
      const std::thread::id self = std::this_thread::get_id();
      try {
        parallelFor(4, 3, [](int64_t unit, int) {
          if (unit == 2) throw std::runtime_error("nested");
        });
        alone = false;
      } catch (const std::runtime_error&) {
      }
      parallelFor(5, 3, [&](int64_t, int worker) {
        inner++;
        if (std::this_thread::get_id() != self || worker != 0) alone = false;
      });
    });
    expect(inner == 30, "nested calls run every unit");
    expect(alone, "nested calls stay on their thread and throw there");
    checkUnits(20, 3);
  }
}

/// Several threads call at once: one has the pool, the others work alone.
void checkConcurrent() {
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; caller++) {
    callers.emplace_back([caller] {
      for (int round = 0; round < rounds; round++) {
        checkUnits(1 + (round + caller) % 9, 1 + caller);
        checkThrow(9, 3, [&](int64_t unit, int) { return unit == (round + caller) % 12; }, "calls at once, one throws");
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace

int main() {
  checkUnits(0, 3);
  checkUnits(1, 8);
  checkUnits(2, 8);
  checkUnits(1000, 8);
  checkThrows();
  checkKind();
  checkNested();
  checkConcurrent();
  for (int round = 0; round < rounds; round++) checkUnits(round % 5, 4);
  std::printf("pool: %d failures\n", failures.load());
  // Sleeping workers never end; a sanitizer's report still comes.
  return failures > 0;
}
