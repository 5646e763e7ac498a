#include "tile-plan.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>

namespace snnseg::sparse {
namespace {

// Strips this large keep weights in use long enough; their membranes (4 bytes per pixel and channel) still fit a
// second-level cache.
constexpr int64_t stripPixels = 256, smallStripPixels = 128, wideChannels = 512;
// Below this share of taps inside the image, copying lines costs less than multiplying zeros.
constexpr double rowsShare = 0.8;
constexpr int64_t blockSide = 4, largestBlockMap = 1024;

int64_t targetPixels(const Layer& l) {
  const bool small = l.outPixels() <= stripPixels;
  return l.g.out_channels > wideChannels || small ? smallStripPixels : stripPixels;
}

int32_t checkedInt32(int64_t value) {
  if (value > INT32_MAX) throw std::length_error("expected a layer whose plan fits 2 GiB; use fewer channels or smaller images");
  return static_cast<int32_t>(value);
}

bool inside(int64_t v, int64_t size) { return v >= 0 && v < size; }

/// The map pixel that an output pixel's tap reads, or -1.
int32_t tapPixel(const Layer& l, int64_t pixel, int64_t tap) {
  const snn_geometry& g = l.g;
  const int64_t y = pixel / l.outWidth * g.stride - g.padding + tap / g.kernel * g.dilation;
  const int64_t x = pixel % l.outWidth * g.stride - g.padding + tap % g.kernel * g.dilation;
  return inside(y, l.mapHeight) && inside(x, l.mapWidth) ? static_cast<int32_t>(y * l.mapWidth + x) : -1;
}

double shareInside(const Layer& l) {
  int64_t taps = 0;
  for (int64_t p = 0; p < l.outPixels(); p++) {
    for (int64_t tap = 0; tap < l.taps; tap++) taps += tapPixel(l, p, tap) >= 0;
  }
  return static_cast<double>(taps) / static_cast<double>(l.outPixels() * l.taps);
}

class Planner {
 public:
  explicit Planner(const Layer& layer) : l_(layer), g_(layer.g) {
    const bool bytes = g_.input == SNN_INPUT_BYTES;
    plan_.weightSteps = checkedInt32(bytes ? (l_.taps * g_.in_channels + 63) / 64 : l_.taps * l_.words);
    const bool plain = !bytes && g_.stride == 1;
    const bool sameSize = l_.outHeight == l_.mapHeight && l_.outWidth == l_.mapWidth;
    const bool blocks = l_.outHeight % blockSide == 0 && l_.outWidth % blockSide == 0 && g_.dilation % blockSide == 0 &&
                        g_.padding % blockSide == 0 && l_.outPixels() <= largestBlockMap;
    if (plain && sameSize && blocks) {
      planBlocks();
    } else if (plain && l_.outWidth % tilePixels == 0 && shareInside(l_) >= rowsShare) {
      planRows();
    } else {
      planPacked();
    }
  }
  TilePlan take() { return std::move(plan_); }

 private:
  int32_t lineOffset(int64_t line) const { return checkedInt32(line * lineBytes); }

  void openStrip() {
    tileBegin_ = static_cast<int32_t>(plan_.tiles.size());
    lineBegin_ = static_cast<int32_t>(plan_.lines.size());
  }
  void closeStrip() {
    plan_.strips.push_back({tileBegin_, static_cast<int32_t>(plan_.tiles.size()) - tileBegin_, lineBegin_,
                            checkedInt32(static_cast<int64_t>(plan_.lines.size())) - lineBegin_});
  }
  void openTile(int64_t base) { plan_.tiles.push_back({lineOffset(base), static_cast<int32_t>(plan_.steps.size()), 0}); }
  void addStep(int64_t line, int64_t weight) {
    plan_.steps.push_back({lineOffset(line), checkedInt32(weight * weightStepBytes)});
    plan_.tiles.back().stepCount++;
  }

  /// Lines of a word's plane, some unused: planes a multiple of 4 KiB apart would share a few sets of the cache.
  static int64_t staggered(int64_t lines) { return (lines + 47) / 64 * 64 + 16; }

  void planRows() {
    const int64_t reach = g_.dilation * (g_.kernel - 1), paddedWidth = l_.mapWidth + 2 * g_.padding;
    const int64_t stripRows = std::max<int64_t>(1, targetPixels(l_) / l_.outWidth);
    for (int64_t row = 0; row < l_.outHeight; row += stripRows) {
      const int64_t rows = std::min(stripRows, l_.outHeight - row), lineRows = rows + reach;
      const int64_t plane = staggered(lineRows * paddedWidth);
      openStrip();
      // A plane per word, so that the 16 lines of a tile are neighbours.
      for (int64_t word = 0; word < l_.words; word++) {
        for (int64_t i = 0; i < plane; i++) {
          const int64_t y = row + i / paddedWidth - g_.padding, x = i % paddedWidth - g_.padding;
          const bool in = inside(y, l_.mapHeight) && inside(x, l_.mapWidth);
          plan_.lines.push_back({in ? static_cast<int32_t>(y * l_.mapWidth + x) : -1, static_cast<int32_t>(word)});
        }
      }
      // Down the columns: a tile finds two of its three rows in the first-level cache.
      for (int64_t x = 0; x < l_.outWidth; x += tilePixels) {
        for (int64_t y = 0; y < rows; y++) {
          openTile(y * paddedWidth + x);
          for (int64_t tap = 0; tap < l_.taps; tap++) {
            const int64_t down = tap / g_.kernel * g_.dilation, right = tap % g_.kernel * g_.dilation;
            if (!inside(row + y + down - g_.padding, l_.mapHeight)) continue;
            for (int64_t word = 0; word < l_.words; word++) {
              addStep(word * plane + down * paddedWidth + right, tap * l_.words + word);
            }
          }
          for (int64_t i = 0; i < tilePixels; i++) plan_.pixels.push_back(static_cast<int32_t>((row + y) * l_.outWidth + x + i));
        }
      }
      closeStrip();
    }
  }

  void planBlocks() {
    const int64_t blocksDown = l_.outHeight / blockSide, blocksRight = l_.outWidth / blockSide;
    const auto pixelOf = [&](int64_t block, int64_t i) {
      const int64_t y = block / blocksRight * blockSide + i / blockSide, x = block % blocksRight * blockSide + i % blockSide;
      return static_cast<int32_t>(y * l_.outWidth + x);
    };
    const int64_t plane = staggered(l_.outPixels());
    openStrip();
    for (int64_t word = 0; word < l_.words; word++) {
      for (int64_t line = 0; line < plane; line++) {
        const int32_t pixel = line < l_.outPixels() ? pixelOf(line / tilePixels, line % tilePixels) : -1;
        plan_.lines.push_back({pixel, static_cast<int32_t>(word)});
      }
    }
    for (int64_t block = 0; block < blocksDown * blocksRight; block++) {
      openTile(0);
      for (int64_t tap = 0; tap < l_.taps; tap++) {
        const int64_t down = block / blocksRight + (tap / g_.kernel * g_.dilation - g_.padding) / blockSide;
        const int64_t right = block % blocksRight + (tap % g_.kernel * g_.dilation - g_.padding) / blockSide;
        if (!inside(down, blocksDown) || !inside(right, blocksRight)) continue;
        for (int64_t word = 0; word < l_.words; word++) {
          addStep(word * plane + (down * blocksRight + right) * tilePixels, tap * l_.words + word);
        }
      }
      for (int64_t i = 0; i < tilePixels; i++) plan_.pixels.push_back(pixelOf(block, i));
    }
    closeStrip();
  }

  /// Output pixels, those with the same taps inside the image together.
  std::vector<int32_t> pixelsByTaps() const {
    std::vector<int32_t> order(static_cast<size_t>(l_.outPixels()));
    std::iota(order.begin(), order.end(), 0);
    std::vector<std::vector<bool>> taps(order.size());
    for (int32_t p : order) {
      for (int64_t tap = 0; tap < l_.taps; tap++) taps[static_cast<size_t>(p)].push_back(tapPixel(l_, p, tap) >= 0);
    }
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return taps[static_cast<size_t>(a)] < taps[static_cast<size_t>(b)];
    });
    return order;
  }

  void addPackedStep(const int32_t* pixels, int64_t tap, int64_t word) {
    const bool bytes = g_.input == SNN_INPUT_BYTES;
    addStep(static_cast<int64_t>(plan_.lines.size()) - lineBegin_, bytes ? word : tap * l_.words + word);
    for (int64_t i = 0; i < tilePixels; i++) {
      const int32_t p = pixels[i];
      plan_.lines.push_back({p < 0 || bytes ? p : tapPixel(l_, p, tap), static_cast<int32_t>(word)});
    }
  }

  void planPacked() {
    const std::vector<int32_t> order = pixelsByTaps();
    const int64_t count = static_cast<int64_t>(order.size()), stripTiles = targetPixels(l_) / tilePixels;
    const int64_t tiles = (count + tilePixels - 1) / tilePixels;
    for (int64_t first = 0; first < tiles; first += stripTiles) {
      openStrip();
      for (int64_t tile = first; tile < std::min(tiles, first + stripTiles); tile++) {
        int32_t pixels[tilePixels];
        for (int64_t i = 0; i < tilePixels; i++) {
          const int64_t at = tile * tilePixels + i;
          pixels[i] = at < count ? order[static_cast<size_t>(at)] : -1;
        }
        plan_.pixels.insert(plan_.pixels.end(), pixels, pixels + tilePixels);
        openTile(0);
        for (int64_t block = 0; g_.input == SNN_INPUT_BYTES && block < plan_.weightSteps; block++) addPackedStep(pixels, 0, block);
        for (int64_t tap = 0; g_.input != SNN_INPUT_BYTES && tap < l_.taps; tap++) {
          const auto reads = [&](int32_t p) { return p >= 0 && tapPixel(l_, p, tap) >= 0; };
          if (!std::any_of(pixels, pixels + tilePixels, reads)) continue;
          for (int64_t word = 0; word < l_.words; word++) addPackedStep(pixels, tap, word);
        }
      }
      closeStrip();
    }
  }

  const Layer& l_;
  const snn_geometry& g_;
  TilePlan plan_;
  int32_t tileBegin_ = 0, lineBegin_ = 0;
};

}  // namespace

TilePlan planTiles(const Layer& layer) { return Planner(layer).take(); }

}  // namespace snnseg::sparse
