// Weight gradients on bf16 tiles: 16 output channels by 32 positions, times 16 pairs of positions by 16 input channels.
// A block is two by two tiles of sums: four multiplications for four loads.
#pragma once

#include "kernels/kernels.h"
#include "tiles.h"

namespace snnseg::sparse {
namespace {

// Two by two tiles of sums over all steps of a tap.
inline void sumTap([[maybe_unused]] Tiles& tiles, const GradientTask& task, const GradientTap& tap, int64_t outputs, int64_t inputs, float* sums) {
  const int64_t right = task.tapCount * 256, down = task.inputGroups * right;
  SNN_TILE_LOAD_SUMS(tiles, 0, sums, 64);
  SNN_TILE_LOAD_SUMS(tiles, 1, sums + right, 64);
  SNN_TILE_LOAD_SUMS(tiles, 2, sums + down, 64);
  SNN_TILE_LOAD_SUMS(tiles, 3, sums + down + right, 64);
  for (int64_t f = 0; f < task.frames; f++) {
    const uint8_t* a = task.gradients + f * task.gradientFrameBytes + outputs / 2 * task.panelBytes;
    const uint8_t* b = task.inputs + f * task.inputFrameBytes + tap.phase * task.phaseBytes + inputs * task.groupBytes;
    const GradientStep* step = task.steps + tap.stepBegin;
    for (int32_t k = 0; k < tap.stepCount; k++) {
      const uint8_t* left = a + step[k].chunk * 2048;
      const uint8_t* line = b + step[k].pair * pairBytes;
      SNN_TILE_LOAD_LEFT(tiles, TileProduct::bf16, 4, left, 64);
      SNN_TILE_LOAD_RIGHT(tiles, TileProduct::bf16, 6, line, pairBytes);
      SNN_TILE_MULTIPLY(tiles, TileProduct::bf16, 0, 4, 6);
      SNN_TILE_LOAD_RIGHT(tiles, TileProduct::bf16, 7, line + task.groupBytes, pairBytes);
      SNN_TILE_MULTIPLY(tiles, TileProduct::bf16, 1, 4, 7);
      SNN_TILE_LOAD_LEFT(tiles, TileProduct::bf16, 5, left + 1024, 64);
      SNN_TILE_MULTIPLY(tiles, TileProduct::bf16, 2, 5, 6);
      SNN_TILE_MULTIPLY(tiles, TileProduct::bf16, 3, 5, 7);
    }
  }
  SNN_TILE_STORE(tiles, 0, sums, 64);
  SNN_TILE_STORE(tiles, 1, sums + right, 64);
  SNN_TILE_STORE(tiles, 2, sums + down, 64);
  SNN_TILE_STORE(tiles, 3, sums + down + right, 64);
}

void runGradientTiles(const GradientTask& task) {
  Tiles tiles;
  for (int64_t outputs = 0; outputs < task.outputGroups; outputs += 2) {
    for (int64_t inputs = 0; inputs < task.inputGroups; inputs += 2) {
      float* sums = task.sums + (outputs * task.inputGroups + inputs) * task.tapCount * 256;
      for (int64_t tap = 0; tap < task.tapCount; tap++) {
        if (task.taps[tap].stepCount > 0) sumTap(tiles, task, task.taps[tap], outputs, inputs, sums + tap * 256);
      }
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse
