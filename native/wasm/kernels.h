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

/// The input pixel of a tap, or -1 outside the map.
INLINE int32_t tapPixel(const Geometry* g, int32_t y, int32_t x, int32_t tap) {
  const int32_t row = y * g->stride - g->padding + tap / g->kernel * g->dilation;
  const int32_t column = x * g->stride - g->padding + tap % g->kernel * g->dilation;
  const int inside = (uint32_t)row < (uint32_t)g->height && (uint32_t)column < (uint32_t)g->width;
  return inside ? row * g->width + column : -1;
}

/// total[2v], total[2v + 1] += the halves of eight lanes of 16 bits.
INLINE void addWidened(v128_t* total, v128_t lanes) {
  total[0] = wasm_i32x4_add(total[0], wasm_i32x4_extend_low_i16x8(lanes));
  total[1] = wasm_i32x4_add(total[1], wasm_i32x4_extend_high_i16x8(lanes));
}
