// Convolutions of real values: products are added tap after tap, channel after channel, without fused multiply-adds.
#include "kernels.h"

/// 4·vectors outputs of a pixel.
INLINE void addTaps(const Geometry* g, const float* map, const float* weights, float* sums, const Tap* listed, int32_t inside, const int vectors) {
  v128_t total[8];
  for (int v = 0; v < vectors; v++) total[v] = wasm_f32x4_splat(0);
  for (const Tap* at = listed; at < listed + inside; at++) {
    const float* w = weights + at->tap * g->used * g->outputs;
    for (int32_t c = 0; c < g->used; c++, w += g->outputs) {
      const v128_t value = wasm_v128_load32_splat(map + at->pixel * g->inputs + c);
      for (int v = 0; v < vectors; v++) total[v] = wasm_f32x4_add(total[v], wasm_f32x4_mul(value, wasm_v128_load(w + 4 * v)));
    }
  }
  for (int v = 0; v < vectors; v++) wasm_v128_store(sums + 4 * v, total[v]);
}

EXPORT(values) void values(const Geometry* g, const float* map, const float* weights, float* sums) {
  Tap listed[mostTaps];
  for (int32_t p = 0; p < g->outHeight * g->outWidth; p++, sums += g->outputs) {
    const int32_t inside = listTaps(g, p / g->outWidth, p % g->outWidth, listed);
    int32_t o = 0;
    for (; o + 32 <= g->outputs; o += 32) addTaps(g, map, weights + o, sums + o, listed, inside, 8);
    for (; o < g->outputs; o += 16) addTaps(g, map, weights + o, sums + o, listed, inside, 4);
  }
}
