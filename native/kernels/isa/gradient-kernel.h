// The interface between the driver of weight gradients and the kernels compiled for AMX: plain data only.
#pragma once

#include <cstdint>

#include "kernels/plan/gradient-plan.h"

namespace snnseg::sparse {

constexpr int64_t pairBytes = 64;     // a pair of pixels by 16 channels in bf16
constexpr int64_t channelBlock = 32;  // channels that are laid out together: two tiles

/// Inputs of one frame and strip as lines of pairs: to[phase][channel group of 16][pair].
struct InputLines {
  const int32_t* positions;
  int64_t count;
  int64_t phases;
  int64_t channels;
  uint8_t* to;
  int64_t phaseBytes, groupBytes;
};

void inputLinesBits(const InputLines& lines, const uint64_t* frame, int64_t words);
void inputLinesBf16(const InputLines& lines, const uint16_t* frame);
/// Counts 0..9 of 3x3 windows, as fillLinesPooled.
void inputLinesPooled(const InputLines& lines, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth,
                      int64_t stride);

/// Gradients [pixel, channels] at `count` positions, `groups` of 16 channels from channel `first` on, as tiles of 16 channels by
/// 32 positions: to[pair of groups][chunk][group].
void gradientTiles(const int32_t* positions, int64_t count, const uint16_t* frame, int64_t channels, int64_t first, int64_t groups,
                   uint8_t* to);

/// Adds the products of some frames of a strip to the sums.
struct GradientTask {
  const uint8_t* gradients;  // [frames, pairs of output groups, chunks, 2] tiles
  const uint8_t* inputs;     // [frames, phases, input groups, pairs] lines
  int64_t frames, gradientFrameBytes, panelBytes, inputFrameBytes, phaseBytes, groupBytes;
  int64_t outputGroups, inputGroups;  // of 16 channels, even numbers
  const GradientTap* taps;
  int64_t tapCount;
  const GradientStep* steps;
  float* sums;               // [output groups, input groups, taps] tiles of 16 outputs by 16 inputs
};

void runGradientTiles(const GradientTask& task);

}  // namespace snnseg::sparse
