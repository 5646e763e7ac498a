// Spike convolutions on AMX int8 tiles, with batch norm and LIF fused into the tile epilogue.
//
// Spikes (0/1), pooled counts (0..9) and ternary inputs are exact in 8 bits. Weights are one int8 digit, or two:
// q = 256 * high + low. Tile sums are exact in int32 and, each below 2^24, exact in float too.
// The epilogue of one block is run between the tile instructions of the next: it uses other ports.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "tile-kernel.h"

namespace snnseg::sparse {
namespace {

struct alignas(64) TileConfig {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t columnBytes[16] = {};
  uint8_t rows[16] = {};
};

struct Epilogue {
  const int32_t* sums;  // [2 tiles, 2 columns, 16, 16]
  const int32_t* pixels;
  const float* scale;
  const float* shift;
  const float* threshold;
  float* membrane;
  uint8_t* bits;
  float* currents;
  int64_t channels;     // of this group, for currents
  int64_t spikes;
  int done = pixelsPerPair;
};

struct Dynamics {
  __m512 leak;
  bool hard;
  int64_t pixelBytes, outChannels;
};

template <bool twoDigits>
inline __m512 column(const int32_t* sums, int half) {
  if constexpr (twoDigits) {
    const __m512 high = _mm512_cvtepi32_ps(_mm512_load_si512(sums));
    const __m512 low = _mm512_cvtepi32_ps(_mm512_load_si512(sums + 256));
    return _mm512_fmadd_ps(high, _mm512_set1_ps(256.0f), low);
  } else {
    return _mm512_cvtepi32_ps(_mm512_load_si512(sums + 256 * half));
  }
}

template <bool twoDigits>
inline void lifRow(Epilogue& e, const Dynamics& d, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  const int32_t* sums = e.sums + (row >> 4) * 512 + (row & 15) * 16;
  for (int h = 0; h < halves; h++) {
    float* v = e.membrane + (row * halves + h) * 16;
    const __m512 threshold = _mm512_loadu_ps(e.threshold + 16 * h);
    __m512 u = _mm512_fmadd_ps(column<twoDigits>(sums, h), _mm512_loadu_ps(e.scale + 16 * h), _mm512_loadu_ps(e.shift + 16 * h));
    u = _mm512_fmadd_ps(d.leak, _mm512_load_ps(v), u);
    const __mmask16 fires = _mm512_cmp_ps_mask(u, threshold, _CMP_GT_OQ);
    u = d.hard ? _mm512_maskz_mov_ps(_knot_mask16(fires), u) : _mm512_mask_sub_ps(u, fires, u, threshold);
    _mm512_store_ps(v, u);
    const uint16_t mask = fires;
    std::memcpy(e.bits + pixel * d.pixelBytes + 2 * h, &mask, 2);
    e.spikes += __builtin_popcount(mask);
  }
}

template <bool twoDigits>
inline void currentRow(Epilogue& e, const Dynamics& d, int row) {
  constexpr int halves = twoDigits ? 1 : 2;
  const int32_t pixel = e.pixels[row];
  if (pixel < 0) return;
  const int32_t* sums = e.sums + (row >> 4) * 512 + (row & 15) * 16;
  for (int h = 0; h < halves; h++) {
    const int64_t left = e.channels - 16 * h;
    if (left <= 0) return;
    const __mmask16 keep = left >= 16 ? 0xffff : static_cast<__mmask16>((1u << left) - 1);
    const __m512 y = _mm512_mul_ps(column<twoDigits>(sums, h), _mm512_loadu_ps(e.scale + 16 * h));
    _mm512_mask_storeu_ps(e.currents + pixel * d.outChannels + 16 * h, keep, y);
  }
}

template <bool twoDigits, bool fused>
inline void epilogueRows(Epilogue& e, const Dynamics& d, int count) {
  const int end = e.done + count < pixelsPerPair ? e.done + count : pixelsPerPair;
  for (; e.done < end; e.done++) fused ? lifRow<twoDigits>(e, d, e.done) : currentRow<twoDigits>(e, d, e.done);
}

template <bool signedInput>
inline void multiply() {
  if constexpr (signedInput) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  } else {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
}

template <bool twoDigits, bool signedInput, bool fused>
void run(const TileTask& task) {
  constexpr int groupChannels = twoDigits ? 16 : 32;
  alignas(64) int32_t sums[2][4 * 256];
  const Dynamics dynamics{_mm512_set1_ps(task.leak), task.hardReset, task.outWords * 8, task.outChannels};
  Epilogue pending[2];
  int64_t* pendingSpikes = nullptr;
  int slot = 0;
  for (int64_t group = 0; group < task.groups; group++) {
    const int8_t* weights = task.weights + group * task.groupBytes;
    for (int64_t t = 0; t < task.steps; t++) {
      const uint8_t* lines = task.lines + t * task.linesPerStep;
      for (int64_t p = 0; p < task.pairCount; p++) {
        const TilePair& pair = task.pairs[p];
        Epilogue& previous = pending[slot ^ 1];
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        const int rows = pair.stepCount > 0 ? (pixelsPerPair + pair.stepCount - 1) / pair.stepCount : pixelsPerPair;
        const TileStep* step = task.tileSteps + pair.stepBegin;
        for (int32_t k = 0; k < pair.stepCount; k++, step++) {
          _tile_loadd(4, lines + pair.base0 + step->a0, lineBytes);
          _tile_loadd(6, weights + step->weight, lineBytes);
          _tile_loadd(7, weights + step->weight + 1024, lineBytes);
          _tile_loadd(5, lines + pair.base1 + step->a1, lineBytes);
          multiply<signedInput>();
          epilogueRows<twoDigits, fused>(previous, dynamics, rows);
        }
        epilogueRows<twoDigits, fused>(previous, dynamics, pixelsPerPair);
        if (fused && pendingSpikes) *pendingSpikes += previous.spikes;

        int32_t* to = sums[slot];
        _tile_stored(0, to, lineBytes);
        _tile_stored(1, to + 256, lineBytes);
        _tile_stored(2, to + 512, lineBytes);
        _tile_stored(3, to + 768, lineBytes);
        Epilogue& e = pending[slot];
        const int64_t channel = group * groupChannels;
        e.sums = to;
        e.pixels = task.pixels + p * pixelsPerPair;
        e.scale = task.scale + t * task.paddedOut + channel;
        e.spikes = 0;
        e.done = 0;
        if constexpr (fused) {
          e.shift = task.shift + t * task.paddedOut + channel;
          e.threshold = task.threshold + channel;
          e.membrane = task.membrane + (group * task.pairCount + p) * pixelsPerPair * groupChannels;
          e.bits = reinterpret_cast<uint8_t*>(task.bits + t * task.bitsPerStep) + channel / 8;
          pendingSpikes = task.spikes + t;
        } else {
          e.currents = task.currents + t * task.currentsPerStep + channel;
          e.channels = task.outChannels - channel;
        }
        slot ^= 1;
      }
    }
  }
  Epilogue& last = pending[slot ^ 1];
  epilogueRows<twoDigits, fused>(last, dynamics, pixelsPerPair);
  if (fused && pendingSpikes) *pendingSpikes += last.spikes;
}

template <bool twoDigits, bool signedInput>
void runFor(const TileTask& task) {
  task.bits ? run<twoDigits, signedInput, true>(task) : run<twoDigits, signedInput, false>(task);
}

}  // namespace

void runTiles(const TileTask& task) {
  TileConfig config;
  for (int tile = 0; tile < 8; tile++) {
    config.columnBytes[tile] = lineBytes;
    config.rows[tile] = 16;
  }
  _tile_loadconfig(&config);
  if (task.twoDigits) {
    task.signedInput ? runFor<true, true>(task) : runFor<true, false>(task);
  } else {
    task.signedInput ? runFor<false, true>(task) : runFor<false, false>(task);
  }
  _tile_release();
}

void fillLinesBits(const TileFill& fill, const uint64_t* frame, int64_t words) {
  const __m512i one = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    const uint64_t bits = line.pixel < 0 ? 0 : frame[line.pixel * words + line.word];
    _mm512_store_si512(fill.to + i * lineBytes, _mm512_maskz_mov_epi8(bits, one));
  }
}

void fillLinesPooled(const TileFill& fill, const uint64_t* frame, int64_t words, int64_t height, int64_t width,
                     int64_t mapWidth, int64_t stride) {
  const __m512i one = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    __m512i count = _mm512_setzero_si512();
    if (line.pixel >= 0) {
      const int64_t y = line.pixel / mapWidth * stride, x = line.pixel % mapWidth * stride;
      const int64_t y0 = y > 0 ? y - 1 : 0, y1 = y + 1 < height ? y + 1 : height - 1;
      const int64_t x0 = x > 0 ? x - 1 : 0, x1 = x + 1 < width ? x + 1 : width - 1;
      for (int64_t yy = y0; yy <= y1; yy++) {
        for (int64_t xx = x0; xx <= x1; xx++) {
          count = _mm512_mask_add_epi8(count, frame[(yy * width + xx) * words + line.word], count, one);
        }
      }
    }
    _mm512_store_si512(fill.to + i * lineBytes, count);
  }
}

}  // namespace snnseg::sparse
#endif
