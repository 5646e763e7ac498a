#include "winograd-plan.h"

#include <algorithm>

namespace snnseg::sparse {
namespace {

/// Tiles along one side, of all phases.
int64_t tilesAlong(int64_t side, int64_t dilation) {
  int64_t tiles = 0;
  for (int64_t phase = 0; phase < std::min(side, dilation); phase++) tiles += ((side - phase - 1) / dilation + 2) / 2;
  return tiles;
}

/// Taps inside the image along one side, of all pixels.
int64_t tapsAlong(int64_t side, int64_t dilation) { return side + 2 * std::max<int64_t>(0, side - dilation); }

}  // namespace

bool winogradFits(const snn_geometry& g) {
  return g.input == SNN_INPUT_BF16 && g.kernel == 3 && g.stride == 1 && g.padding == g.dilation && g.in_channels <= mostWinogradChannels;
}

bool winogradSaves(const snn_geometry& g) {
  const int64_t products = winogradPositions * tilesAlong(g.height, g.dilation) * tilesAlong(g.width, g.dilation);
  return 4 * tapsAlong(g.height, g.dilation) * tapsAlong(g.width, g.dilation) >= 5 * products;
}

WinogradPlan planWinograd(const Layer& layer) {
  const snn_geometry& g = layer.g;
  const auto pixel = [&](int64_t y, int64_t x) {
    const bool inside = y >= 0 && y < g.height && x >= 0 && x < g.width;
    return inside ? static_cast<int32_t>(y * g.width + x) : -1;
  };
  WinogradPlan plan;
  for (int64_t phase = 0; phase < g.dilation * g.dilation; phase++) {
    for (int64_t y = phase / g.dilation; y < g.height; y += 2 * g.dilation) {
      for (int64_t x = phase % g.dilation; x < g.width; x += 2 * g.dilation) {
        WinogradTile tile;
        for (int64_t i = 0; i < 16; i++) tile.inputs[i] = pixel(y + (i / 4 - 1) * g.dilation, x + (i % 4 - 1) * g.dilation);
        for (int64_t i = 0; i < 4; i++) tile.outputs[i] = pixel(y + i / 2 * g.dilation, x + i % 2 * g.dilation);
        plan.tiles.push_back(tile);
      }
    }
  }
  constexpr int32_t lines = tilePixels * lineBytes;
  for (int32_t block = 0; block < layer.words; block++) plan.steps.push_back({block * lines, block * weightStepBytes});
  // Not a multiple of 4 KiB: positions would share a few sets of the cache.
  plan.positionValues = layer.words * tilePixels * 32 + 16;
  return plan;
}

}  // namespace snnseg::sparse
