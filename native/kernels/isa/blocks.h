// Sums of products without matrix tiles: some pixels by some vectors of outputs at a time, in registers.
#pragma once

#include <cstddef>

#include "byte-products.h"
#include "half-products.h"
#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

// Pixels and vectors of outputs whose sums stay in registers: 16 of 32, or 8 of 16.
constexpr int blockRows = SNN_VECTOR_BYTES == 64 ? 8 : SNN_VECTOR_BYTES == 32 ? 4 : 2;
constexpr int blockVectors = SNN_VECTOR_BYTES == 16 ? 4 : 2;
constexpr int passTiles = blockVectors * SNN_VECTOR_BYTES / 64;  // weight tiles of a pass
constexpr int wordsTogether = 8;                                // of four bytes in a line, a part of its words

/// Lines by weights: word k of pixel r by row k of the weights, 16 outputs of four bytes.
template <class Product, int row, int word>
struct Operands {
  using Products = Product;
  static constexpr int64_t rowBytes = row, wordBytes = word;
  const uint8_t* lines;
  const int8_t* weights;
  int64_t weightTile;  // bytes from one weight tile of a pass to the next
  int64_t sumTile;     // numbers from one tile of sums to the next
};

/// What is in the sums before.
enum class Before { sums, nothing };

template <Before before = Before::sums, class Sum>
SNN_INLINE void addSum(int32_t* to, Sum sum) {
  if constexpr (before == Before::sums) sum += loadPart<Sum>(to);
  __builtin_memcpy(to, &sum, sizeof sum);
}

/// Vector v of a pass lies in this tile, so many bytes from its begin.
constexpr int tileOf(int v) { return v * SNN_VECTOR_BYTES / 64; }
constexpr int placeOf(int v) { return v * SNN_VECTOR_BYTES % 64; }

/// Adds the products of some multiplications for `rows` pixels from `first` on.
template <int rows, Before before = Before::sums, class Operands>
SNN_INLINE void addRows(int32_t* sums, int first, const Operands& of, const TileStep* steps, int count, int depth) {
  using Products = typename Operands::Products;
  constexpr int together = Products::exact ? Products::exact : wordsTogether;
  constexpr int64_t scale = Products::words / 16;
  sums += 16 * first;
  typename Products::Sum sum[rows][blockVectors];
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < blockVectors; v++) sum[r][v] = typename Products::Sum{};
  }
  for (int s = 0; s < count; s++) {
    const uint8_t* line = of.lines + first * Operands::rowBytes + scale * steps[s].line;
    const int8_t* tile = of.weights + scale * steps[s].weight;
    for (int k = 0; k < depth; k += together) {
#pragma GCC unroll 16
      for (int j = k; j < k + together; j++) {
        IntPart w[blockVectors];
#pragma GCC unroll 4
        for (int v = 0; v < blockVectors; v++) w[v] = loadPart<IntPart>(tile + tileOf(v) * of.weightTile + 64 * j + placeOf(v));
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
          const int32_t x = loadPart<int32_t>(line + r * Operands::rowBytes + j * Operands::wordBytes);
#pragma GCC unroll 4
          for (int v = 0; v < blockVectors; v++) {
            sum[r][v] = Products::add(sum[r][v], x, w[v]);
            pin(sum[r][v]);
          }
        }
      }
      if constexpr (Products::exact > 0) {
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
          for (int v = 0; v < blockVectors; v++) {
            addSum(sums + 16 * r + tileOf(v) * of.sumTile + placeOf(v) / 4, Products::widen(sum[r][v]));
            sum[r][v] = typename Products::Sum{};
          }
        }
      }
    }
  }
  if constexpr (Products::exact == 0) {
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < blockVectors; v++) addSum<before>(sums + 16 * r + tileOf(v) * of.sumTile + placeOf(v) / 4, sum[r][v]);
    }
  }
}

/// The same for 16 pixels.
template <Before before = Before::sums, class Operands>
SNN_INLINE void addTile(int32_t* sums, const Operands& of, const TileStep* steps, int count, int depth) {
  if constexpr (Operands::Products::waits && blockRows == 4) {
    addRows<6, before>(sums, 0, of, steps, count, depth);
    addRows<5, before>(sums, 6, of, steps, count, depth);
    addRows<5, before>(sums, 11, of, steps, count, depth);
  } else {
    for (int r = 0; r < tilePixels; r += blockRows) addRows<blockRows, before>(sums, r, of, steps, count, depth);
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
        for (int j = 0; j < depth; j++) excess = Products::shift(excess, loadPart<IntPart>(weights + steps[s].weight + 1024 * tileOf(v) + 64 * j + placeOf(v)));
      }
      for (int f = 0; f < frames; f++) {
        for (int r = 0; r < tilePixels; r++) addSum(sums + 512 * f + 16 * r + 256 * tileOf(v) + placeOf(v) / 4, -excess);
      }
    }
  }
}

/// sums[frame][weight tile][16 pixels][16 outputs] of `frames` frames; words of a line from `depth` on are 0.
template <class Products>
void sumProducts(int32_t* sums, int frames, const TileTask& task, const Tile& tile, const uint8_t* lines, const int8_t* weights, int depth) {
  constexpr int64_t lineSize = 4 * Products::words, weightTile = 64 * Products::words, scale = Products::words / 16;
  constexpr int chunkSteps = 8 / scale;  // multiplications whose weights fit the first-level cache, for all pixels of a block
  // Products that widen their sums only add to what is there.
  constexpr bool overwrites = Products::exact == 0;
  if (!overwrites || tile.stepCount == 0) __builtin_memset(sums, 0, static_cast<size_t>(frames) * 512 * sizeof(int32_t));
  for (int first = 0; first < tile.stepCount; first += chunkSteps) {
    const TileStep* steps = task.tileSteps + tile.stepBegin + first;
    const int count = tile.stepCount - first < chunkSteps ? tile.stepCount - first : chunkSteps;
    for (int half = 0; half < 2; half += passTiles) {
      for (int f = 0; f < frames; f++) {
        const Operands<Products, lineSize, 4> of{lines + scale * tile.base + f * task.linesPerStep, weights + weightTile * half, weightTile, 256};
        int32_t* to = sums + 512 * f + 256 * half;
        overwrites && first == 0 ? addTile<Before::nothing>(to, of, steps, count, depth) : addTile(to, of, steps, count, depth);
      }
      takeShiftOff<Products>(sums + 256 * half, frames, steps, count, depth, weights + weightTile * half);
    }
  }
}

template <TileProduct product>
void sumRegisters(int32_t* sums, int frames, const TileTask& task, const Tile& tile, const uint8_t* lines, const int8_t* weights) {
  if constexpr (product == TileProduct::bf16) {
    sumProducts<HalfProducts>(sums, frames, task, tile, lines, weights, HalfProducts::words);
  } else {
    using Products = ByteProducts<product == TileProduct::signedBytes>;
    // What is left out of the last part meets weights of 0.
    constexpr int together = Products::exact ? Products::exact : wordsTogether;
    const int depth = product == TileProduct::signedBytes ? (task.depth + together - 1) / together * together : Products::words;
    sumProducts<Products>(sums, frames, task, tile, lines, weights, depth);
  }
}

}  // namespace
}  // namespace snnseg::sparse
