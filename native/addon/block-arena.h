// Blocks of memory cut from one range of addresses, without libtorch.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace snnseg {

/// Takes the smallest free range that is large enough, joins what is freed with its free neighbours, and so serves any sizes from the
/// same pages. Pages stay with the process until a limit asks for them. Not for several threads at once.
class BlockArena {
 public:
  /// Blocks are multiples of this.
  static constexpr size_t unit = 4096;
  /// Pages come and go in pieces of this size, that of a large page.
  static constexpr size_t piece = size_t(2) << 20;

  /// Reserves addresses, without memory behind them: fewer where the system allows fewer, at worst none.
  explicit BlockArena(size_t bytes);
  BlockArena(const BlockArena&) = delete;
  BlockArena& operator=(const BlockArena&) = delete;
  ~BlockArena();

  /// A block of a multiple of `unit` bytes, aligned to it; null where addresses or memory are used up. Free pages are given
  /// back to the system where those of the process would take more than `most` bytes with it.
  void* take(size_t size, size_t most);
  void give(void* block, size_t size);
  bool holds(const void* block) const { return block >= base_ && block < base_ + reserved_; }
  /// Bytes of the pages that have been used and not given back.
  size_t residentBytes() const { return residentPieces_ * piece; }

 private:
  using Free = std::map<size_t, size_t>;  // start and size

  size_t placeFor(size_t size);
  bool openUpTo(size_t end);
  void addFree(size_t start, size_t size);
  void removeFree(Free::iterator range);
  size_t missingPieces(size_t start, size_t end) const;
  void giveBack(size_t mostPieces);

  char* base_ = nullptr;
  size_t reserved_ = 0;
  size_t opened_ = 0;  // up to here the system lets us write
  size_t end_ = 0;     // of the last block ever cut
  Free free_;          // below end_
  std::set<std::pair<size_t, size_t>> bySize_;
  std::vector<bool> resident_;  // of each piece below opened_
  size_t residentPieces_ = 0;
};

}  // namespace snnseg
