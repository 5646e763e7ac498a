// Convolutions of integers, few of which are not zero: rows of weights of those are added, 64 outputs at a time.
#include "kernels.h"

// Pixels whose entries are listed together.
enum { strip = 16 };

EXPORT(count) int32_t count(const uint8_t* map, int32_t bytes) {
  int32_t total = 0;
  for (int32_t i = 0; i < bytes; i += 16) {
    total += __builtin_popcount(wasm_i8x16_bitmask(wasm_i8x16_ne(wasm_v128_load(map + i), wasm_i8x16_splat(0))));
  }
  return total;
}

EXPORT(list) void list(const uint8_t* map, int32_t pixels, int32_t channels, uint32_t* entries, int32_t* begin) {
  uint32_t* to = entries;
  for (int32_t p = 0; p < pixels; p++) {
    begin[p] = to - entries;
    for (int32_t c = 0; c < channels; c += 16, map += 16) {
      uint32_t some = wasm_i8x16_bitmask(wasm_i8x16_ne(wasm_v128_load(map), wasm_i8x16_splat(0)));
      for (; some; some &= some - 1) {
        const int32_t at = __builtin_ctz(some);
        *to++ = (uint32_t)(c + at) << 8 | map[at];
      }
    }
  }
  begin[pixels] = to - entries;
}

/// One output pixel: sums of k·(row of weights) over the entries, 8·vectors outputs of them.
INLINE void addEntries(const uint32_t* entries, int32_t count, const int8_t* weights, float* sums, const int vectors, const int ones,
                       const int32_t room) {
  v128_t wide[16], total[8];
  for (int v = 0; v < 2 * vectors; v++) wide[v] = wasm_i32x4_splat(0);
  while (count > 0) {
    const int32_t some = count < room ? count : room;
    for (int v = 0; v < vectors; v++) total[v] = wasm_i16x8_splat(0);
    for (int32_t i = 0; i < some; i++) {
      const int8_t* row = weights + (entries[i] >> 8) * (8 * vectors);
      const v128_t k = wasm_i16x8_splat(entries[i] & 255);
      for (int v = 0; v < vectors; v++) {
        const v128_t w = wasm_i16x8_load8x8(row + 8 * v);
        total[v] = wasm_i16x8_add(total[v], ones ? w : wasm_i16x8_mul(w, k));
      }
    }
    for (int v = 0; v < vectors; v++) addWidened(wide + 2 * v, total[v]);
    entries += some;
    count -= some;
  }
  for (int v = 0; v < 2 * vectors; v++) wasm_v128_store(sums + 4 * v, wasm_f32x4_convert_i32x4(wide[v]));
}

#define TILE(vectors, ones)                                                                                          \
  for (int32_t p = 0; p < pixels; p++) {                                                                             \
    addEntries(work + begin[p], begin[p + 1] - begin[p], weights, sums + (int64_t)p * outputs, vectors, ones, room); \
  }

// Not inlined, so that each loop gets the registers to itself.
#define TILES(name, vectors, ones)                                                                                                        \
  static __attribute__((noinline)) void name(const uint32_t* work, const int32_t* begin, int32_t pixels, const int8_t* weights, float* sums, \
                                             int32_t outputs, int32_t room) {                                                            \
    TILE(vectors, ones)                                                                                                                   \
  }

TILES(ones64, 8, 1)
TILES(ones32, 4, 1)
TILES(ones16, 2, 1)
TILES(integers64, 8, 0)
TILES(integers32, 4, 0)
TILES(integers16, 2, 0)

EXPORT(gather)
void gather(const Geometry* g, const uint32_t* entries, const int32_t* begin, const int8_t* weights, float* sums, uint32_t* work, int32_t most) {
  const int32_t pixels = g->outHeight * g->outWidth, rows = g->kernel * g->kernel * g->inputs;
  const int32_t room = 32767 / (127 * most);
  int32_t ends[strip + 1];
  Tap listed[mostTaps];
  for (int32_t first = 0; first < pixels; first += strip) {
    const int32_t some = pixels - first < strip ? pixels - first : strip;
    uint32_t* to = work;
    for (int32_t p = 0; p < some; p++) {
      ends[p] = to - work;
      const int32_t inside = listTaps(g, (first + p) / g->outWidth, (first + p) % g->outWidth, listed);
      for (const Tap* at = listed; at < listed + inside; at++) {
        const v128_t base = wasm_i32x4_splat(at->tap * g->inputs << 8);
        const uint32_t* from = entries + begin[at->pixel];
        const int32_t count = begin[at->pixel + 1] - begin[at->pixel];
        // Up to three more are written over by the next.
        for (int32_t i = 0; i < count; i += 4) wasm_v128_store(to + i, wasm_i32x4_add(wasm_v128_load(from + i), base));
        to += count;
      }
    }
    ends[some] = to - work;
    float* out = sums + (int64_t)first * g->outputs;
    const int8_t* w = weights;
    int32_t o = 0;
    for (; o + 64 <= g->outputs; o += 64, w += rows * 64) {
      (most == 1 ? ones64 : integers64)(work, ends, some, w, out + o, g->outputs, room);
    }
    if (o + 32 <= g->outputs) {
      (most == 1 ? ones32 : integers32)(work, ends, some, w, out + o, g->outputs, room);
      o += 32;
      w += rows * 32;
    }
    if (o < g->outputs) (most == 1 ? ones16 : integers16)(work, ends, some, w, out + o, g->outputs, room);
  }
}
