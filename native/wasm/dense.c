// Convolutions of integers, most of which are not zero, by relaxed dot products: exact, as no factor leaves 7 bits and sums of 16 bits
// are widened in time. Four pixels by eight outputs at a time.
#include "kernels.h"

#ifdef __wasm_relaxed_simd__

enum { rowPixels = 4 };

/// totals += the products of some fours of channels. Lanes 2i and 2i + 1 hold the sums of output i.
INLINE void addFours(v128_t* totals, const uint8_t* const* lines, const int8_t* weights, int32_t fours, int32_t room) {
  for (int32_t at = 0; at < fours;) {
    const int32_t end = fours - at < room ? fours : at + room;
    v128_t sum[2 * rowPixels];
    for (int i = 0; i < 2 * rowPixels; i++) sum[i] = wasm_i16x8_splat(0);
    for (; at < end; at++) {
      const v128_t low = wasm_v128_load(weights + 32 * at), high = wasm_v128_load(weights + 32 * at + 16);
      for (int p = 0; p < rowPixels; p++) {
        const v128_t x = wasm_v128_load32_splat(lines[p] + 4 * at);
        sum[2 * p] = wasm_i16x8_add(sum[2 * p], wasm_i16x8_relaxed_dot_i8x16_i7x16(low, x));
        sum[2 * p + 1] = wasm_i16x8_add(sum[2 * p + 1], wasm_i16x8_relaxed_dot_i8x16_i7x16(high, x));
      }
    }
    for (int i = 0; i < 2 * rowPixels; i++) totals[i] = wasm_i32x4_add(totals[i], wasm_i32x4_extadd_pairwise_i16x8(sum[i]));
  }
}

/// What a tap reads for each of some pixels, zeros outside the map; whether any lies in it.
INLINE int linesOf(const Geometry* g, const uint8_t* map, const uint8_t* zeros, int32_t row, int32_t column, int32_t some, const uint8_t** lines) {
  if ((uint32_t)row >= (uint32_t)g->height) return 0;
  int inside = 0;
  for (int p = 0; p < rowPixels; p++, column += g->stride) {
    const int isIn = p < some && (uint32_t)column < (uint32_t)g->width;
    lines[p] = isIn ? map + (row * g->width + column) * g->inputs : zeros;
    inside |= isIn;
  }
  return inside;
}

EXPORT(dense)
void dense(const Geometry* g, const uint8_t* map, const int8_t* weights, float* sums, const uint8_t* zeros, int32_t most) {
  const int32_t room = 32767 / (254 * most), tapBytes = g->inputs * 8;
  for (int32_t o = 0; o < g->outputs; o += 8, weights += g->kernel * g->kernel * tapBytes) {
    for (int32_t y = 0; y < g->outHeight; y++) {
      for (int32_t x = 0; x < g->outWidth; x += rowPixels) {
        const int32_t some = g->outWidth - x < rowPixels ? g->outWidth - x : rowPixels;
        const uint8_t* lines[rowPixels];
        v128_t totals[2 * rowPixels];
        for (int i = 0; i < 2 * rowPixels; i++) totals[i] = wasm_i32x4_splat(0);
        const int8_t* w = weights;
        for (int32_t i = 0, row = y * g->stride - g->padding; i < g->kernel; i++, row += g->dilation) {
          for (int32_t j = 0, column = x * g->stride - g->padding; j < g->kernel; j++, column += g->dilation, w += tapBytes) {
            if (linesOf(g, map, zeros, row, column, some, lines)) addFours(totals, lines, w, g->inputs / 4, room);
          }
        }
        float* to = sums + (y * g->outWidth + x) * g->outputs + o;
        for (int p = 0; p < some; p++, to += g->outputs) {
          wasm_v128_store(to, wasm_f32x4_convert_i32x4(totals[2 * p]));
          wasm_v128_store(to + 4, wasm_f32x4_convert_i32x4(totals[2 * p + 1]));
        }
      }
    }
  }
}

#endif
