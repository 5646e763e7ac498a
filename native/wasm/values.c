// Convolutions of real values: products are added tap after tap, channel after channel, without fused multiply-adds.
#include "kernels.h"

INLINE void pixelValues(const Geometry* g, const float* map, const float* weights, float* sums, int32_t y, int32_t x, const int vectors) {
  const int32_t taps = g->kernel * g->kernel;
  v128_t total[8];
  for (int v = 0; v < vectors; v++) total[v] = wasm_f32x4_splat(0);
  for (int32_t tap = 0; tap < taps; tap++) {
    const int32_t from = tapPixel(g, y, x, tap);
    if (from < 0) continue;
    const float* w = weights + tap * g->used * g->outputs;
    for (int32_t c = 0; c < g->used; c++, w += g->outputs) {
      const v128_t value = wasm_v128_load32_splat(map + from * g->inputs + c);
      for (int v = 0; v < vectors; v++) total[v] = wasm_f32x4_add(total[v], wasm_f32x4_mul(value, wasm_v128_load(w + 4 * v)));
    }
  }
  for (int v = 0; v < vectors; v++) wasm_v128_store(sums + 4 * v, total[v]);
}

EXPORT(values) void values(const Geometry* g, const float* map, const float* weights, float* sums) {
  int32_t o = 0;
  for (; o + 32 <= g->outputs; o += 32) {
    for (int32_t p = 0; p < g->outHeight * g->outWidth; p++) {
      pixelValues(g, map, weights + o, sums + p * g->outputs + o, p / g->outWidth, p % g->outWidth, 8);
    }
  }
  for (; o < g->outputs; o += 16) {
    for (int32_t p = 0; p < g->outHeight * g->outWidth; p++) {
      pixelValues(g, map, weights + o, sums + p * g->outputs + o, p / g->outWidth, p % g->outWidth, 4);
    }
  }
}
