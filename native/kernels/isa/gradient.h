// Weight gradients in bf16: 16 output channels by 32 positions, times 16 pairs of positions by 16 input channels.
#pragma once

#if defined(SNN_AMX)
#include "tiles.h"
#else
#include "blocks.h"
#endif
#include "half-lines.h"
#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

/// What the products of one tap, 32 outputs and 32 inputs lie in: two by two tiles of sums.
struct GradientBlock {
  const uint8_t* gradients;  // [frames, chunks, 2] tiles
  const uint8_t* inputs;     // [frames, 2 groups, pairs] lines
  float* sums;
  int64_t right, down;  // floats from one tile of sums to the next
};

#if defined(SNN_AMX)
/// Four multiplications for four loads.
void addTap(const GradientTask& task, const GradientTap& tap, const GradientBlock& block) {
  _tile_loadd(0, block.sums, 64);
  _tile_loadd(1, block.sums + block.right, 64);
  _tile_loadd(2, block.sums + block.down, 64);
  _tile_loadd(3, block.sums + block.down + block.right, 64);
  for (int64_t f = 0; f < task.frames; f++) {
    const TileStep* step = task.steps + tap.stepBegin;
    for (int32_t k = 0; k < tap.stepCount; k++) {
      const uint8_t* left = block.gradients + f * task.gradientFrameBytes + step[k].line;
      const uint8_t* line = block.inputs + f * task.inputFrameBytes + step[k].weight;
      _tile_loadd(4, left, 64);
      _tile_loadd(6, line, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, line + task.groupBytes, 64);
      _tile_dpbf16ps(1, 4, 7);
      _tile_loadd(5, left + 1024, 64);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, block.sums, 64);
  _tile_stored(1, block.sums + block.right, 64);
  _tile_stored(2, block.sums + block.down, 64);
  _tile_stored(3, block.sums + block.down + block.right, 64);
}
#else
void addTap(const GradientTask& task, const GradientTap& tap, const GradientBlock& block) {
  // Pairs lie output by output; float32 position by position.
  constexpr int rowBytes = SNN_HALF_PAIRS ? 64 : 4, wordBytes = SNN_HALF_PAIRS ? 4 : 64, tileBytes = 64 * HalfProducts::words;
  constexpr int chunkSteps = SNN_HALF_PAIRS ? 8 : 4;  // whose inputs fit the first-level cache, for all outputs
  int32_t* sums = reinterpret_cast<int32_t*>(block.sums);
  for (int64_t f = 0; f < task.frames; f++) {
    const uint8_t* gradients = block.gradients + f * task.gradientFrameBytes;
    const int8_t* inputs = reinterpret_cast<const int8_t*>(block.inputs + f * task.inputFrameBytes);
    for (int32_t first = 0; first < tap.stepCount; first += chunkSteps) {
      const TileStep* steps = task.steps + tap.stepBegin + first;
      const int count = tap.stepCount - first < chunkSteps ? tap.stepCount - first : chunkSteps;
      for (int input = 0; input < 2; input += passTiles) {
        for (int output = 0; output < 2; output++) {
          const Operands<HalfProducts, rowBytes, wordBytes> of{gradients + output * tileBytes, inputs + input * task.groupBytes, task.groupBytes, block.right};
          addTile(sums + output * block.down + input * block.right, of, steps, count, HalfProducts::words);
        }
      }
    }
  }
}
#endif

void runGradientTiles(const GradientTask& task) {
#if defined(SNN_AMX)
  const Tiles tiles;
#endif
  const int64_t right = task.tapCount * 256, down = task.inputGroups * right;
  for (int64_t outputs = 0; outputs < task.outputGroups; outputs += 2) {
    for (int64_t inputs = 0; inputs < task.inputGroups; inputs += 2) {
      float* sums = task.sums + (outputs * task.inputGroups + inputs) * task.tapCount * 256;
      for (int64_t t = 0; t < task.tapCount; t++) {
        const GradientTap& tap = task.taps[t];
        const uint8_t* lines = task.inputs + tap.phase * task.phaseBytes + inputs * task.groupBytes;
        if (tap.stepCount > 0) addTap(task, tap, {task.gradients + outputs / 2 * task.panelBytes, lines, sums + t * 256, right, down});
      }
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse
