// The interface between the portable driver and the kernels compiled for AMX: plain data only.
#pragma once

#include <cstdint>

#include "kernels/plan/tile-plan.h"

namespace snnseg::sparse {

/// Writes a strip's lines of one frame.
struct TileFill {
  const TileLine* lines;
  int64_t lineCount;
  uint8_t* to;
};

void fillLinesBits(const TileFill& fill, const uint64_t* frame, int64_t words);
/// `channels` bf16 values a pixel, 32 a line.
void fillLinesBf16(const TileFill& fill, const uint16_t* frame, int64_t channels);
/// Counts 0..9 of the 3x3 windows of a [height, width] map, `mapWidth` windows a row.
void fillLinesPooled(const TileFill& fill, const uint64_t* frame, int64_t words, int64_t height, int64_t width,
                     int64_t mapWidth, int64_t stride);

/// Lines by weights: unsigned or signed bytes by signed bytes, or bf16 by bf16.
enum class TileProduct { unsignedBytes, signedBytes, bf16 };

/// All output channels of one strip of one image over some steps.
struct TileTask {
  const uint8_t* lines;
  int64_t linesPerStep;  // bytes
  int64_t steps;
  const Tile* tiles;
  int64_t tileCount;
  const TileStep* tileSteps;
  const int32_t* pixels;
  const int8_t* weights;  // [groups, weight steps, 2 tiles]
  int64_t groupBytes;
  int64_t groups;         // of 16 output channels with two digits, or 32 with one
  bool twoDigits;
  TileProduct product;
  const float* scale;     // [steps, paddedOut]: weight step, input scale and batch norm together
  int64_t paddedOut;
  int64_t outChannels;

  // Fused dynamics; unused where currents are wanted.
  const float* shift;
  const float* threshold;
  float leak;
  bool hardReset;
  float* membrane;      // [groups, tiles, 16 pixels, channels of a group]
  uint64_t* bits;       // the image's first frame of these steps
  int64_t bitsPerStep;  // words between steps
  int64_t outWords;

  float* currents;   // one of the two, or fused dynamics
  uint16_t* halves;  // bf16
  int64_t currentsPerStep;
  float* moments;  // of the currents, [steps, 2, paddedOut]: sums and sums of squares are added; or null
};

void runTiles(const TileTask& task);

int64_t countBits(const uint64_t* words, int64_t count);

}  // namespace snnseg::sparse
