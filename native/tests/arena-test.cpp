// Blocks of the arena: apart from each other, joined when freed, and within the limit of pages.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "addon/block-arena.h"

using snnseg::BlockArena;

namespace {

constexpr size_t unit = BlockArena::unit, piece = BlockArena::piece, unlimited = SIZE_MAX / 2;
int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::printf("failed: %s\n", what);
  failures++;
}

struct Block {
  char* data;
  size_t size;
  char mark;
};

void fill(const Block& block) { std::memset(block.data, block.mark, block.size); }

bool intact(const Block& block) {
  for (size_t i = 0; i < block.size; i++) {
    if (block.data[i] != block.mark) return false;
  }
  return true;
}

/// Blocks of random sizes come and go; nobody else's bytes change, and pages of free blocks are given back at the limit.
void keepsBlocksApart(unsigned seed, int steps) {
  std::mt19937 random(seed);
  BlockArena arena(size_t(1) << 32);
  std::vector<Block> blocks;
  size_t live = 0;
  for (int step = 0; step < steps; step++) {
    if (blocks.empty() || random() % 5 < 3) {
      const size_t size = unit * (1 + random() % (random() % 4 == 0 ? 1500 : 40)), most = live + size + (random() % 8) * piece;
      const size_t before = arena.residentBytes();
      const Block block{static_cast<char*>(arena.take(size, most)), size, static_cast<char>(random())};
      expect(block.data != nullptr, "a block is found");
      if (block.data == nullptr) return;
      expect(arena.holds(block.data) && reinterpret_cast<size_t>(block.data) % unit == 0, "it is aligned and the arena's");
      fill(block);
      blocks.push_back(block);
      live += size;
      // A block may share its first and last piece with free ranges, and the last free range one with what was never used.
      expect(arena.residentBytes() <= std::max(before, most + piece * (2 * blocks.size() + 1)), "pages stay within the limit");
      expect(arena.residentBytes() >= live, "pages of blocks are counted");
    } else {
      const size_t i = random() % blocks.size();
      expect(intact(blocks[i]), "a block keeps its bytes");
      arena.give(blocks[i].data, blocks[i].size);
      live -= blocks[i].size;
      blocks[i] = blocks.back();
      blocks.pop_back();
    }
  }
  for (const Block& block : blocks) {
    expect(intact(block), "a block keeps its bytes to the end");
    arena.give(block.data, block.size);
  }
  void* whole = arena.take(size_t(1) << 31, unlimited);
  expect(whole != nullptr, "free blocks have joined");
}

void joinsNeighbours() {
  BlockArena arena(size_t(1) << 30);
  const auto take = [&](size_t units) { return static_cast<char*>(arena.take(units * unit, unlimited)); };
  char *a = take(10), *b = take(20), *c = take(30), *d = take(5);
  expect(b == a + 10 * unit && c == b + 20 * unit && d == c + 30 * unit, "blocks follow each other");
  arena.give(a, 10 * unit);
  arena.give(c, 30 * unit);
  expect(take(8) == a, "the smallest free range is taken");
  arena.give(a, 8 * unit);
  arena.give(b, 20 * unit);
  expect(take(60) == a, "three neighbours make one block");
  arena.give(d, 5 * unit);
  expect(take(9) == d, "a free range at the end grows");
}

void servesTheSameSizesFromTheSamePages() {
  BlockArena arena(size_t(1) << 30);
  size_t after = 0;
  for (int step = 0; step < 50; step++) {
    void* x = arena.take(100 * piece, unlimited);
    void* y = arena.take(3 * unit, unlimited);
    arena.give(x, 100 * piece);
    void* z = arena.take(70 * piece, unlimited);
    void* w = arena.take(30 * piece, unlimited);
    for (auto [block, size] : {std::pair{y, 3 * unit}, std::pair{z, 70 * piece}, std::pair{w, 30 * piece}}) arena.give(block, size);
    if (step == 0) after = arena.residentBytes();
  }
  expect(arena.residentBytes() == after, "a loop needs no new pages");
}

void refusesWhatItLacks() {
  BlockArena arena(size_t(1) << 28);
  expect(arena.take(size_t(1) << 29, unlimited) == nullptr, "no block larger than the arena");
  expect(arena.take(size_t(1) << 28, unlimited) != nullptr, "all of it");
  expect(arena.take(unit, unlimited) == nullptr, "nothing is left");
  BlockArena none(0);
  expect(none.take(unit, unlimited) == nullptr && !none.holds(&none), "an empty arena holds nothing");
}

}  // namespace

int main(int count, char** values) {
  const int cases = count > 1 ? std::atoi(values[1]) : 10;
  joinsNeighbours();
  servesTheSameSizesFromTheSamePages();
  refusesWhatItLacks();
  for (int i = 0; i < cases; i++) keepsBlocksApart(static_cast<unsigned>(i), 1000);
  std::printf("%s\n", failures == 0 ? "ok" : "failed");
  return failures == 0 ? 0 : 1;
}
