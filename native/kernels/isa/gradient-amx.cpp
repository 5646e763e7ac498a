// Weight gradients on AMX bf16 tiles: 16 output channels by 32 positions, times 16 pairs of positions by 16 input channels.
// A block is two by two tiles of sums: four multiplications for four loads.
#if defined(__x86_64__)
#include <immintrin.h>

#include "gradient-kernel.h"
#include "pool-window.h"
#include "tile-config.h"

namespace snnseg::sparse {
namespace {

struct Interleaved {
  __m512i low, high;
};

/// Channels 0..15 and 16..31 of two neighbours: (a0 b0 a1 b1 ...).
inline Interleaved interleave(__m512i a, __m512i b, const Interleaved& order) {
  return {_mm512_permutex2var_epi16(a, order.low, b), _mm512_permutex2var_epi16(a, order.high, b)};
}

Interleaved interleaving() {
  alignas(64) uint16_t order[2][32];
  for (uint16_t i = 0; i < 32; i++) {
    for (uint16_t half = 0; half < 2; half++) order[half][i] = static_cast<uint16_t>(16 * half + i / 2 + (i % 2 ? 32 : 0));
  }
  return {_mm512_load_si512(order[0]), _mm512_load_si512(order[1])};
}

/// Rows and columns of 16x16 words of 32 bits exchanged.
inline void transpose(__m512i (&r)[16]) {
  __m512i s[16];
  for (int i = 0; i < 16; i += 2) {
    s[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    s[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(s[i], s[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(s[i], s[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(s[i + 1], s[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(s[i + 1], s[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    s[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    s[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    s[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    s[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(s[i], s[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(s[i], s[i + 8], 0xdd);
    r[i + 4] = _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0x88);
    r[i + 12] = _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0xdd);
  }
}

/// Bits below `count`.
inline __mmask32 lowest(int64_t count) { return count >= 32 ? ~__mmask32{0} : static_cast<__mmask32>((1u << count) - 1); }

/// Lines of all channel blocks; read(pixel, block) gives 32 channels of a pixel as bf16.
template <class Read>
inline void inputLines(const InputLines& lines, Read&& read) {
  const Interleaved order = interleaving();
  const int64_t blocks = (lines.channels + channelBlock - 1) / channelBlock;
  for (int64_t block = 0; block < blocks; block++) {
    uint8_t* to = lines.to + 2 * block * lines.groupBytes;
    __m512i before = _mm512_setzero_si512();
    for (int64_t i = 0; i < lines.count; i++) {
      const int32_t pixel = lines.positions[i];
      const __m512i now = pixel < 0 ? _mm512_setzero_si512() : read(static_cast<int64_t>(pixel), block);
      const int64_t phase = 1 - (i & 1);
      if (i > 0 && phase < lines.phases) {
        uint8_t* line = to + phase * lines.phaseBytes + (i - 1) / 2 * pairBytes;
        const Interleaved pair = interleave(before, now, order);
        _mm512_store_si512(line, pair.low);
        _mm512_store_si512(line + lines.groupBytes, pair.high);
      }
      before = now;
    }
  }
}

// Two by two tiles of sums over all steps of a tap.
inline void sumTap(const GradientTask& task, const GradientTap& tap, int64_t outputs, int64_t inputs, float* sums) {
  const int64_t right = task.tapCount * 256, down = task.inputGroups * right;
  _tile_loadd(0, sums, 64);
  _tile_loadd(1, sums + right, 64);
  _tile_loadd(2, sums + down, 64);
  _tile_loadd(3, sums + down + right, 64);
  for (int64_t f = 0; f < task.frames; f++) {
    const uint8_t* a = task.gradients + f * task.gradientFrameBytes + outputs / 2 * task.panelBytes;
    const uint8_t* b = task.inputs + f * task.inputFrameBytes + tap.phase * task.phaseBytes + inputs * task.groupBytes;
    const GradientStep* step = task.steps + tap.stepBegin;
    for (int32_t k = 0; k < tap.stepCount; k++) {
      const uint8_t* left = a + step[k].chunk * 2048;
      const uint8_t* line = b + step[k].pair * pairBytes;
      _tile_loadd(4, left, 64);
      _tile_loadd(6, line, pairBytes);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, line + task.groupBytes, pairBytes);
      _tile_dpbf16ps(1, 4, 7);
      _tile_loadd(5, left + 1024, 64);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, sums, 64);
  _tile_stored(1, sums + right, 64);
  _tile_stored(2, sums + down, 64);
  _tile_stored(3, sums + down + right, 64);
}

}  // namespace

void inputLinesBits(const InputLines& lines, const uint64_t* frame, int64_t words) {
  const __m512i one = _mm512_set1_epi16(0x3f80);
  inputLines(lines, [&](int64_t pixel, int64_t block) {
    const uint64_t word = frame[pixel * words + block / 2];
    return _mm512_maskz_mov_epi16(static_cast<__mmask32>(block % 2 ? word >> 32 : word), one);
  });
}

void inputLinesBf16(const InputLines& lines, const uint16_t* frame) {
  inputLines(lines, [&](int64_t pixel, int64_t block) {
    return _mm512_maskz_loadu_epi16(lowest(lines.channels - channelBlock * block), frame + pixel * lines.channels + channelBlock * block);
  });
}

void inputLinesPooled(const InputLines& lines, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth,
                      int64_t stride) {
  // 0 to 9 in bf16.
  alignas(64) const uint16_t digits[32] = {0, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0, 0x4100, 0x4110};
  const __m512i table = _mm512_load_si512(digits);
  const __m256i one = _mm256_set1_epi8(1);
  inputLines(lines, [&](int64_t pixel, int64_t block) {
    const PoolWindow window(pixel, mapWidth, stride, height, width);
    __m256i count = _mm256_setzero_si256();
    for (int64_t yy = window.y0; yy <= window.y1; yy++) {
      for (int64_t xx = window.x0; xx <= window.x1; xx++) {
        const uint64_t word = frame[(yy * width + xx) * words + block / 2];
        count = _mm256_mask_add_epi8(count, static_cast<__mmask32>(block % 2 ? word >> 32 : word), count, one);
      }
    }
    return _mm512_permutexvar_epi16(_mm512_cvtepu8_epi16(count), table);
  });
}

void gradientTiles(const int32_t* positions, int64_t count, const uint16_t* frame, int64_t channels, int64_t first, int64_t groups,
                   uint8_t* to) {
  const Interleaved order = interleaving();
  for (int64_t group = 0; group < groups; group += 2) {
    const int64_t channel = first + 16 * group;
    const __mmask32 exist = channel >= channels ? 0 : lowest(channels - channel);
    for (int64_t at = 0; at < count; at += chunkPositions, to += 2048) {
      __m512i low[16], high[16];
      for (int pair = 0; pair < 16; pair++) {
        __m512i pixels[2];
        for (int i = 0; i < 2; i++) {
          const int64_t pixel = positions[at + 2 * pair + i];
          pixels[i] = pixel < 0 ? _mm512_setzero_si512() : _mm512_maskz_loadu_epi16(exist, frame + pixel * channels + channel);
        }
        const Interleaved both = interleave(pixels[0], pixels[1], order);
        low[pair] = both.low;
        high[pair] = both.high;
      }
      transpose(low);
      transpose(high);
      for (int i = 0; i < 16; i++) {
        _mm512_store_si512(to + 64 * i, low[i]);
        _mm512_store_si512(to + 1024 + 64 * i, high[i]);
      }
    }
  }
}

void runGradientTiles(const GradientTask& task) {
  const TileConfiguration configuration;
  for (int64_t outputs = 0; outputs < task.outputGroups; outputs += 2) {
    for (int64_t inputs = 0; inputs < task.inputGroups; inputs += 2) {
      float* sums = task.sums + (outputs * task.inputGroups + inputs) * task.tapCount * 256;
      for (int64_t tap = 0; tap < task.tapCount; tap++) {
        if (task.taps[tap].stepCount > 0) sumTap(task, task.taps[tap], outputs, inputs, sums + tap * 256);
      }
    }
  }
}

}  // namespace snnseg::sparse
#endif
