// Spike convolutions on AMX int8 tiles, with batch norm and LIF fused into the tile epilogue.
//
// Spikes (0/1), pooled counts (0..9) and bytes are exact in 8 bits. Weights are one int8 digit, or two:
// q = 256 * high + low. Tile sums are exact in int32 and, while below 2^24, exact in float too.
// A block is 16 pixels of two consecutive steps by two weight tiles: four multiplications for four loads, which take
// equally long. The epilogue of one block runs between the tile instructions of the next, on other ports; a membrane is
// loaded and stored once for both steps.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "pool-window.h"
#include "tile-config.h"
#include "tile-kernel.h"

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
  __m512 leak;
  bool stream;  // currents come in whole cache lines, which then need not be read before they are written
  int64_t paddedOut, pixelBytes, stepBytes, outChannels, currentsPerStep;
  const int8_t* ahead;     // weights of the next group, fetched into the second-level cache a few lines at a time
  const int8_t* aheadEnd;
};

/// 16 channels of a pixel: both digits of the only half, or the one digit of either half.
template <bool twoDigits, TileProduct product>
inline __m512 total(const int32_t* sums, int half) {
  if constexpr (product == TileProduct::bf16) return _mm512_load_ps(sums + 256 * half);
  const __m512 first = _mm512_cvtepi32_ps(_mm512_load_si512(sums + 256 * half));
  if constexpr (!twoDigits) return first;
  return _mm512_fmadd_ps(first, _mm512_set1_ps(256.0f), _mm512_cvtepi32_ps(_mm512_load_si512(sums + 256)));
}

template <bool twoDigits, TileProduct product, bool hard>
inline void lifRow(const Epilogue& e, const Common& c, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  for (int h = 0; h < halves; h++) {
    float* membrane = e.membrane + (row * halves + h) * 16;
    uint8_t* bits = e.bits + pixel * c.pixelBytes + 2 * h;
    const __m512 threshold = _mm512_loadu_ps(e.threshold + 16 * h);
    __m512 v = _mm512_load_ps(membrane);
    for (int t = 0; t < e.steps; t++) {
      const __m512 sum = total<twoDigits, product>(c.sums + t * 512 + row * 16, h);
      const __m512 scale = _mm512_loadu_ps(e.scale + t * c.paddedOut + 16 * h);
      const __m512 y = _mm512_fmadd_ps(sum, scale, _mm512_loadu_ps(e.shift + t * c.paddedOut + 16 * h));
      const __m512 u = _mm512_fmadd_ps(c.leak, v, y);
      const __mmask16 fires = _mm512_cmp_ps_mask(u, threshold, _CMP_GT_OQ);
      v = hard ? _mm512_maskz_mov_ps(_knot_mask16(fires), u) : _mm512_mask_sub_ps(u, fires, u, threshold);
      const uint16_t mask = fires;
      std::memcpy(bits + t * c.stepBytes, &mask, 2);
    }
    _mm512_store_ps(membrane, v);
  }
}

template <bool twoDigits, TileProduct product>
inline void currentRow(const Epilogue& e, const Common& c, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  for (int h = 0; h < halves && e.channels > 16 * h; h++) {
    const int64_t left = e.channels - 16 * h;
    const __mmask16 exist = left >= 16 ? 0xffff : static_cast<__mmask16>((1u << left) - 1);
    for (int t = 0; t < e.steps; t++) {
      const __m512 scale = _mm512_loadu_ps(e.scale + t * c.paddedOut + 16 * h);
      const __m512 y = _mm512_mul_ps(total<twoDigits, product>(c.sums + t * 512 + row * 16, h), scale);
      float* to = e.currents + t * c.currentsPerStep + pixel * c.outChannels + 16 * h;
      c.stream ? _mm512_stream_ps(to, y) : _mm512_mask_storeu_ps(to, exist, y);
      if (!e.moments) continue;
      float* moments = e.moments + t * 2 * c.paddedOut + 16 * h;
      _mm512_storeu_ps(moments, _mm512_add_ps(_mm512_loadu_ps(moments), y));
      _mm512_storeu_ps(moments + c.paddedOut, _mm512_fmadd_ps(y, y, _mm512_loadu_ps(moments + c.paddedOut)));
    }
  }
}

/// The same rounded to bf16.
template <bool twoDigits, TileProduct product>
inline void halfRow(const Epilogue& e, const Common& c, int row) {
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  constexpr int channels = twoDigits ? 16 : 32;
  const __mmask32 exist = e.channels >= channels ? (twoDigits ? 0xffff : ~__mmask32{0}) : static_cast<__mmask32>((1u << e.channels) - 1);
  for (int t = 0; t < e.steps; t++) {
    const float* scale = e.scale + t * c.paddedOut;
    const __m512 low = _mm512_mul_ps(total<twoDigits, product>(c.sums + t * 512 + row * 16, 0), _mm512_loadu_ps(scale));
    const __m512 high = twoDigits ? low : _mm512_mul_ps(total<twoDigits, product>(c.sums + t * 512 + row * 16, 1), _mm512_loadu_ps(scale + 16));
    const __m512i y = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
    uint16_t* to = e.halves + t * c.currentsPerStep + pixel * c.outChannels;
    c.stream ? _mm512_stream_si512(reinterpret_cast<__m512i*>(to), y) : _mm512_mask_storeu_epi16(to, exist, y);
  }
}

enum class Sink { soft, hard, currents, halves };

template <bool twoDigits, TileProduct product, Sink sink>
inline void epilogueRows(Epilogue& e, const Common& c, int count) {
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

#define SNN_MULTIPLY(sum, line, weight)                      \
  if constexpr (product == TileProduct::bf16) {              \
    _tile_dpbf16ps(sum, line, weight);                       \
  } else if constexpr (product == TileProduct::signedBytes) { \
    _tile_dpbssd(sum, line, weight);                         \
  } else {                                                   \
    _tile_dpbusd(sum, line, weight);                         \
  }

// Tile registers must be constants: 0-3 sums, 4-5 lines, 6-7 weights.
template <TileProduct product, int steps>
inline void multiply(const uint8_t* lines, int64_t linesPerStep, const int8_t* weights) {
  _tile_loadd(4, lines, lineBytes);
  _tile_loadd(6, weights, lineBytes);
  SNN_MULTIPLY(0, 4, 6);
  _tile_loadd(7, weights + 1024, lineBytes);
  SNN_MULTIPLY(1, 4, 7);
  if constexpr (steps > 1) {
    _tile_loadd(5, lines + linesPerStep, lineBytes);
    SNN_MULTIPLY(2, 5, 6);
    SNN_MULTIPLY(3, 5, 7);
  }
}

/// Sums of one block; meanwhile the previous block's epilogue runs to its end.
template <bool twoDigits, TileProduct product, Sink sink, int steps>
inline void sumBlock(const TileTask& task, const Tile& tile, const uint8_t* lines, const int8_t* weights, Epilogue& previous, Common& common) {
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
      _mm_prefetch(reinterpret_cast<const char*>(common.ahead), _MM_HINT_T1);
      _mm_prefetch(reinterpret_cast<const char*>(common.ahead + lineBytes), _MM_HINT_T1);
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

/// Whether every group of channels is a cache line of its own.
bool streams(const void* to, int64_t outChannels, int64_t lineChannels) {
  return outChannels % lineChannels == 0 && reinterpret_cast<uintptr_t>(to) % lineBytes == 0;
}

template <bool twoDigits, TileProduct product, Sink sink>
void run(const TileTask& task) {
  Common common;
  common.leak = _mm512_set1_ps(task.leak);
  common.paddedOut = task.paddedOut;
  common.pixelBytes = task.outWords * 8;
  common.stepBytes = task.bitsPerStep * 8;
  common.outChannels = task.outChannels;
  common.currentsPerStep = task.currentsPerStep;
  if constexpr (sink == Sink::currents) common.stream = streams(task.currents, task.outChannels, 16);
  if constexpr (sink == Sink::halves) common.stream = !twoDigits && streams(task.halves, task.outChannels, 32);
  Epilogue previous;
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
  _mm_sfence();
}

template <bool twoDigits, TileProduct product>
void runFor(const TileTask& task) {
  if (task.currents) return run<twoDigits, product, Sink::currents>(task);
  if (task.halves) return run<twoDigits, product, Sink::halves>(task);
  task.hardReset ? run<twoDigits, product, Sink::hard>(task) : run<twoDigits, product, Sink::soft>(task);
}

}  // namespace

void runTiles(const TileTask& task) {
  const TileConfiguration configuration;
  const bool isSigned = task.product == TileProduct::signedBytes;
  if (task.product == TileProduct::bf16) {
    runFor<false, TileProduct::bf16>(task);
  } else if (task.twoDigits) {
    isSigned ? runFor<true, TileProduct::signedBytes>(task) : runFor<true, TileProduct::unsignedBytes>(task);
  } else {
    isSigned ? runFor<false, TileProduct::signedBytes>(task) : runFor<false, TileProduct::unsignedBytes>(task);
  }
}

int64_t countBits(const uint64_t* words, int64_t count) {
  __m512i total = _mm512_setzero_si512();
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) total = _mm512_add_epi64(total, _mm512_popcnt_epi64(_mm512_loadu_si512(words + i)));
  int64_t rest = 0;
  for (; i < count; i++) rest += __builtin_popcountll(words[i]);
  return rest + _mm512_reduce_add_epi64(total);
}

void fillLinesBits(const TileFill& fill, const uint64_t* frame, int64_t words) {
  const __m512i one = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    // Without a branch: padding comes at every row's ends.
    const int64_t at = line.pixel < 0 ? 0 : line.pixel * words + line.word;
    const uint64_t bits = frame[at] & ~static_cast<uint64_t>(static_cast<int64_t>(line.pixel) >> 63);
    _mm512_store_si512(fill.to + i * lineBytes, _mm512_maskz_mov_epi8(bits, one));
  }
}

void fillLinesBf16(const TileFill& fill, const uint16_t* frame, int64_t channels) {
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    const int64_t left = channels - 32 * static_cast<int64_t>(line.word);
    const __mmask32 exist = line.pixel < 0 ? 0 : left >= 32 ? ~__mmask32{0} : static_cast<__mmask32>((1u << left) - 1);
    const int64_t at = line.pixel < 0 ? 0 : line.pixel * channels + 32 * line.word;
    _mm512_store_si512(fill.to + i * lineBytes, _mm512_maskz_loadu_epi16(exist, frame + at));
  }
}

void fillLinesPooled(const TileFill& fill, const uint64_t* frame, int64_t words, int64_t height, int64_t width,
                     int64_t mapWidth, int64_t stride) {
  const __m512i one = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    __m512i count = _mm512_setzero_si512();
    if (line.pixel >= 0) {
      const PoolWindow window(line.pixel, mapWidth, stride, height, width);
      for (int64_t yy = window.y0; yy <= window.y1; yy++) {
        for (int64_t xx = window.x0; xx <= window.x1; xx++) {
          count = _mm512_mask_add_epi8(count, frame[(yy * width + xx) * words + line.word], count, one);
        }
      }
    }
    _mm512_store_si512(fill.to + i * lineBytes, count);
  }
}

}  // namespace snnseg::sparse
#endif
