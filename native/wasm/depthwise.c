// Convolutions of each channel by itself, of integers and of real values.
#include "kernels.h"

EXPORT(depthwise) void depthwise(const Geometry* g, const uint8_t* map, const int8_t* weights, float* sums) {
  const int32_t channels = g->inputs;
  Tap listed[mostTaps];
  for (int32_t p = 0; p < g->outHeight * g->outWidth; p++) {
    const int32_t inside = listTaps(g, p / g->outWidth, p % g->outWidth, listed);
    for (int32_t c = 0; c < channels; c += 16, sums += 16) {
      v128_t total[4];
      for (int v = 0; v < 4; v++) total[v] = wasm_i32x4_splat(0);
      for (const Tap* at = listed; at < listed + inside; at++) {
        const uint8_t* x = map + at->pixel * channels + c;
        const int8_t* w = weights + at->tap * channels + c;
        // At most 127·127, which 16 bits hold.
        addWidened(total, wasm_i16x8_mul(wasm_u16x8_load8x8(x), wasm_i16x8_load8x8(w)));
        addWidened(total + 2, wasm_i16x8_mul(wasm_u16x8_load8x8(x + 8), wasm_i16x8_load8x8(w + 8)));
      }
      for (int v = 0; v < 4; v++) wasm_v128_store(sums + 4 * v, wasm_f32x4_convert_i32x4(total[v]));
    }
  }
}

EXPORT(depthwiseValues) void depthwiseValues(const Geometry* g, const float* map, const float* weights, float* sums) {
  const int32_t channels = g->inputs;
  Tap listed[mostTaps];
  for (int32_t p = 0; p < g->outHeight * g->outWidth; p++) {
    const int32_t inside = listTaps(g, p / g->outWidth, p % g->outWidth, listed);
    for (int32_t c = 0; c < channels; c += 4, sums += 4) {
      v128_t total = wasm_f32x4_splat(0);
      for (const Tap* at = listed; at < listed + inside; at++) {
        total = wasm_f32x4_add(total, wasm_f32x4_mul(wasm_v128_load(map + at->pixel * channels + c), wasm_v128_load(weights + at->tap * channels + c)));
      }
      wasm_v128_store(sums, total);
    }
  }
}
