// Eight registers of tiles, 16 rows by 64 bytes each: the processor's own (AMX); or, for bf16 alone, memory that vector instructions
// multiply (bytes: blocks.h).
// Tiles 0 to 3 hold sums, 4 and 5 lines of pixels, 6 and 7 weights or whatever stands on the right:
//
//     sum[row][lane] += left[row][4k + j] * right[k][4 lane + j]    bytes: k < 16, j < 4, sums in int32
//     sum[row][lane] += left[row][2k + j] * right[k][2 lane + j]    bf16:  k < 16, j < 2, sums in float32
//
// Register numbers must be constants for AMX, hence macros.
#pragma once

#include "kernels/kernels.h"
#include "vectors.h"

#if defined(SNN_AMX)

#define SNN_TILE_ZERO(tiles, t) _tile_zero(t)
#define SNN_TILE_LOAD_SUMS(tiles, t, from, stride) _tile_loadd(t, from, stride)
#define SNN_TILE_LOAD_LEFT(tiles, product, t, from, stride) _tile_loadd(t, from, stride)
#define SNN_TILE_LOAD_RIGHT(tiles, product, t, from, stride) _tile_loadd(t, from, stride)
#define SNN_TILE_STORE(tiles, t, to, stride) _tile_stored(t, to, stride)
#define SNN_TILE_MULTIPLY(tiles, product, sum, left, right)   \
  if constexpr (product == TileProduct::bf16) {               \
    _tile_dpbf16ps(sum, left, right);                         \
  } else if constexpr (product == TileProduct::signedBytes) { \
    _tile_dpbssd(sum, left, right);                           \
  } else {                                                    \
    _tile_dpbusd(sum, left, right);                           \
  }

#else

#define SNN_TILE_ZERO(tiles, t) (tiles).zero(t)
#define SNN_TILE_LOAD_SUMS(tiles, t, from, stride) (tiles).loadSums(t, from, stride)
#define SNN_TILE_LOAD_LEFT(tiles, product, t, from, stride) (tiles).loadLeft<product>(t, from, stride)
#define SNN_TILE_LOAD_RIGHT(tiles, product, t, from, stride) (tiles).loadRight<product>(t, from, stride)
#define SNN_TILE_STORE(tiles, t, to, stride) (tiles).store(t, to, stride)
#define SNN_TILE_MULTIPLY(tiles, product, sum, left, right) (tiles).multiply<product>(sum, left, right)

#endif

namespace snnseg::sparse {
namespace {

#if defined(SNN_AMX)

/// Configures the processor's tiles for as long as this lives.
class Tiles {
 public:
  Tiles() {
    struct alignas(64) {
      uint8_t palette = 1, startRow = 0, reserved[14] = {};
      uint16_t columnBytes[16] = {};
      uint8_t rows[16] = {};
    } config;
    for (int tile = 0; tile < 8; tile++) {
      config.columnBytes[tile] = 64;
      config.rows[tile] = 16;
    }
    _tile_loadconfig(&config);
  }
  ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

#else

constexpr int tileRows = 16, tileDepth = 16, tileRowBytes = 64;
// Rows whose sums stay in registers.
constexpr int rowsTogether = SNN_VECTOR_BYTES == 64 ? 8 : SNN_VECTOR_BYTES == 32 ? 4 : 2;

/// Sums of `rowsTogether` rows in registers while `step(k, sums)` adds to them.
template <class Part, int depth, class Step>
inline void sumRows(int32_t* to, int from, Step&& step) {
  Part sums[rowsTogether][parts];
#pragma GCC unroll 8
  for (int r = 0; r < rowsTogether; r++) SNN_EACH_PART sums[r][i] = loadPart<Part>(to + r * 16 + i * (16 / parts));
  for (int k = from; k < from + depth; k++) step(k, sums);
#pragma GCC unroll 8
  for (int r = 0; r < rowsTogether; r++) SNN_EACH_PART __builtin_memcpy(to + r * 16 + i * (16 / parts), &sums[r][i], sizeof(Part));
}

#if defined(__AVX512BF16__)
constexpr bool expandsBf16 = false;
#else
constexpr bool expandsBf16 = true;  // to float32, once for all products that a tile takes part in
#endif

/// Tiles in memory: loading lines and weights only remembers where they are, or expands them to float32.
class Tiles {
 public:
  void zero(int t) { __builtin_memset(sums_[t], 0, sizeof sums_[t]); }

  void loadSums(int t, const void* from, int64_t stride) {
    for (int row = 0; row < tileRows; row++) __builtin_memcpy(sums_[t] + 16 * row, static_cast<const char*>(from) + row * stride, tileRowBytes);
  }

  void store(int t, void* to, int64_t stride) const {
    for (int row = 0; row < tileRows; row++) __builtin_memcpy(static_cast<char*>(to) + row * stride, sums_[t] + 16 * row, tileRowBytes);
  }

  /// float32 [row][32].
  template <TileProduct product>
  void loadLeft(int t, const void* from, int64_t stride) {
    source_[t - sumTiles] = {static_cast<const uint8_t*>(from), stride};
    if constexpr (!expandsBf16) return;
    for (int row = 0; row < tileRows; row++) {
      const uint16_t* values = reinterpret_cast<const uint16_t*>(static_cast<const char*>(from) + row * stride);
      for (int i = 0; i < 2; i++) fromHalves(values + 16 * i).store(expanded_[t - sumTiles] + 32 * row + 16 * i);
    }
  }

  /// float32 [k][even, odd][lane].
  template <TileProduct product>
  void loadRight(int t, const void* from, int64_t stride) {
    source_[t - sumTiles] = {static_cast<const uint8_t*>(from), stride};
    if constexpr (!expandsBf16) return;
    for (int k = 0; k < tileDepth; k++) {
      float* to = expanded_[t - sumTiles] + 32 * k;
      SNN_EACH_PART {
        const IntPart both = loadPart<IntPart>(static_cast<const char*>(from) + k * stride + i * SNN_VECTOR_BYTES);
        const IntPart even = both << 16, odd = both & static_cast<int32_t>(0xffff0000u);
        __builtin_memcpy(to + i * (16 / parts), &even, sizeof even);
        __builtin_memcpy(to + 16 + i * (16 / parts), &odd, sizeof odd);
      }
    }
  }

  template <TileProduct product>
  void multiply(int sum, int left, int right) {
    static_assert(product == TileProduct::bf16, "bytes are multiplied without tiles, see blocks.h");
    if constexpr (expandsBf16) {
      multiplyFloats(sums_[sum], expanded_[left - sumTiles], expanded_[right - sumTiles]);
    } else {
      multiplyBf16(sums_[sum], source_[left - sumTiles], source_[right - sumTiles]);
    }
  }

 private:
  static constexpr int sumTiles = 4;
  struct Source {
    const uint8_t* at;
    int64_t stride;
  };

  [[maybe_unused]] static void multiplyFloats(int32_t* to, const float* left, const float* right) {
    for (int row = 0; row < tileRows; row += rowsTogether) {
      const float* lines = left + 32 * row;
      sumRows<FloatPart, 2 * tileDepth>(to + 16 * row, 0, [&](int k, FloatPart(&sums)[rowsTogether][parts]) {
        FloatPart weights[parts];
        SNN_EACH_PART weights[i] = loadPart<FloatPart>(right + 16 * k + i * (16 / parts));
#pragma GCC unroll 8
        for (int r = 0; r < rowsTogether; r++) {
          const FloatPart x = spread(lines[32 * r + k]);
          SNN_EACH_PART sums[r][i] = multiplyAdd(x, weights[i], sums[r][i]);
        }
      });
    }
  }

#if defined(__AVX512BF16__)
  static void multiplyBf16(int32_t* to, const Source& left, const Source& right) {
    for (int row = 0; row < tileRows; row += rowsTogether) {
      const uint8_t* lines = left.at + row * left.stride;
      sumRows<FloatPart, tileDepth>(to + 16 * row, 0, [&](int k, FloatPart(&sums)[rowsTogether][parts]) {
        const __m512bh weights = reinterpret_cast<__m512bh>(loadPart<IntPart>(right.at + k * right.stride));
#pragma GCC unroll 8
        for (int r = 0; r < rowsTogether; r++) {
          const __m512bh x = reinterpret_cast<__m512bh>(spread(loadPart<int32_t>(lines + r * left.stride + 4 * k)));
          sums[r][0] = _mm512_dpbf16_ps(sums[r][0], x, weights);
        }
      });
    }
  }
#else
  static void multiplyBf16(int32_t*, const Source&, const Source&) {}
#endif

  alignas(64) int32_t sums_[sumTiles][256];
  alignas(64) float expanded_[expandsBf16 ? 4 : 1][512];
  Source source_[4];
};

#endif

}  // namespace
}  // namespace snnseg::sparse
