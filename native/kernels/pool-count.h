// The counts 0..9 of set bits in 3x3 windows, padding 1, for 64 channels at once: the only pooling of bits. Without linkage, as
// files compiled for other processors share no inline functions.
#pragma once

#include <cstdint>

namespace snnseg::sparse {
namespace {

/// The pixels that a window sees: first and last rows and columns.
struct PoolWindow {
  int64_t y0, y1, x0, x1;

  /// Of the pooled map's `pixel`, whose rows are `mapWidth` windows.
  PoolWindow(int64_t pixel, int64_t mapWidth, int64_t stride, int64_t height, int64_t width) {
    const int64_t y = pixel / mapWidth * stride, x = pixel % mapWidth * stride;
    y0 = y > 0 ? y - 1 : 0;
    y1 = y + 1 < height ? y + 1 : height - 1;
    x0 = x > 0 ? x - 1 : 0;
    x1 = x + 1 < width ? x + 1 : width - 1;
  }
};

constexpr int countDigits = 4;

/// Bit c of digit k is bit k of channel c's count.
struct PoolCount {
  uint64_t digit[countDigits];
};

struct HalfSum {
  uint64_t sum, carry;
};

inline HalfSum addThree(uint64_t a, uint64_t b, uint64_t c) { return {a ^ b ^ c, (a & b) | (c & (a ^ b))}; }

/// Words of the window's pixels added bit by bit: three a row, then the rows.
inline PoolCount countWindow(const uint64_t* frame, int64_t words, int64_t word, int64_t width, const PoolWindow& window) {
  HalfSum row[3] = {};
  for (int64_t y = window.y0; y <= window.y1; y++) {
    uint64_t pixel[3] = {};
    for (int64_t x = window.x0; x <= window.x1; x++) pixel[x - window.x0] = frame[(y * width + x) * words + word];
    row[y - window.y0] = addThree(pixel[0], pixel[1], pixel[2]);
  }
  const HalfSum ones = addThree(row[0].sum, row[1].sum, row[2].sum);
  const HalfSum twos = addThree(row[0].carry, row[1].carry, row[2].carry);
  const HalfSum lastTwo = addThree(ones.carry, twos.sum, 0);
  const HalfSum four = addThree(twos.carry, lastTwo.carry, 0);
  return {{ones.sum, lastTwo.sum, four.sum, four.carry}};
}

}  // namespace
}  // namespace snnseg::sparse
