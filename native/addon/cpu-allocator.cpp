// Memory of CPU tensors: freed blocks are kept by size and handed out again. A training loop allocates the same sizes
// at every step, so after the first steps nothing is asked of the system any more: no page faults, no growth by
// fragmentation. Those kept longest are given back where all blocks together would exceed the most that tensors ever took, and a little.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <list>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#include "cpu-allocator.h"

namespace snnseg {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kKeptFrom = 64 * 1024;      // smaller blocks are the C library's business
constexpr size_t kMappedFrom = 1024 * 1024;  // larger ones come from the system in pages of their own
constexpr size_t kSlack = 16 * 1024 * 1024;

// The system may promise more memory than it has, and end the process once that is written to.
size_t physicalMemory() {
#if defined(__linux__)
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
#else
  return size_t(1) << 46;
#endif
}

struct Header {
  size_t size;  // of the whole block, header included
  void* base;
};
static_assert(sizeof(Header) <= kAlignment, "the header lies in front of the aligned data");

// Eight sizes per power of two: at most an eighth is wasted.
size_t roundedSize(size_t bytes) {
  if (bytes < kKeptFrom) return bytes;
  size_t step = kKeptFrom / 8;
  while (step * 16 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void* systemAllocate(size_t size) {
#if defined(__linux__)
  if (size >= kMappedFrom) {
    void* block = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return nullptr;
    madvise(block, size, MADV_HUGEPAGE);
    return block;
  }
#endif
  void* block = nullptr;
  return posix_memalign(&block, kAlignment, size) == 0 ? block : nullptr;
}

void systemFree(void* block, size_t size) {
#if defined(__linux__)
  if (size >= kMappedFrom) {
    munmap(block, size);
    return;
  }
#endif
  std::free(block);
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
  c10::DeleterFnPtr raw_deleter() const override { return &release; }

 private:
  static c10::DataPtr make(size_t bytes);
  static void release(void* data);
};

struct Kept {
  void* block;
  size_t size;
};

struct Pool {
  std::mutex mutex;
  std::list<Kept> byAge;                                                        // longest kept first
  std::unordered_map<size_t, std::vector<std::list<Kept>::iterator>> bySize;   // of each size likewise
  size_t keptBytes = 0, liveBytes = 0;
  size_t peakBytes = 0;     // since resetCpuMemoryPeak()
  size_t highestBytes = 0;  // ever

  void* take(size_t size) {
    const std::lock_guard<std::mutex> lock(mutex);
    void* block = takeKept(size);
    if (block == nullptr) block = takeFresh(size);
    if (block == nullptr) throw std::bad_alloc();
    liveBytes += size;
    peakBytes = std::max(peakBytes, liveBytes);
    highestBytes = std::max(highestBytes, liveBytes);
    return block;
  }

  void give(void* block, size_t size) {
    const std::lock_guard<std::mutex> lock(mutex);
    liveBytes -= size;
    keptBytes += size;
    bySize[size].push_back(byAge.insert(byAge.end(), {block, size}));
  }

  void* takeKept(size_t size) {
    const auto found = bySize.find(size);
    if (found == bySize.end() || found->second.empty()) return nullptr;
    const auto newest = found->second.back();
    void* block = newest->block;
    found->second.pop_back();
    byAge.erase(newest);
    keptBytes -= size;
    return block;
  }

  void* takeFresh(size_t size) {
    const size_t highest = std::max(highestBytes, liveBytes + size);
    giveBack(highest + kSlack - size);
    void* block = systemAllocate(size);
    if (block != nullptr) return block;
    giveBack(0);
    return systemAllocate(size);
  }

  /// Frees what has been kept longest until live and kept blocks together are within the limit.
  void giveBack(size_t limit) {
    while (!byAge.empty() && liveBytes + keptBytes > limit) {
      const Kept oldest = byAge.front();
      byAge.pop_front();
      auto& same = bySize[oldest.size];
      same.erase(same.begin());
      keptBytes -= oldest.size;
      systemFree(oldest.block, oldest.size);
    }
  }
};

// Never destroyed: tensors of static lifetime are freed after all else.
Pool& pool() {
  static Pool* only = new Pool();
  return *only;
}

c10::DataPtr KeepingAllocator::make(size_t bytes) {
  const c10::Device cpu(c10::DeviceType::CPU);
  if (bytes == 0) return {nullptr, nullptr, &release, cpu};
  if (bytes > physicalMemory()) throw std::bad_alloc();
  const size_t size = roundedSize(bytes + kAlignment);
  void* block = size >= kKeptFrom ? pool().take(size) : systemAllocate(size);
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<Header*>(block) = {size, block};
  void* data = static_cast<char*>(block) + kAlignment;
  return {data, data, &release, cpu};
}

void KeepingAllocator::release(void* data) {
  if (data == nullptr) return;
  const Header header = *reinterpret_cast<Header*>(static_cast<char*>(data) - kAlignment);
  if (header.size >= kKeptFrom) {
    pool().give(header.base, header.size);
  } else {
    systemFree(header.base, header.size);
  }
}

}  // namespace

void useKeepingAllocator() {
  static KeepingAllocator* allocator = new KeepingAllocator();
  c10::SetCPUAllocator(allocator, /*priority=*/1);
}

TensorMemory cpuMemory() {
  Pool& all = pool();
  const std::lock_guard<std::mutex> lock(all.mutex);
  return {all.liveBytes, all.keptBytes, all.peakBytes};
}

void resetCpuMemoryPeak() {
  Pool& all = pool();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.peakBytes = all.liveBytes;
}

}  // namespace snnseg
