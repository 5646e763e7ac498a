// Winograd's F(2x2, 3x3) in float32: inputs are transformed to lines, summed over channels position by position as any product of lines
// and weights, and the sums transformed back.
#pragma once

#include "blocks.h"
#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t blockLineFloats = 16 * channelBlock;  // 16 tiles by a block of channels
constexpr int partLanes = SNN_VECTOR_BYTES / 4;

// GCC makes slower loops of all three parts in one function.
#define SNN_APART __attribute__((noinline))

struct Column {
  FloatPart at[4];
};

/// Bᵀ of four inputs.
SNN_INLINE Column transformed(FloatPart a, FloatPart b, FloatPart c, FloatPart d) { return {{a - c, b + c, c - b, b - d}}; }

/// Bᵀ d B of the channels from `from` on, `partLanes` of them.
SNN_INLINE void transformInputs(const uint16_t* const* pixels, int64_t from, float* to, int64_t positionFloats) {
  const auto column = [&](int x) __attribute__((always_inline)) {
    return transformed(partFromHalves(pixels[x] + from), partFromHalves(pixels[4 + x] + from), partFromHalves(pixels[8 + x] + from), partFromHalves(pixels[12 + x] + from));
  };
  const auto store = [&](int x, int y, FloatPart value) __attribute__((always_inline)) { __builtin_memcpy(to + (4 * y + x) * positionFloats, &value, sizeof value); };
  // Column by column, in an order that keeps two of them.
  const Column first = column(0), third = column(2);
#pragma GCC unroll 4
  for (int y = 0; y < 4; y++) store(0, y, first.at[y] - third.at[y]);
  const Column second = column(1);
#pragma GCC unroll 4
  for (int y = 0; y < 4; y++) {
    store(1, y, second.at[y] + third.at[y]);
    store(2, y, third.at[y] - second.at[y]);
  }
  const Column fourth = column(3);
#pragma GCC unroll 4
  for (int y = 0; y < 4; y++) store(3, y, second.at[y] - fourth.at[y]);
}

SNN_APART void winogradLines(const WinogradTask& task) {
  alignas(64) static const uint16_t zeros[mostWinogradChannels] = {};
  const int64_t whole = task.inChannels / partLanes * partLanes, padded = task.stepCount * channelBlock;
  for (int64_t i = 0; i < task.count; i++) {
    const int64_t tile = task.first + i;
    const uint16_t* frame = task.input + tile / task.frameTiles * task.pixels * task.inChannels;
    const int32_t* inputs = task.tiles[tile % task.frameTiles].inputs;
    const uint16_t* pixels[winogradPositions];
    for (int p = 0; p < winogradPositions; p++) pixels[p] = inputs[p] < 0 ? zeros : frame + inputs[p] * task.inChannels;
    float* line = task.lines + i / tilePixels * winogradPositions * task.positionFloats + i % tilePixels * channelBlock;
    const auto lineOf = [&](int64_t channel) { return line + channel / channelBlock * blockLineFloats + channel % channelBlock; };
    for (int64_t c = 0; c < whole; c += partLanes) transformInputs(pixels, c, lineOf(c), task.positionFloats);
    if (whole == padded) continue;
    // The last channels, and zeros up to a whole block.
    uint16_t last[winogradPositions][channelBlock] = {};
    for (int p = 0; p < winogradPositions; p++) {
      for (int64_t c = whole; c < task.inChannels; c++) last[p][c - whole] = pixels[p][c];
      pixels[p] = last[p];
    }
    for (int64_t c = whole; c < padded; c += partLanes) transformInputs(pixels, c - whole, lineOf(c), task.positionFloats);
  }
}

/// sums[16 tiles][position][2 tiles of weights][tile][16 outputs] of a group of 32 outputs.
SNN_APART void winogradProducts(const WinogradTask& task, const float* weights) {
  constexpr int chunkSteps = 4;  // whose weights fit the first-level cache, for all tiles
  const int64_t blocks = (task.count + tilePixels - 1) / tilePixels;
  for (int p = 0; p < winogradPositions; p++) {
    const int8_t* position = reinterpret_cast<const int8_t*>(weights + p * task.stepCount * 2 * blockLineFloats);
    for (int first = 0; first < task.stepCount; first += chunkSteps) {
      const int count = task.stepCount - first < chunkSteps ? task.stepCount - first : chunkSteps;
      for (int half = 0; half < 2; half += passTiles) {
        for (int64_t b = 0; b < blocks; b++) {
          const float* lines = task.lines + (b * winogradPositions + p) * task.positionFloats;
          const Operands<HalfProducts, 4 * channelBlock, 4> of{reinterpret_cast<const uint8_t*>(lines), position + half * 2048, 2048, 256};
          int32_t* sums = reinterpret_cast<int32_t*>(task.sums + b * winogradSums + p * winogradPositionSums + half * 256);
          first == 0 ? addTile<Before::nothing>(sums, of, task.steps, count, channelBlock) : addTile(sums, of, task.steps + first, count, channelBlock);
        }
      }
    }
  }
}

/// Aᵀ of four sums.
struct Pair {
  Floats at[2];
};
SNN_INLINE Pair transformedBack(const Floats& a, const Floats& b, const Floats& c, const Floats& d) { return {{a + b + c, b - c - d}}; }

/// Aᵀ M A of 16 outputs of a tile: its 2x2 pixels.
SNN_INLINE void transformSums(const float* sums, Floats* y) {
  const auto column = [&](int x) __attribute__((always_inline)) {
    const auto at = [&](int row) __attribute__((always_inline)) { return Floats::load(sums + (4 * row + x) * winogradPositionSums); };
    return transformedBack(at(0), at(1), at(2), at(3));
  };
  const Pair second = column(1), third = column(2);
  const Pair first = column(0);
  for (int i = 0; i < 2; i++) y[2 * i] = first.at[i] + second.at[i] + third.at[i];
  const Pair fourth = column(3);
  for (int i = 0; i < 2; i++) y[2 * i + 1] = second.at[i] - third.at[i] - fourth.at[i];
}

template <class Write>
SNN_INLINE void winogradOutputs(const WinogradTask& task, Write&& write) {
  for (int64_t i = 0; i < task.count; i++) {
    const int64_t tile = task.first + i;
    const int64_t frame = tile / task.frameTiles * task.pixels;
    const int32_t* outputs = task.tiles[tile % task.frameTiles].outputs;
    Floats y[2][4];
    for (int half = 0; half < 2; half++) transformSums(task.sums + i / tilePixels * winogradSums + half * 256 + i % tilePixels * 16, y[half]);
    for (int k = 0; k < 4; k++) {
      if (outputs[k] >= 0) write((frame + outputs[k]) * task.outChannels, y[0][k], y[1][k]);
    }
  }
}

void runWinograd(const WinogradTask& task) {
  winogradLines(task);
  const bool stream = streams(task.halves, task.outChannels, channelBlock);
  for (int64_t channel = 0; channel < task.outChannels; channel += channelBlock) {
    winogradProducts(task, task.weights + channel / channelBlock * winogradPositions * task.stepCount * 2 * blockLineFloats);
    const int64_t left = task.outChannels - channel;
    winogradOutputs(task, [&](int64_t pixel, const Floats& low, const Floats& high) {
      const int64_t at = pixel + channel;
      if (task.currents) {
        low.storeSome(task.currents + at, left);
        high.storeSome(task.currents + at + 16, left - 16);
      } else if (stream) {
        alignas(64) uint16_t line[channelBlock];
        toHalves(low, line);
        toHalves(high, line + 16);
        streamLine(line, task.halves + at);
      } else {
        toHalvesSome(low, task.halves + at, left);
        toHalvesSome(high, task.halves + at + 16, left - 16);
      }
    });
  }
  finishStreams();
}

}  // namespace
}  // namespace snnseg::sparse
