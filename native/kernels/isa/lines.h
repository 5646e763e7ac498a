// Lays spikes and pooled counts out as lines of 64 bytes, one a pixel.
#pragma once

#include "kernels/kernels.h"
#include "kernels/pool-count.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

void fillLinesBits(const TileFill& fill, const uint64_t* frame, int64_t words) {
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    // Without a branch: padding comes at every row's ends.
    const int64_t at = line.pixel < 0 ? 0 : line.pixel * words + line.word;
    const uint64_t bits = frame[at] & ~static_cast<uint64_t>(static_cast<int64_t>(line.pixel) >> 63);
    bitsToBytes<false>(bits, 1, fill.to + i * lineBytes);
  }
}

void fillLinesPooled(const TileFill& fill, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth,
                     int64_t stride) {
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    uint8_t* to = fill.to + i * lineBytes;
    PoolCount count{};
    if (line.pixel >= 0) count = countWindow(frame, words, line.word, width, PoolWindow(line.pixel, mapWidth, stride, height, width));
    bitsToBytes<false>(count.digit[0], 1, to);
    for (int k = 1; k < countDigits; k++) bitsToBytes<true>(count.digit[k], static_cast<uint8_t>(1 << k), to);
  }
}

}  // namespace
}  // namespace snnseg::sparse
