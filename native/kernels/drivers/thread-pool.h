// A small pool for independent work units of unequal cost. Idle workers sleep (no spinning), and units are handed out
// one by one, so a worker whose core is busy with another process delays the call by at most the unit it holds.
#pragma once

#include <cstdint>
#include <functional>

namespace snnseg::sparse {

/// Runs task(unit, worker) for every unit in [0, units) on up to `threads` threads, the caller's included;
/// 0 <= worker < threads. Nested and concurrent calls run on the calling thread alone. Throws what the first failing unit
/// threw, when no unit is running any more.
void parallelFor(int64_t units, int threads, const std::function<void(int64_t, int)>& task);

}  // namespace snnseg::sparse
