// What sums pass through: factor and offset of each channel, then neurons or ReLUs.
#include "kernels.h"

INLINE v128_t affineOf(const float* sums, const float* scale, const float* shift, int32_t c) {
  return wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(sums), wasm_v128_load(scale + c)), wasm_v128_load(shift + c));
}

EXPORT(affine) void affine(float* map, int32_t pixels, int32_t channels, const float* scale, const float* shift, float* to) {
  for (int32_t p = 0; p < pixels; p++) {
    for (int32_t c = 0; c < channels; c += 4, map += 4, to += 4) wasm_v128_store(to, affineOf(map, scale, shift, c));
  }
}

/// k of four neurons, as 32-bit integers.
INLINE v128_t sent(v128_t u, v128_t threshold, float levels) {
  if (levels == 0) return wasm_v128_and(wasm_f32x4_gt(u, threshold), wasm_i32x4_splat(1));
  const v128_t ratio = wasm_f32x4_div(u, threshold);
  const v128_t clipped = wasm_f32x4_pmin(wasm_f32x4_splat(levels), wasm_f32x4_pmax(wasm_f32x4_splat(0), ratio));
  const v128_t floor = wasm_i32x4_trunc_sat_f32x4(clipped);
  const v128_t rest = wasm_f32x4_sub(clipped, wasm_f32x4_convert_i32x4(floor));
  return wasm_i32x4_sub(floor, wasm_f32x4_ge(rest, wasm_f32x4_splat(0.5f)));
}

EXPORT(fire)
int32_t fire(const float* sums, int32_t pixels, int32_t channels, const float* scale, const float* shift, const float* threshold, int32_t perNeuron,
             float leak, float levels, int32_t hard, float* membrane, uint8_t* to) {
  v128_t total = wasm_i32x4_splat(0);
  for (int32_t p = 0; p < pixels; p++) {
    for (int32_t c = 0; c < channels; c += 16, to += 16) {
      v128_t k[4];
      for (int i = 0; i < 4; i++, sums += 4, membrane += 4) {
        const v128_t theta = wasm_v128_load(threshold + c + 4 * i);
        const v128_t u =
            wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_splat(leak), wasm_v128_load(membrane)), affineOf(sums, scale, shift, c + 4 * i));
        k[i] = sent(u, theta, levels);
        total = wasm_i32x4_add(total, k[i]);
        const v128_t count = wasm_f32x4_convert_i32x4(k[i]);
        const v128_t left = hard ? wasm_f32x4_mul(u, wasm_f32x4_sub(wasm_f32x4_splat(1), count)) : wasm_f32x4_sub(u, wasm_f32x4_mul(theta, count));
        wasm_v128_store(membrane, left);
      }
      wasm_v128_store(to, wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(k[0], k[1]), wasm_i16x8_narrow_i32x4(k[2], k[3])));
    }
    if (perNeuron) threshold += channels;
  }
  return wasm_i32x4_extract_lane(total, 0) + wasm_i32x4_extract_lane(total, 1) + wasm_i32x4_extract_lane(total, 2) +
         wasm_i32x4_extract_lane(total, 3);
}

EXPORT(relu)
int32_t relu(const float* sums, int32_t pixels, int32_t channels, const float* scale, const float* shift, float slope, float* to) {
  v128_t total = wasm_i32x4_splat(0);
  for (int32_t p = 0; p < pixels; p++) {
    for (int32_t c = 0; c < channels; c += 4, sums += 4, to += 4) {
      const v128_t x = affineOf(sums, scale, shift, c);
      const v128_t above = wasm_f32x4_gt(x, wasm_f32x4_splat(0));
      total = wasm_i32x4_sub(total, above);
      wasm_v128_store(to, wasm_v128_bitselect(x, wasm_f32x4_mul(wasm_f32x4_splat(slope), x), above));
    }
  }
  return wasm_i32x4_extract_lane(total, 0) + wasm_i32x4_extract_lane(total, 1) + wasm_i32x4_extract_lane(total, 2) +
         wasm_i32x4_extract_lane(total, 3);
}
