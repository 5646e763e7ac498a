// How a layer is cut for matrix tiles of 16 pixels by 64 inputs by 16 outputs.
//
// A tile row is a "line": 64 bytes, the values of one pixel's 64 channels. Where the output rows are multiples of 16
// pixels, a strip's lines are its padded map rows and a tap is an offset ("direct"). Else, and where dilation puts many
// taps outside the image, lines are copied per tile and tap, pixels with the same taps inside sharing tiles ("packed"),
// so that taps outside the image cost nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "layer.h"

namespace snnseg::sparse {

constexpr int pixelsPerPair = 32;
constexpr int lineBytes = 64;

/// Two tiles of 16 output pixels; step offsets are relative to the bases, in bytes into the strip's lines.
struct TilePair {
  int32_t base0, base1;
  int32_t stepBegin, stepCount;
};

/// One multiplication: 64 inputs of both tiles (line offsets) with weights (byte offset in an output group).
struct TileStep {
  int32_t a0, a1, weight;
};

/// A line's source: pixel of the map the convolution sees, or -1 for zeros; and the word (bytes: block of 64) of it.
struct TileLine {
  int32_t pixel, word;
};

struct TileStrip {
  int32_t pairBegin, pairCount;
  int32_t lineBegin, lineCount;
};

struct TilePlan {
  std::vector<TileStrip> strips;
  std::vector<TilePair> pairs;
  std::vector<TileStep> steps;
  std::vector<TileLine> lines;
  std::vector<int32_t> pixels;  // [pairs, 32]: output pixel, or -1
  int32_t stepsPerGroup;        // weight tile pairs of one output group
  int32_t largestStripPairs = 0, largestStripLines = 0;
};

TilePlan planTiles(const Layer& layer);

}  // namespace snnseg::sparse
