// The processor's matrix tiles: eight registers of 16 rows by 64 bytes.
//
//     sum[row][lane] += left[row][4k + j] * right[k][4 lane + j]    bytes: k < 16, j < 4, sums in int32
//     sum[row][lane] += left[row][2k + j] * right[k][2 lane + j]    bf16:  k < 16, j < 2, sums in float32
#pragma once

#include "kernels/kernels.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

/// Configures the tiles for as long as this lives.
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

}  // namespace
}  // namespace snnseg::sparse
