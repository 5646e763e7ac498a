// How a layer is cut for matrix tiles of 16 pixels by 64 inputs by 16 outputs.
//
// A tile row is a "line": 64 bytes, the values of one pixel's 64 channels. The lines of a strip are laid out in one of
// three ways:
// - rows: the strip's padded map rows; a tile is 16 pixels of a row and a tap is an offset.
// - blocks: 4x4 pixels after 4x4 pixels; with dilations that are multiples of 4 a tap is another block, or outside the
//   image and left out.
// - packed, for all else: lines are copied per tile and tap; pixels with the same taps inside the image share tiles, so
//   that taps outside cost little.
#pragma once

#include <cstdint>
#include <vector>

#include "layer.h"

namespace snnseg::sparse {

constexpr int tilePixels = 16;
constexpr int lineBytes = 64;
constexpr int weightStepBytes = 2 * 1024;  // two weight tiles: the digits of 16 channels, or one digit of 32

/// 16 output pixels of a strip; step offsets are relative to `base`, in bytes into the strip's lines.
struct Tile {
  int32_t base, stepBegin, stepCount;
};

/// One multiplication: lines (offset in bytes) with two weight tiles (offset in bytes in an output group).
struct TileStep {
  int32_t line, weight;
};

/// A line's source: pixel of the map the convolution sees, or -1 for zeros; and its word (byte input: block of 64).
struct TileLine {
  int32_t pixel, word;
};

struct TileStrip {
  int32_t tileBegin, tileCount;
  int32_t lineBegin, lineCount;
};

struct TilePlan {
  std::vector<TileStrip> strips;
  std::vector<Tile> tiles;
  std::vector<TileStep> steps;
  std::vector<TileLine> lines;
  std::vector<int32_t> pixels;  // [tiles, 16]: output pixel, or -1
  int32_t weightSteps;          // pairs of weight tiles of one output group
};

TilePlan planTiles(const Layer& layer);

}  // namespace snnseg::sparse
