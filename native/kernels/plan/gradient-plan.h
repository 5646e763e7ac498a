// How a convolution's weight gradient is cut for matrix tiles.
//
//     gw[o, tap, c] = sum over frames and pixels p of g[p, o] * x[p + tap, c]
//
// Pixels are the summed dimension. A strip of a map's rows is laid out as a line of positions, in which a tap is one offset
// for all pixels; positions that are no pixel hold zeros. Two layouts:
// - rows: row after row, with as many zeros between rows as the kernel reaches.
// - columns: column block after column block, for dilations that are multiples of the block's width: a tap to the side
//   is another block, or outside the image and left out.
// Tiles take positions in chunks of 32, and inputs in pairs of neighbours; odd offsets need pairs that start at odd positions.
#pragma once

#include <cstdint>
#include <vector>

#include "tile-plan.h"

namespace snnseg::sparse {

constexpr int64_t chunkPositions = 32;
constexpr int64_t pairBytes = 64;     // a pair of positions by 16 channels in bf16
constexpr int64_t channelBlock = 32;  // channels that are laid out together: two tiles

constexpr int64_t roundUp(int64_t value, int64_t to) { return (value + to - 1) / to * to; }

struct GradientTap {
  int32_t phase;  // 1 where pairs start at odd positions
  int32_t stepBegin, stepCount;
};

struct GradientStrip {
  int32_t outputBegin, inputBegin;  // in the lists of positions
  int32_t tapBegin;
};

struct GradientPlan {
  std::vector<GradientStrip> strips;
  std::vector<GradientTap> taps;    // [strips, taps]
  std::vector<TileStep> steps;      // a chunk of gradients with 16 pairs of inputs; offsets in bytes, of bf16
  std::vector<int32_t> outputs;     // [strips, outputPositions]: output pixel, or -1
  std::vector<int32_t> inputs;      // [strips, inputPositions]: pixel of the map that the convolution sees, or -1
  int32_t outputPositions;          // of one strip, a multiple of chunkPositions
  int32_t inputPositions;
  int32_t phases;                   // 2 where some offset is odd
};

/// For kernels of odd size whose padding keeps the map's size; strips of about `positions` positions.
GradientPlan planGradient(const Layer& layer, int64_t positions);

}  // namespace snnseg::sparse
