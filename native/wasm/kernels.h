// Inference in WebAssembly: what the files here have in common. Each exported function has a twin of plain loops in
// src/web/kernels/plain-kernels.ts, which gives the same bits; what arguments mean stands in src/web/kernels/kernels.ts.
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

// Of a convolution. Channels fill whole vectors of 16; `used` inputs are no padding.
typedef struct {
  int32_t height, width, inputs, used, outHeight, outWidth, outputs, kernel, stride, dilation, padding;
} Geometry;

// A tap of a kernel that lies in the map, and the pixel that it reads.
typedef struct {
  int32_t tap, pixel;
} Tap;

enum { mostTaps = 15 * 15 };

/// Lists the taps of an output pixel that lie in the map, in order; returns how many.
INLINE int32_t listTaps(const Geometry* g, int32_t y, int32_t x, Tap* to) {
  int32_t count = 0;
  for (int32_t i = 0, row = y * g->stride - g->padding; i < g->kernel; i++, row += g->dilation) {
    if ((uint32_t)row >= (uint32_t)g->height) continue;
    for (int32_t j = 0, column = x * g->stride - g->padding; j < g->kernel; j++, column += g->dilation) {
      if ((uint32_t)column < (uint32_t)g->width) to[count++] = (Tap){i * g->kernel + j, row * g->width + column};
    }
  }
  return count;
}

/// total[2v], total[2v + 1] += the halves of eight lanes of 16 bits.
INLINE void addWidened(v128_t* total, v128_t lanes) {
  total[0] = wasm_i32x4_add(total[0], wasm_i32x4_extend_low_i16x8(lanes));
  total[1] = wasm_i32x4_add(total[1], wasm_i32x4_extend_high_i16x8(lanes));
}
