#include "block-arena.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>

namespace snnseg {
namespace {

// What one call opens: each makes the system count that much memory as promised.
constexpr size_t kOpenedAtOnce = size_t(64) << 20;
constexpr size_t kFewestBytes = size_t(256) << 20;

#if defined(__APPLE__)
constexpr int kGiveBack = MADV_FREE;
#else
constexpr int kGiveBack = MADV_DONTNEED;
#endif

size_t roundUp(size_t size, size_t to) { return (size + to - 1) / to * to; }

/// A limit of the process's addresses (ulimit -v) counts reserved ones too: half of it is left to everybody else.
size_t addressesAllowed(size_t bytes) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return bytes;
  return std::min(bytes, static_cast<size_t>(limit.rlim_cur) / 2);
}

}  // namespace

BlockArena::BlockArena(size_t bytes) {
  for (size_t size = addressesAllowed(bytes) / piece * piece; size >= kFewestBytes; size = size / 2 / piece * piece) {
    void* range = mmap(nullptr, size + piece, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) continue;
    const size_t before = (piece - reinterpret_cast<size_t>(range) % piece) % piece;
    base_ = static_cast<char*>(range) + before;
    reserved_ = size;
    if (before > 0) munmap(range, before);
    munmap(base_ + size, piece - before);
    return;
  }
}

BlockArena::~BlockArena() {
  if (reserved_ > 0) munmap(base_, reserved_);
}

void* BlockArena::take(size_t size, size_t most) {
  const size_t start = placeFor(size);
  if (start + size > reserved_ || !openUpTo(start + size)) return nullptr;
  if (const auto range = free_.find(start); range != free_.end()) {
    const size_t freeEnd = range->first + range->second;
    removeFree(range);
    if (freeEnd > start + size) addFree(start + size, freeEnd - start - size);
  }
  end_ = std::max(end_, start + size);
  const size_t missing = missingPieces(start, start + size);
  if (missing > 0) giveBack(most / piece > missing ? most / piece - missing : 0);
  for (size_t i = start / piece; i * piece < start + size; i++) resident_[i] = true;
  residentPieces_ += missing;
  return base_ + start;
}

/// The smallest free range that is large enough, else the end, with a free range before it.
size_t BlockArena::placeFor(size_t size) {
  const auto found = bySize_.lower_bound({size, 0});
  if (found != bySize_.end()) return found->second;
  if (free_.empty()) return end_;
  const auto last = std::prev(free_.end());
  return last->first + last->second == end_ ? last->first : end_;
}

bool BlockArena::openUpTo(size_t end) {
  if (end <= opened_) return true;
  const size_t opened = std::min(reserved_, roundUp(end, kOpenedAtOnce));
  if (mprotect(base_ + opened_, opened - opened_, PROT_READ | PROT_WRITE) != 0) return false;
#if defined(MADV_HUGEPAGE)
  madvise(base_ + opened_, opened - opened_, MADV_HUGEPAGE);
#endif
  opened_ = opened;
  resident_.resize(opened_ / piece);
  return true;
}

void BlockArena::give(void* block, size_t size) {
  size_t start = static_cast<size_t>(static_cast<char*>(block) - base_);
  const auto after = free_.lower_bound(start);
  if (after != free_.end() && after->first == start + size) {
    size += after->second;
    removeFree(after);
  }
  const auto next = free_.lower_bound(start);
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == start) {
      start = before->first;
      size += before->second;
      removeFree(before);
    }
  }
  addFree(start, size);
}

void BlockArena::addFree(size_t start, size_t size) {
  free_.emplace(start, size);
  bySize_.emplace(size, start);
}

void BlockArena::removeFree(Free::iterator range) {
  bySize_.erase({range->second, range->first});
  free_.erase(range);
}

size_t BlockArena::missingPieces(size_t start, size_t end) const {
  size_t missing = 0;
  for (size_t i = start / piece; i * piece < end; i++) missing += resident_[i] ? 0 : 1;
  return missing;
}

/// Free pieces, the last ones first, until that many are left or none is free.
void BlockArena::giveBack(size_t mostPieces) {
  for (auto range = free_.rbegin(); range != free_.rend() && residentPieces_ > mostPieces; ++range) {
    const size_t first = roundUp(range->first, piece) / piece, last = (range->first + range->second) / piece;
    for (size_t end = last; end > first && residentPieces_ > mostPieces; end--) {
      if (!resident_[end - 1]) continue;
      madvise(base_ + (end - 1) * piece, piece, kGiveBack);
      resident_[end - 1] = false;
      residentPieces_--;
    }
  }
}

}  // namespace snnseg
