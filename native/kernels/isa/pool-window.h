// The pixels that a 3x3 pooling window with padding 1 sees. Without linkage: files compiled for other processors share
// no inline functions.
#pragma once

#include <cstdint>

namespace snnseg::sparse {
namespace {

struct PoolWindow {
  int64_t y0, y1, x0, x1;  // first and last

  /// Of the map's `pixel`, whose rows are `mapWidth` windows.
  PoolWindow(int64_t pixel, int64_t mapWidth, int64_t stride, int64_t height, int64_t width) {
    const int64_t y = pixel / mapWidth * stride, x = pixel % mapWidth * stride;
    y0 = y > 0 ? y - 1 : 0;
    y1 = y + 1 < height ? y + 1 : height - 1;
    x0 = x > 0 ? x - 1 : 0;
    x1 = x + 1 < width ? x + 1 : width - 1;
  }
};

}  // namespace
}  // namespace snnseg::sparse
