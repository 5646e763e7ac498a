// Sums of a block without matrix tiles: 16 pixels by two weight tiles, a few pixels and vectors of weights at a time in registers.
#pragma once

#include <cstddef>

#include "byte-products.h"
#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

// Pixels and vectors of outputs whose sums stay in registers: 16 of 32, or 8 of 16.
constexpr int blockRows = SNN_VECTOR_BYTES == 64 ? 8 : SNN_VECTOR_BYTES == 32 ? 4 : 2;
constexpr int blockVectors = SNN_VECTOR_BYTES == 16 ? 4 : 2;
constexpr int passTiles = blockVectors * SNN_VECTOR_BYTES / 64;  // weight tiles of a pass
constexpr int wordsTogether = 8;                                // of four bytes in a line, a part of 16
// Multiplications whose weights fit the first-level cache, for all rows of a block.
constexpr int chunkSteps = 8;

/// Offset of vector v in the weights of a pass, in bytes, and in its sums, in numbers.
constexpr int weightAt(int v) { return v * SNN_VECTOR_BYTES / 64 * 1024 + v * SNN_VECTOR_BYTES % 64; }
constexpr int sumAt(int v) { return v * SNN_VECTOR_BYTES / 64 * 256 + v * SNN_VECTOR_BYTES % 64 / 4; }

SNN_INLINE void addSum(int32_t* to, IntPart sum) {
  sum += loadPart<IntPart>(to);
  __builtin_memcpy(to, &sum, sizeof sum);
}

/// Adds the products of some multiplications for `blockRows` pixels.
template <class Products>
SNN_INLINE void addRows(int32_t* sums, const uint8_t* lines, const TileStep* steps, int count, int depth, const int8_t* weights) {
  constexpr int together = Products::exact ? Products::exact : wordsTogether;
  IntPart sum[blockRows][blockVectors] = {};
  for (int s = 0; s < count; s++) {
    const uint8_t* line = lines + steps[s].line;
    const int8_t* tile = weights + steps[s].weight;
    for (int k = 0; k < depth; k += together) {
#pragma GCC unroll 16
      for (int j = k; j < k + together; j++) {
        IntPart w[blockVectors];
#pragma GCC unroll 4
        for (int v = 0; v < blockVectors; v++) w[v] = loadPart<IntPart>(tile + 64 * j + weightAt(v));
#pragma GCC unroll 8
        for (int r = 0; r < blockRows; r++) {
          const int32_t x = loadPart<int32_t>(line + r * lineBytes + 4 * j);
#pragma GCC unroll 4
          for (int v = 0; v < blockVectors; v++) {
            sum[r][v] = Products::add(sum[r][v], x, w[v]);
            pin(sum[r][v]);
          }
        }
      }
      if constexpr (Products::exact > 0) {
#pragma GCC unroll 8
        for (int r = 0; r < blockRows; r++) {
#pragma GCC unroll 4
          for (int v = 0; v < blockVectors; v++) {
            addSum(sums + 16 * r + sumAt(v), Products::widen(sum[r][v]));
            sum[r][v] = IntPart{};
          }
        }
      }
    }
  }
  if constexpr (Products::exact == 0) {
#pragma GCC unroll 8
    for (int r = 0; r < blockRows; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < blockVectors; v++) addSum(sums + 16 * r + sumAt(v), sum[r][v]);
    }
  }
}

/// Takes the shift of signed lines off again, for all pixels.
template <class Products>
SNN_INLINE void takeShiftOff([[maybe_unused]] int32_t* sums, [[maybe_unused]] int frames, [[maybe_unused]] const TileStep* steps,
                             [[maybe_unused]] int count, [[maybe_unused]] int depth, [[maybe_unused]] const int8_t* weights) {
  if constexpr (Products::isShifted) {
    for (int v = 0; v < blockVectors; v++) {
      IntPart excess{};
      for (int s = 0; s < count; s++) {
        for (int j = 0; j < depth; j++) excess = Products::shift(excess, loadPart<IntPart>(weights + steps[s].weight + 64 * j + weightAt(v)));
      }
      for (int f = 0; f < frames; f++) {
        for (int r = 0; r < tilePixels; r++) addSum(sums + 512 * f + 16 * r + sumAt(v), -excess);
      }
    }
  }
}

/// sums[frame][weight tile][16 pixels][16 outputs] of `frames` frames.
template <bool isSigned>
void sumBytes(int32_t* sums, int frames, const TileTask& task, const Tile& tile, const uint8_t* lines, const int8_t* weights) {
  using Products = ByteProducts<isSigned>;
  // What is left out of the last part meets weights of 0.
  constexpr int together = Products::exact ? Products::exact : wordsTogether;
  const int depth = isSigned ? (task.depth + together - 1) / together * together : lineBytes / 4;
  __builtin_memset(sums, 0, static_cast<size_t>(frames) * 512 * sizeof(int32_t));
  for (int first = 0; first < tile.stepCount; first += chunkSteps) {
    const TileStep* steps = task.tileSteps + tile.stepBegin + first;
    const int count = tile.stepCount - first < chunkSteps ? tile.stepCount - first : chunkSteps;
    for (int half = 0; half < 2; half += passTiles) {
      const int8_t* tiles = weights + 1024 * half;
      takeShiftOff<Products>(sums + 256 * half, frames, steps, count, depth, tiles);
      for (int f = 0; f < frames; f++) {
        for (int r = 0; r < tilePixels; r += blockRows) {
          addRows<Products>(sums + 512 * f + 256 * half + 16 * r, lines + tile.base + f * task.linesPerStep + r * lineBytes, steps, count, depth, tiles);
        }
      }
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse
