#include "tile-plan.h"

#include <algorithm>
#include <numeric>

namespace snnseg::sparse {
namespace {

constexpr int weightStepBytes = 2 * 1024;
// Strips this large keep weights in use long enough; their membranes (4 bytes per pixel and channel) still fit a
// second-level cache.
constexpr int64_t stripPixels = 256, wideStripPixels = 128, wideChannels = 512;
// Below this share of taps inside the image, copying lines costs less than multiplying zeros.
constexpr double directShare = 0.8;

int64_t targetPixels(const Layer& l) {
  const bool small = l.outPixels() <= stripPixels;
  return l.g.out_channels > wideChannels || small ? wideStripPixels : stripPixels;
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

void closeStrip(TilePlan& plan, int32_t pairBegin, int32_t lineBegin) {
  const TileStrip strip{pairBegin, static_cast<int32_t>(plan.pairs.size()) - pairBegin, lineBegin,
                        static_cast<int32_t>(plan.lines.size()) - lineBegin};
  plan.strips.push_back(strip);
  plan.largestStripPairs = std::max(plan.largestStripPairs, strip.pairCount);
  plan.largestStripLines = std::max(plan.largestStripLines, strip.lineCount);
}

void planDirect(const Layer& l, TilePlan& plan) {
  const snn_geometry& g = l.g;
  const int64_t reach = g.dilation * (g.kernel - 1), paddedWidth = l.mapWidth + 2 * g.padding;
  const int64_t stripRows = std::max<int64_t>(1, targetPixels(l) / l.outWidth);
  for (int64_t row = 0; row < l.outHeight; row += stripRows) {
    const int64_t rows = std::min(stripRows, l.outHeight - row), lineRows = rows + reach;
    const int32_t pairBegin = static_cast<int32_t>(plan.pairs.size());
    const int32_t lineBegin = static_cast<int32_t>(plan.lines.size());
    // A plane per word, so that the 16 lines of a tile are neighbours.
    for (int64_t word = 0; word < l.words; word++) {
      for (int64_t i = 0; i < lineRows * paddedWidth; i++) {
        const int64_t y = row + i / paddedWidth - g.padding, x = i % paddedWidth - g.padding;
        const bool in = inside(y, l.mapHeight) && inside(x, l.mapWidth);
        plan.lines.push_back({in ? static_cast<int32_t>(y * l.mapWidth + x) : -1, static_cast<int32_t>(word)});
      }
    }
    const int32_t stepBegin = static_cast<int32_t>(plan.steps.size());
    for (int64_t tap = 0; tap < l.taps; tap++) {
      for (int64_t word = 0; word < l.words; word++) {
        const int64_t line = word * lineRows * paddedWidth + tap / g.kernel * g.dilation * paddedWidth + tap % g.kernel * g.dilation;
        const int32_t offset = static_cast<int32_t>(line * lineBytes);
        plan.steps.push_back({offset, offset, static_cast<int32_t>((tap * l.words + word) * weightStepBytes)});
      }
    }
    const int32_t stepCount = static_cast<int32_t>(plan.steps.size()) - stepBegin;
    const int64_t tiles = rows * l.outWidth / 16;
    const auto base = [&](int64_t tile) {
      const int64_t p = tile * 16;
      return static_cast<int32_t>((p / l.outWidth * paddedWidth + p % l.outWidth) * lineBytes);
    };
    for (int64_t tile = 0; tile < tiles; tile += 2) {
      const bool both = tile + 1 < tiles;
      plan.pairs.push_back({base(tile), base(both ? tile + 1 : tile), stepBegin, stepCount});
      for (int64_t i = 0; i < pixelsPerPair; i++) {
        plan.pixels.push_back(i < 16 || both ? static_cast<int32_t>(row * l.outWidth + tile * 16 + i) : -1);
      }
    }
    closeStrip(plan, pairBegin, lineBegin);
  }
}

/// Output pixels, those with the same taps inside the image together.
std::vector<int32_t> pixelsByTaps(const Layer& l) {
  std::vector<int32_t> order(static_cast<size_t>(l.outPixels()));
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::vector<bool>> taps(order.size());
  for (int32_t p : order) {
    for (int64_t tap = 0; tap < l.taps; tap++) taps[static_cast<size_t>(p)].push_back(tapPixel(l, p, tap) >= 0);
  }
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return taps[static_cast<size_t>(a)] < taps[static_cast<size_t>(b)];
  });
  return order;
}

void planPacked(const Layer& l, TilePlan& plan) {
  const bool bytes = l.g.input == SNN_INPUT_BYTES;
  const std::vector<int32_t> order = pixelsByTaps(l);
  const int64_t count = static_cast<int64_t>(order.size()), stripPairs = targetPixels(l) / pixelsPerPair;
  const int64_t pairs = (count + pixelsPerPair - 1) / pixelsPerPair;
  for (int64_t first = 0; first < pairs; first += stripPairs) {
    const int32_t pairBegin = static_cast<int32_t>(plan.pairs.size());
    const int32_t lineBegin = static_cast<int32_t>(plan.lines.size());
    for (int64_t pair = first; pair < std::min(pairs, first + stripPairs); pair++) {
      int32_t pixel[pixelsPerPair];
      for (int64_t i = 0; i < pixelsPerPair; i++) {
        const int64_t at = pair * pixelsPerPair + i;
        pixel[i] = at < count ? order[static_cast<size_t>(at)] : -1;
        plan.pixels.push_back(pixel[i]);
      }
      const int32_t stepBegin = static_cast<int32_t>(plan.steps.size());
      const auto addStep = [&](int64_t tap, int64_t word) {
        const int32_t a = static_cast<int32_t>((static_cast<int64_t>(plan.lines.size()) - lineBegin) * lineBytes);
        const int64_t weight = bytes ? word : tap * l.words + word;
        plan.steps.push_back({a, a + 16 * lineBytes, static_cast<int32_t>(weight * weightStepBytes)});
        for (int32_t p : pixel) {
          plan.lines.push_back({p < 0 ? -1 : bytes ? p : tapPixel(l, p, tap), static_cast<int32_t>(word)});
        }
      };
      if (bytes) {
        for (int64_t block = 0; block < plan.stepsPerGroup; block++) addStep(0, block);
      } else {
        for (int64_t tap = 0; tap < l.taps; tap++) {
          const bool used = std::any_of(pixel, pixel + pixelsPerPair, [&](int32_t p) { return p >= 0 && tapPixel(l, p, tap) >= 0; });
          for (int64_t word = 0; used && word < l.words; word++) addStep(tap, word);
        }
      }
      plan.pairs.push_back({0, 0, stepBegin, static_cast<int32_t>(plan.steps.size()) - stepBegin});
    }
    closeStrip(plan, pairBegin, lineBegin);
  }
}

}  // namespace

TilePlan planTiles(const Layer& layer) {
  TilePlan plan;
  const bool bytes = layer.g.input == SNN_INPUT_BYTES;
  plan.stepsPerGroup = static_cast<int32_t>(bytes ? (layer.taps * layer.g.in_channels + 63) / 64 : layer.taps * layer.words);
  const bool direct = !bytes && layer.g.stride == 1 && layer.outWidth % 16 == 0 && shareInside(layer) >= directShare;
  direct ? planDirect(layer, plan) : planPacked(layer, plan);
  return plan;
}

}  // namespace snnseg::sparse
