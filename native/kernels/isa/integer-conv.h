// Dense convolutions of unsigned bytes: some pixels by 16 or 32 outputs at a time, in registers, read where the input lies.
#pragma once

#include "blocks.h"
#include "integer-sink.h"

namespace snnseg::sparse {
namespace {

// Pixels whose sums stay in registers.
constexpr int integerRows = SNN_VECTOR_BYTES == 64 ? 8 : SNN_VECTOR_BYTES == 32 ? 6 : 2;

SNN_INLINE bool allOutside(const uint8_t* const* lines, const uint8_t* zeros) {
  bool inside = false;
  for (int r = 0; r < integerRows; r++) inside |= lines[r] != zeros;
  return !inside;
}

/// Where in a kernel the sums have got to.
struct Place {
  int tap, word;
};

/// Sets (or adds to) totals[groups][rows][16] by the products from `at` on, as many as 16 bits surely hold; returns where it stopped.
template <int vectors, Before before>
SNN_INLINE Place addProducts(int32_t* totals, const IntegerTiles& task, int64_t pixel, const int8_t* weights, Place at) {
  using Products = ByteProducts<false>;
  const int words = task.words, taps = task.taps;
  const int64_t groupBytes = int64_t{64} * taps * words;
  Products::Sum sum[integerRows][vectors];
#pragma GCC unroll 8
  for (int r = 0; r < integerRows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sum[r][v] = Products::Sum{};
  }
  for (int room = task.exact; at.tap < taps && room > 0;) {
    const uint8_t* const* lines = task.lines + at.tap * task.lineStride + pixel;
    const int8_t* tile = weights + int64_t{64} * words * at.tap;
    const int left = words - at.word, count = Products::exact > 0 && left > room ? room : left, end = at.word + count;
    if (!allOutside(lines, task.zeros)) {
      const uint8_t* line[integerRows];
#pragma GCC unroll 8
      for (int r = 0; r < integerRows; r++) line[r] = lines[r];
      for (int64_t k = at.word; k < end; k++) {
        IntPart w[vectors];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) w[v] = loadPart<IntPart>(tile + tileOf(v) * groupBytes + 64 * k + placeOf(v));
#pragma GCC unroll 8
        for (int r = 0; r < integerRows; r++) {
          const int32_t x = loadPart<int32_t>(line[r] + 4 * k);
#pragma GCC unroll 4
          for (int v = 0; v < vectors; v++) {
            sum[r][v] = Products::add(sum[r][v], x, w[v]);
            pin(sum[r][v]);
          }
        }
      }
      if (Products::exact > 0) room -= count;
    }
    at = end == words ? Place{at.tap + 1, 0} : Place{at.tap, end};
  }
#pragma GCC unroll 8
  for (int r = 0; r < integerRows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) addSum<before>(totals + (tileOf(v) * integerRows + r) * lanes + placeOf(v) / 4, Products::widen(sum[r][v]));
  }
  return at;
}

template <int vectors, Result result>
void integerTile(const IntegerTiles& task, int64_t group, int64_t pixel) {
  constexpr int tiles = tileOf(vectors - 1) + 1;
  alignas(64) int32_t totals[tiles * integerRows * lanes];
  const int8_t* weights = task.weights + group * 64 * task.taps * task.words;
  Place at = addProducts<vectors, Before::nothing>(totals, task, pixel, weights, {0, 0});
  while (at.tap < task.taps) at = addProducts<vectors, Before::sums>(totals, task, pixel, weights, at);
  const int64_t rows = smaller(integerRows, task.pixels - pixel);
  for (int tile = 0; tile < tiles; tile++) {
    const Finish<result> finish(task.sink, (group + tile) * lanes);
    for (int64_t r = 0; r < rows; r++) finish(Floats::fromIntegers(totals + (tile * integerRows + r) * lanes), pixel + r);
  }
}

template <Result result>
void integerTilesTo(const IntegerTiles& task) {
  constexpr int perGroup = 64 / SNN_VECTOR_BYTES, wide = SNN_VECTOR_BYTES == 64 ? 2 : 1;  // groups at a time
  for (int64_t group = 0; group < task.groups; group += wide) {
    for (int64_t pixel = 0; pixel < task.pixels; pixel += integerRows) {
      group + wide <= task.groups ? integerTile<perGroup * wide, result>(task, group, pixel) : integerTile<perGroup, result>(task, group, pixel);
    }
  }
}

void integerTiles(const IntegerTiles& task) {
  switch (resultOf(task.sink)) {
    case Result::integers: return integerTilesTo<Result::integers>(task);
    case Result::values: return integerTilesTo<Result::values>(task);
    case Result::both: return integerTilesTo<Result::both>(task);
  }
}

}  // namespace
}  // namespace snnseg::sparse
