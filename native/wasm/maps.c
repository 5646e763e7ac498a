// Maps without weights: pooled, joined, resized, read out.
#include "kernels.h"

// A row or column between two of the source.
typedef struct {
  int32_t low, high;
  float share;  // of `high`
} Between;

EXPORT(pool) void pool(const uint8_t* map, int32_t height, int32_t width, int32_t channels, int32_t stride, uint8_t* to) {
  const int32_t rows = (height - 1) / stride + 1, columns = (width - 1) / stride + 1;
  const Geometry g = {height, width, channels, channels, rows, columns, channels, 3, stride, 1, 1};
  Tap listed[9];
  for (int32_t p = 0; p < rows * columns; p++) {
    const int32_t inside = listTaps(&g, p / columns, p % columns, listed);
    for (int32_t c = 0; c < channels; c += 16, to += 16) {
      v128_t total = wasm_i8x16_splat(0);
      for (int32_t i = 0; i < inside; i++) total = wasm_i8x16_add(total, wasm_v128_load(map + listed[i].pixel * channels + c));
      wasm_v128_store(to, total);
    }
  }
}

EXPORT(poolValues) void poolValues(const float* map, int32_t height, int32_t width, int32_t channels, int32_t stride, float* to) {
  const int32_t rows = (height - 1) / stride + 1, columns = (width - 1) / stride + 1;
  const Geometry g = {height, width, channels, channels, rows, columns, channels, 3, stride, 1, 1};
  Tap listed[9];
  for (int32_t p = 0; p < rows * columns; p++) {
    const int32_t inside = listTaps(&g, p / columns, p % columns, listed);
    for (int32_t c = 0; c < channels; c += 4, to += 4) {
      v128_t total = wasm_f32x4_splat(0);
      for (int32_t i = 0; i < inside; i++) total = wasm_f32x4_add(total, wasm_v128_load(map + listed[i].pixel * channels + c));
      wasm_v128_store(to, wasm_f32x4_div(total, wasm_f32x4_splat(9)));
    }
  }
}

EXPORT(toValues) void toValues(const uint8_t* map, int32_t pixels, int32_t channels, const float* worth, float* to) {
  for (int32_t p = 0; p < pixels; p++) {
    for (int32_t c = 0; c < channels; c += 8, map += 8, to += 8) {
      const v128_t wide = wasm_u16x8_load8x8(map);
      wasm_v128_store(to, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(wide)), wasm_v128_load(worth + c)));
      wasm_v128_store(to + 4, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(wide)), wasm_v128_load(worth + c + 4)));
    }
  }
}

EXPORT(add) void add(const float* a, const float* b, int32_t count, float* to) {
  for (int32_t i = 0; i < count; i += 4) wasm_v128_store(to + i, wasm_f32x4_add(wasm_v128_load(a + i), wasm_v128_load(b + i)));
}

EXPORT(resize)
void resize(const float* map, int32_t width, int32_t channels, const Between* rows, int32_t outHeight, const Between* columns, int32_t outWidth,
            float* to) {
  for (int32_t y = 0; y < outHeight; y++) {
    const float* low = map + rows[y].low * width * channels;
    const float* high = map + rows[y].high * width * channels;
    const v128_t down = wasm_f32x4_splat(rows[y].share), up = wasm_f32x4_splat(1 - rows[y].share);
    for (int32_t x = 0; x < outWidth; x++) {
      const int32_t left = columns[x].low * channels, right = columns[x].high * channels;
      const v128_t share = wasm_f32x4_splat(columns[x].share), rest = wasm_f32x4_splat(1 - columns[x].share);
      for (int32_t c = 0; c < channels; c += 4, to += 4) {
        const v128_t above = wasm_f32x4_add(wasm_f32x4_mul(rest, wasm_v128_load(low + left + c)), wasm_f32x4_mul(share, wasm_v128_load(low + right + c)));
        const v128_t below = wasm_f32x4_add(wasm_f32x4_mul(rest, wasm_v128_load(high + left + c)), wasm_f32x4_mul(share, wasm_v128_load(high + right + c)));
        wasm_v128_store(to, wasm_f32x4_add(wasm_f32x4_mul(up, above), wasm_f32x4_mul(down, below)));
      }
    }
  }
}

EXPORT(labels) void labels(const float* scores, int32_t pixels, int32_t channels, int32_t classes, uint8_t* to) {
  for (int32_t p = 0; p < pixels; p++, scores += channels) {
    int32_t best = 0;
    for (int32_t k = 1; k < classes; k++) best = scores[k] > scores[best] ? k : best;
    to[p] = best;
  }
}

EXPORT(sumChannels) void sumChannels(const uint8_t* map, int32_t pixels, int32_t channels, float* to) {
  for (int32_t p = 0; p < pixels; p++) {
    v128_t total = wasm_i32x4_splat(0);
    for (int32_t c = 0; c < channels; c += 16, map += 16) {
      total = wasm_i32x4_add(total, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(map))));
    }
    to[p] = wasm_i32x4_extract_lane(total, 0) + wasm_i32x4_extract_lane(total, 1) + wasm_i32x4_extract_lane(total, 2) +
            wasm_i32x4_extract_lane(total, 3);
  }
}

EXPORT(place) void place(const uint8_t* map, int32_t pixels, int32_t stride, int32_t bytes, uint8_t* to, int32_t toStride) {
  for (int32_t p = 0; p < pixels; p++, map += stride, to += toStride) {
    int32_t i = 0;
    for (; i + 16 <= bytes; i += 16) wasm_v128_store(to + i, wasm_v128_load(map + i));
    for (; i < bytes; i++) to[i] = map[i];
  }
}
