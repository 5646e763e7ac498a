// Memory of CPU tensors and of the kernels' work: freed blocks are kept and handed out again, whole, in parts or joined. A training
// loop allocates the same sizes at every step, so after the first steps nothing is asked of the system any more: no page faults, no
// growth by fragmentation. Pages are given back where they would exceed the most that tensors ever took by an eighth, and a little.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>

#include "block-arena.h"
#include "cpu-allocator.h"
#include "kernels/snn.h"

namespace snnseg {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kKeptFrom = 64 * 1024;  // smaller blocks are the C library's business
constexpr size_t kSlack = 16 * 1024 * 1024;
// Addresses cost nothing; with these, blocks of a process that takes all memory can still be scattered.
constexpr size_t kAddressesPerByte = 4;

// The system may promise more memory than it has, and end the process once that is written to.
size_t physicalMemory() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

struct Header {
  size_t size;  // of the whole block, header included
  void* base;
};
static_assert(sizeof(Header) <= kAlignment, "the header lies in front of the aligned data");

struct Pool {
  std::mutex mutex;
  BlockArena arena{physicalMemory() * kAddressesPerByte};
  size_t liveBytes = 0;
  size_t peakBytes = 0;     // since resetCpuMemoryPeak()
  size_t highestBytes = 0;  // ever

  /// Null where the arena has no room.
  void* take(size_t size) {
    const std::lock_guard<std::mutex> lock(mutex);
    const size_t live = liveBytes + size, highest = std::max(highestBytes, live);
    void* block = arena.take(size, highest + highest / 8 + kSlack);
    if (block == nullptr) return nullptr;
    liveBytes = live;
    peakBytes = std::max(peakBytes, live);
    highestBytes = highest;
    return block;
  }

  void give(void* block, size_t size) {
    const std::lock_guard<std::mutex> lock(mutex);
    liveBytes -= size;
    arena.give(block, size);
  }
};

// Never destroyed: tensors of static lifetime are freed after all else.
Pool& pool() {
  static Pool* only = new Pool();
  return *only;
}

/// Null where there is none.
void* takeBlock(size_t bytes) {
  if (bytes > physicalMemory()) return nullptr;
  size_t size = bytes + kAlignment;
  void* block = nullptr;
  if (size >= kKeptFrom) {
    size = (size + BlockArena::unit - 1) / BlockArena::unit * BlockArena::unit;
    block = pool().take(size);
  }
  if (block == nullptr && posix_memalign(&block, kAlignment, size) != 0) return nullptr;
  *static_cast<Header*>(block) = {size, block};
  return static_cast<char*>(block) + kAlignment;
}

void giveBlock(void* data) {
  if (data == nullptr) return;
  const Header header = *reinterpret_cast<Header*>(static_cast<char*>(data) - kAlignment);
  if (pool().arena.holds(header.base)) {
    pool().give(header.base, header.size);
  } else {
    std::free(header.base);
  }
}

class KeepingAllocator final : public c10::Allocator {
 public:
#if SNNSEG_ALLOCATE_IS_CONST
  c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#else
  c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
  void copy_data(void* destination, const void* source, size_t count) const override {
    default_copy_data(destination, source, count);
  }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &giveBlock; }

 private:
  static c10::DataPtr make(size_t bytes) {
    const c10::Device cpu(c10::DeviceType::CPU);
    void* data = bytes > 0 ? takeBlock(bytes) : nullptr;
    if (bytes > 0 && data == nullptr) throw std::bad_alloc();
    return {data, data, &giveBlock, cpu};
  }
};

}  // namespace

void useKeepingAllocator() {
  static KeepingAllocator* allocator = new KeepingAllocator();
  c10::SetCPUAllocator(allocator, /*priority=*/1);
  snn_use_memory(takeBlock, giveBlock);
}

TensorMemory cpuMemory() {
  Pool& all = pool();
  const std::lock_guard<std::mutex> lock(all.mutex);
  return {all.liveBytes, all.arena.residentBytes() - all.liveBytes, all.peakBytes};
}

void resetCpuMemoryPeak() {
  Pool& all = pool();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.peakBytes = all.liveBytes;
}

}  // namespace snnseg
