// Convolutions of integers, most of which are not zero, by relaxed dot products: exact, as no factor leaves 7 bits and sums of 16 bits
// are widened in time. Four pixels by 16 outputs at a time.
#include "kernels.h"

#ifdef __wasm_relaxed_simd__

enum { rowPixels = 4 };

/// totals += the products of `pairs` pairs of channels.
INLINE void addPairs(v128_t* totals, const uint8_t* const* lines, const int8_t* weights, int32_t pairs, int32_t room) {
  for (int32_t at = 0; at < pairs;) {
    const int32_t end = pairs - at < room ? pairs : at + room;
    v128_t sum[2 * rowPixels];
    for (int i = 0; i < 2 * rowPixels; i++) sum[i] = wasm_i16x8_splat(0);
    for (; at < end; at++) {
      const v128_t low = wasm_v128_load(weights + 32 * at), high = wasm_v128_load(weights + 32 * at + 16);
      for (int p = 0; p < rowPixels; p++) {
        const v128_t x = wasm_v128_load16_splat(lines[p] + 2 * at);
        sum[2 * p] = wasm_i16x8_add(sum[2 * p], wasm_i16x8_relaxed_dot_i8x16_i7x16(low, x));
        sum[2 * p + 1] = wasm_i16x8_add(sum[2 * p + 1], wasm_i16x8_relaxed_dot_i8x16_i7x16(high, x));
      }
    }
    for (int i = 0; i < 2 * rowPixels; i++) addWidened(totals + 2 * i, sum[i]);
  }
}

EXPORT(dense)
void dense(const Geometry* g, const uint8_t* map, const int8_t* weights, float* sums, const uint8_t* zeros, int32_t most) {
  const int32_t taps = g->kernel * g->kernel, pairs = g->inputs / 2, room = 32767 / (254 * most);
  for (int32_t o = 0; o < g->outputs; o += 16, weights += taps * g->inputs * 16) {
    for (int32_t y = 0; y < g->outHeight; y++) {
      for (int32_t x = 0; x < g->outWidth; x += rowPixels) {
        const int32_t some = g->outWidth - x < rowPixels ? g->outWidth - x : rowPixels;
        v128_t totals[4 * rowPixels];
        for (int i = 0; i < 4 * rowPixels; i++) totals[i] = wasm_i32x4_splat(0);
        for (int32_t tap = 0; tap < taps; tap++) {
          const uint8_t* lines[rowPixels];
          int inside = 0;
          for (int p = 0; p < rowPixels; p++) {
            const int32_t from = p < some ? tapPixel(g, y, x + p, tap) : -1;
            lines[p] = from < 0 ? zeros : map + from * g->inputs;
            inside |= from >= 0;
          }
          if (inside) addPairs(totals, lines, weights + tap * g->inputs * 16, pairs, room);
        }
        float* to = sums + (y * g->outWidth + x) * g->outputs + o;
        for (int p = 0; p < some; p++, to += g->outputs) {
          for (int v = 0; v < 4; v++) wasm_v128_store(to + 4 * v, wasm_f32x4_convert_i32x4(totals[4 * p + v]));
        }
      }
    }
  }
}

#endif
