// Spike convolutions on tiles, with batch norm and LIF fused into the epilogue.
//
// Spikes (0/1), pooled counts (0..9) and bytes are exact in 8 bits. Weights are one int8 digit, or two:
// q = base * high + low. Tile sums are exact in int32 and, while below 2^24, exact in float too.
// A block is 16 pixels of two consecutive steps by two weight tiles: four multiplications for four loads, which on AMX take
// equally long. There the epilogue of one block runs between the tile instructions of the next, on other ports; a membrane is
// loaded and stored once for both steps.
#pragma once

#if defined(SNN_AMX)
#include "tiles.h"
#else
#include "blocks.h"
#endif
#include "kernels/kernels.h"
#include "lif.h"

namespace snnseg::sparse {
namespace {

constexpr int blockSteps = 2;

struct Epilogue {
  const int32_t* pixels;
  const float* scale;
  const float* shift;
  const float* threshold;
  float* membrane;
  uint8_t* bits;
  float* currents;
  uint16_t* halves;
  float* moments;
  int64_t channels;  // left from the group's first on, for currents
  int steps;
  int done = tilePixels;
};

/// What all epilogues of a task share.
struct Common {
  alignas(64) int32_t sums[blockSteps * 2 * 256];  // [steps, weight tiles, 16 pixels, 16 channels]
  float leak, base;
  bool stream = false;  // currents come in whole cache lines, which then need not be read before they are written
  int64_t paddedOut, pixelBytes, stepBytes, outChannels, currentsPerStep;
  const int8_t* ahead;     // weights of the next group, fetched into the second-level cache a few lines at a time
  const int8_t* aheadEnd;
};

/// 16 channels of a pixel: both digits of the only half, or the one digit of either half.
template <bool twoDigits, TileProduct product>
SNN_INLINE Floats total(const int32_t* sums, int half, float base) {
  if constexpr (product == TileProduct::bf16) return Floats::load(reinterpret_cast<const float*>(sums + 256 * half));
  const Floats first = Floats::fromIntegers(sums + 256 * half);
  if constexpr (!twoDigits) return first;
  return first * Floats::all(base) + Floats::fromIntegers(sums + 256);
}

template <bool twoDigits, TileProduct product, bool hard>
SNN_INLINE void lifRow(const Epilogue& e, const Common& c, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  for (int h = 0; h < halves; h++) {
    float* membrane = e.membrane + (row * halves + h) * 16;
    uint8_t* bits = e.bits + pixel * c.pixelBytes + 2 * h;
    const Neurons neurons = neuronsOf(c.leak, Floats::load(e.threshold + 16 * h));
    Floats v = Floats::load(membrane);
    for (int t = 0; t < e.steps; t++) {
      const Floats sum = total<twoDigits, product>(c.sums + t * 512 + row * 16, h, c.base);
      const Floats y = sum * Floats::load(e.scale + t * c.paddedOut + 16 * h) + Floats::load(e.shift + t * c.paddedOut + 16 * h);
      const uint16_t mask = fire<hard ? Reset::hard : Reset::soft>(neurons, charge(neurons, v, y), v).bits();
      __builtin_memcpy(bits + t * c.stepBytes, &mask, 2);
    }
    v.store(membrane);
  }
}

template <bool twoDigits, TileProduct product>
SNN_INLINE void currentRow(const Epilogue& e, const Common& c, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  for (int h = 0; h < halves && e.channels > 16 * h; h++) {
    for (int t = 0; t < e.steps; t++) {
      const Floats y = total<twoDigits, product>(c.sums + t * 512 + row * 16, h, c.base) * Floats::load(e.scale + t * c.paddedOut + 16 * h);
      float* to = e.currents + t * c.currentsPerStep + pixel * c.outChannels + 16 * h;
      c.stream ? stream(y, to) : y.storeSome(to, e.channels - 16 * h);
      if (!e.moments) continue;
      float* moments = e.moments + t * 2 * c.paddedOut + 16 * h;
      (Floats::load(moments) + y).store(moments);
      multiplyAdd(y, y, Floats::load(moments + c.paddedOut)).store(moments + c.paddedOut);
    }
  }
}

/// The same rounded to bf16.
template <bool twoDigits, TileProduct product>
SNN_INLINE void halfRow(const Epilogue& e, const Common& c, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  for (int t = 0; t < e.steps; t++) {
    uint16_t* to = e.halves + t * c.currentsPerStep + pixel * c.outChannels;
    alignas(64) uint16_t line[32] = {};
    for (int h = 0; h < halves && e.channels > 16 * h; h++) {
      const Floats y = total<twoDigits, product>(c.sums + t * 512 + row * 16, h, c.base) * Floats::load(e.scale + t * c.paddedOut + 16 * h);
      c.stream ? toHalves(y, line + 16 * h) : toHalvesSome(y, to + 16 * h, e.channels - 16 * h);
    }
    if (c.stream) streamLine(line, to);
  }
}

enum class Sink { soft, hard, currents, halves };

template <bool twoDigits, TileProduct product, Sink sink>
SNN_INLINE void epilogueRows(Epilogue& e, const Common& c, int count) {
  const int end = e.done + count < tilePixels ? e.done + count : tilePixels;
  for (; e.done < end; e.done++) {
    if constexpr (sink == Sink::currents) {
      currentRow<twoDigits, product>(e, c, e.done);
    } else if constexpr (sink == Sink::halves) {
      halfRow<twoDigits, product>(e, c, e.done);
    } else {
      lifRow<twoDigits, product, sink == Sink::hard>(e, c, e.done);
    }
  }
}

#if defined(SNN_AMX)
#define SNN_TILE_MULTIPLY(product, sum, left, right)          \
  if constexpr (product == TileProduct::bf16) {               \
    _tile_dpbf16ps(sum, left, right);                         \
  } else if constexpr (product == TileProduct::signedBytes) { \
    _tile_dpbssd(sum, left, right);                           \
  } else {                                                    \
    _tile_dpbusd(sum, left, right);                           \
  }

template <TileProduct product, int steps>
SNN_INLINE void multiply(const uint8_t* lines, int64_t linesPerStep, const int8_t* weights) {
  _tile_loadd(4, lines, lineBytes);
  _tile_loadd(6, weights, lineBytes);
  SNN_TILE_MULTIPLY(product, 0, 4, 6);
  _tile_loadd(7, weights + 1024, lineBytes);
  SNN_TILE_MULTIPLY(product, 1, 4, 7);
  if constexpr (steps > 1) {
    _tile_loadd(5, lines + linesPerStep, lineBytes);
    SNN_TILE_MULTIPLY(product, 2, 5, 6);
    SNN_TILE_MULTIPLY(product, 3, 5, 7);
  }
}

/// Sums of one block in tiles; meanwhile the previous block's epilogue runs to its end.
template <bool twoDigits, TileProduct product, Sink sink, int steps>
SNN_INLINE void sumBlock(const TileTask& task, const Tile& tile, const uint8_t* lines, const int8_t* weights, Epilogue& previous, Common& common) {
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (steps > 1) {
    _tile_zero(2);
    _tile_zero(3);
  }
  const int rows = tile.stepCount > 0 ? (tilePixels + tile.stepCount - 1) / tile.stepCount : tilePixels;
  const TileStep* step = task.tileSteps + tile.stepBegin;
  for (int32_t k = 0; k < tile.stepCount; k++) {
    multiply<product, steps>(lines + tile.base + step[k].line, task.linesPerStep, weights + step[k].weight);
    if (common.ahead < common.aheadEnd) {
      __builtin_prefetch(common.ahead, 0, 2);
      __builtin_prefetch(common.ahead + lineBytes, 0, 2);
      common.ahead += 2 * lineBytes;
    }
    epilogueRows<twoDigits, product, sink>(previous, common, rows);
  }
  epilogueRows<twoDigits, product, sink>(previous, common, tilePixels);
  _tile_stored(0, common.sums, lineBytes);
  _tile_stored(1, common.sums + 256, lineBytes);
  if constexpr (steps > 1) {
    _tile_stored(2, common.sums + 512, lineBytes);
    _tile_stored(3, common.sums + 768, lineBytes);
  }
}
#else
/// The same in registers, after the epilogue.
template <bool twoDigits, TileProduct product, Sink sink, int steps>
SNN_INLINE void sumBlock(const TileTask& task, const Tile& tile, const uint8_t* lines, const int8_t* weights, Epilogue& previous, Common& common) {
  epilogueRows<twoDigits, product, sink>(previous, common, tilePixels);
  sumRegisters<product>(common.sums, steps, task, tile, lines, weights);
}
#endif

template <bool twoDigits, TileProduct product, Sink sink, int steps>
void runBlock(const TileTask& task, int64_t group, int64_t t, int64_t i, Epilogue& previous, Common& common) {
  constexpr int groupChannels = twoDigits ? 16 : 32;
  const int64_t channel = group * groupChannels;
  sumBlock<twoDigits, product, sink, steps>(task, task.tiles[i], task.lines + t * task.linesPerStep,
                                            task.weights + group * task.groupBytes, previous, common);
  previous.steps = steps;
  previous.done = 0;
  previous.pixels = task.pixels + i * tilePixels;
  previous.scale = task.scale + t * task.paddedOut + channel;
  if constexpr (sink == Sink::currents || sink == Sink::halves) {
    const int64_t at = t * task.currentsPerStep + channel;
    previous.channels = task.outChannels - channel;
    if constexpr (sink == Sink::currents) {
      previous.currents = task.currents + at;
      previous.moments = task.moments ? task.moments + t * 2 * task.paddedOut + channel : nullptr;
    }
    if constexpr (sink == Sink::halves) previous.halves = task.halves + at;
  } else {
    previous.shift = task.shift + t * task.paddedOut + channel;
    previous.threshold = task.threshold + channel;
    previous.membrane = task.membrane + (group * task.tileCount + i) * tilePixels * groupChannels;
    previous.bits = reinterpret_cast<uint8_t*>(task.bits + t * task.bitsPerStep) + channel / 8;
  }
}

template <bool twoDigits, TileProduct product, Sink sink>
void run(const TileTask& task) {
#if defined(SNN_AMX)
  const Tiles tiles;
#endif
  Common common;
  common.leak = task.leak;
  common.base = task.base;
  common.paddedOut = task.paddedOut;
  common.pixelBytes = task.outWords * 8;
  common.stepBytes = task.bitsPerStep * 8;
  common.outChannels = task.outChannels;
  common.currentsPerStep = task.currentsPerStep;
  if constexpr (sink == Sink::currents) common.stream = streams(task.currents, task.outChannels, 16);
  if constexpr (sink == Sink::halves) common.stream = !twoDigits && streams(task.halves, task.outChannels, 32);
  Epilogue previous{};
  for (int64_t group = 0; group < task.groups; group++) {
    common.ahead = task.weights + (group + 1) * task.groupBytes;
    common.aheadEnd = group + 1 < task.groups ? common.ahead + task.groupBytes : common.ahead;
    for (int64_t t = 0; t < task.steps; t += blockSteps) {
      const bool both = t + 1 < task.steps;
      for (int64_t i = 0; i < task.tileCount; i++) {
        both ? runBlock<twoDigits, product, sink, 2>(task, group, t, i, previous, common)
             : runBlock<twoDigits, product, sink, 1>(task, group, t, i, previous, common);
      }
    }
  }
  epilogueRows<twoDigits, product, sink>(previous, common, tilePixels);
  finishStreams();
}

template <bool twoDigits, TileProduct product>
void runFor(const TileTask& task) {
  if (task.currents) return run<twoDigits, product, Sink::currents>(task);
  if (task.halves) return run<twoDigits, product, Sink::halves>(task);
  task.hardReset ? run<twoDigits, product, Sink::hard>(task) : run<twoDigits, product, Sink::soft>(task);
}

void runTiles(const TileTask& task) {
  const bool isSigned = task.product == TileProduct::signedBytes;
  if (task.product == TileProduct::bf16) {
    runFor<false, TileProduct::bf16>(task);
  } else if (task.twoDigits) {
    isSigned ? runFor<true, TileProduct::signedBytes>(task) : runFor<true, TileProduct::unsignedBytes>(task);
  } else {
    isSigned ? runFor<false, TileProduct::signedBytes>(task) : runFor<false, TileProduct::unsignedBytes>(task);
  }
}

}  // namespace
}  // namespace snnseg::sparse
