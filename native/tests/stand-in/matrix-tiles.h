// AMX: eight tiles of a thread, as configured; whatever would raise an exception ends the test.
#pragma once

#include "bfloat16.h"
#include "lanes.h"

namespace standIn {

constexpr int tileCount = 8, mostRows = 16, mostColumnBytes = 64;

struct MatrixTile {
  int rows = 0, columnBytes = 0;
  uint8_t at[mostRows][mostColumnBytes] = {};
};

struct TileState {
  bool configured = false;
  MatrixTile tiles[tileCount];
};
inline thread_local TileState tileState;

struct TileConfig {
  uint8_t palette, startRow, reserved[14];
  uint16_t columnBytes[16];
  uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64);

inline MatrixTile& tileAt(int number) {
  if (!tileState.configured) refuse("a tile before the configuration");
  if (number < 0 || number >= tileCount) refuse("a tile beyond the eighth");
  MatrixTile& tile = tileState.tiles[number];
  if (tile.rows == 0) refuse("a tile outside the configuration");
  return tile;
}

/// sum[m][n] += product(line m of left, word k; line k of right, word n), for tiles whose sizes match.
template <class Add>
inline void multiplyTiles(int sumNumber, int leftNumber, int rightNumber, Add&& add) {
  if (sumNumber == leftNumber || sumNumber == rightNumber || leftNumber == rightNumber) refuse("one tile twice in a product");
  MatrixTile &sum = tileAt(sumNumber), &left = tileAt(leftNumber), &right = tileAt(rightNumber);
  if (sum.columnBytes % 4 || left.columnBytes % 4 || right.columnBytes % 4) refuse("a product of tiles whose lines are no words");
  if (sum.rows != left.rows || sum.columnBytes != right.columnBytes || left.columnBytes / 4 != right.rows) refuse("a product of tiles of other sizes");
  for (int m = 0; m < sum.rows; m++) add(sum.at[m], left.at[m], right.at, left.columnBytes / 4, sum.columnBytes / 4);
}

/// Four bytes by four, Left unsigned or signed; sums wrap.
template <class Left>
inline void multiplyBytes(int sum, int left, int right) {
  multiplyTiles(sum, left, right, [](uint8_t* to, const uint8_t* line, const uint8_t (*other)[mostColumnBytes], int depth, int width) {
    for (int n = 0; n < width; n++) {
      uint32_t total;
      std::memcpy(&total, to + 4 * n, 4);
      for (int k = 0; k < depth; k++) {
        for (int j = 0; j < 4; j++) {
          total += static_cast<uint32_t>(static_cast<Left>(line[4 * k + j]) * static_cast<int8_t>(other[k][4 * n + j]));
        }
      }
      std::memcpy(to + 4 * n, &total, 4);
    }
  });
}

}  // namespace standIn

inline void _tile_loadconfig(const void* from) {
  standIn::TileConfig config;
  std::memcpy(&config, from, sizeof config);
  if (config.palette != 1 || config.startRow != 0) standIn::refuse("a configuration of another palette or a later row");
  for (uint8_t byte : config.reserved) {
    if (byte != 0) standIn::refuse("a configuration with reserved bytes");
  }
  standIn::tileState = {};
  for (int i = 0; i < 16; i++) {
    const int rows = config.rows[i], bytes = config.columnBytes[i];
    if (rows > standIn::mostRows || bytes > standIn::mostColumnBytes || (rows == 0) != (bytes == 0)) standIn::refuse("a tile of no possible size");
    if (i >= standIn::tileCount && rows != 0) standIn::refuse("a configuration beyond the eighth tile");
    if (i < standIn::tileCount) standIn::tileState.tiles[i].rows = rows, standIn::tileState.tiles[i].columnBytes = bytes;
  }
  standIn::tileState.configured = true;
}

inline void _tile_release() { standIn::tileState = {}; }

inline void _tile_zero(int number) { std::memset(standIn::tileAt(number).at, 0, sizeof(standIn::MatrixTile::at)); }

inline void _tile_loadd(int number, const void* from, int64_t stride) {
  standIn::MatrixTile& tile = standIn::tileAt(number);
  std::memset(tile.at, 0, sizeof tile.at);
  for (int row = 0; row < tile.rows; row++) std::memcpy(tile.at[row], static_cast<const uint8_t*>(from) + row * stride, static_cast<size_t>(tile.columnBytes));
}

inline void _tile_stored(int number, void* to, int64_t stride) {
  const standIn::MatrixTile& tile = standIn::tileAt(number);
  for (int row = 0; row < tile.rows; row++) std::memcpy(static_cast<uint8_t*>(to) + row * stride, tile.at[row], static_cast<size_t>(tile.columnBytes));
}

inline void _tile_dpbusd(int sum, int left, int right) { standIn::multiplyBytes<uint8_t>(sum, left, right); }
inline void _tile_dpbssd(int sum, int left, int right) { standIn::multiplyBytes<int8_t>(sum, left, right); }

/// Even and odd elements are summed apart, then together, then added.
inline void _tile_dpbf16ps(int sum, int left, int right) {
  standIn::multiplyTiles(sum, left, right, [](uint8_t* to, const uint8_t* line, const uint8_t (*other)[standIn::mostColumnBytes], int depth, int width) {
    for (int n = 0; n < width; n++) {
      float parts[2] = {};
      for (int k = 0; k < depth; k++) {
        for (int j = 0; j < 2; j++) {
          uint16_t a, b;
          std::memcpy(&a, line + 4 * k + 2 * j, 2);
          std::memcpy(&b, other[k] + 4 * n + 2 * j, 2);
          parts[j] = standIn::multiplyAdd(parts[j], a, b);
        }
      }
      float total;
      std::memcpy(&total, to + 4 * n, 4);
      const float products = standIn::withoutDenormals(parts[0] + parts[1]);
      total = standIn::withoutDenormals(standIn::withoutDenormals(total) + products);
      std::memcpy(to + 4 * n, &total, 4);
    }
  });
}
