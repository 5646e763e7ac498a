// Winograd's F(2x2, 3x3): inputs are transformed in float32 to lines, rounded to bfloat16 where its pairs are multiplied, summed over channels
// position by position as any product of lines and weights, and the sums transformed back.
#pragma once

#include <type_traits>

#include "blocks.h"
#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

using LineValue = std::conditional_t<SNN_HALF_PAIRS, uint16_t, float>;
constexpr int64_t blockLineValues = 16 * channelBlock;  // 16 tiles by a block of channels
constexpr int partLanes = SNN_VECTOR_BYTES / 4;

// GCC makes slower loops of all three parts in one function.
#define SNN_APART __attribute__((noinline))

struct Column {
  FloatPart at[4];
};

/// Bᵀ of four inputs.
SNN_INLINE Column transformed(FloatPart a, FloatPart b, FloatPart c, FloatPart d) { return {{a - c, b + c, c - b, b - d}}; }

SNN_INLINE void storeLine(LineValue* to, FloatPart value) {
#if SNN_HALF_PAIRS
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
#else
  __builtin_memcpy(to, &value, sizeof value);
#endif
}

/// Bᵀ d B of the channels from `from` on, `partLanes` of them.
SNN_INLINE void transformInputs(const uint16_t* const* pixels, int64_t from, LineValue* to, int64_t positionValues) {
  const auto column = [&](int x) __attribute__((always_inline)) {
    return transformed(partFromHalves(pixels[x] + from), partFromHalves(pixels[4 + x] + from), partFromHalves(pixels[8 + x] + from), partFromHalves(pixels[12 + x] + from));
  };
  const auto store = [&](int x, int y, FloatPart value) __attribute__((always_inline)) { storeLine(to + (4 * y + x) * positionValues, value); };
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
    LineValue* line = static_cast<LineValue*>(task.lines) + i / tilePixels * winogradPositions * task.positionValues + i % tilePixels * channelBlock;
    const auto lineOf = [&](int64_t channel) { return line + channel / channelBlock * blockLineValues + channel % channelBlock; };
    for (int64_t c = 0; c < whole; c += partLanes) transformInputs(pixels, c, lineOf(c), task.positionValues);
    if (whole == padded) continue;
    // The last channels, and zeros up to a whole block.
    uint16_t last[winogradPositions][channelBlock] = {};
    for (int p = 0; p < winogradPositions; p++) {
      for (int64_t c = whole; c < task.inChannels; c++) last[p][c - whole] = pixels[p][c];
      pixels[p] = last[p];
    }
    for (int64_t c = whole; c < padded; c += partLanes) transformInputs(pixels, c - whole, lineOf(c), task.positionValues);
  }
}

/// sums[16 tiles][position][2 tiles of weights][tile][16 outputs] of a group of 32 outputs.
SNN_APART void winogradProducts(const WinogradTask& task, const int8_t* weights) {
  constexpr int chunkSteps = 16 / sizeof(LineValue);  // whose weights fit the first-level cache, for all tiles
  constexpr int64_t weightTile = blockLineValues * sizeof(LineValue);
  const int64_t blocks = (task.count + tilePixels - 1) / tilePixels;
  for (int p = 0; p < winogradPositions; p++) {
    const int8_t* position = weights + p * task.stepCount * 2 * weightTile;
    for (int first = 0; first < task.stepCount; first += chunkSteps) {
      const int count = task.stepCount - first < chunkSteps ? task.stepCount - first : chunkSteps;
      for (int half = 0; half < 2; half += passTiles) {
        for (int64_t b = 0; b < blocks; b++) {
          const LineValue* lines = static_cast<const LineValue*>(task.lines) + (b * winogradPositions + p) * task.positionValues;
          const Operands<HalfProducts, sizeof(LineValue) * channelBlock, 4> of{reinterpret_cast<const uint8_t*>(lines), position + half * weightTile, weightTile, 256};
          int32_t* sums = reinterpret_cast<int32_t*>(task.sums + b * winogradSums + p * winogradPositionSums + half * 256);
          first == 0 ? addTile<Before::nothing>(sums, of, task.steps, count, HalfProducts::words) : addTile(sums, of, task.steps + first, count, HalfProducts::words);
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

int bytesOfWinograd() { return sizeof(LineValue); }

void runWinograd(const WinogradTask& task) {
  winogradLines(task);
  const bool stream = streams(task.halves, task.outChannels, channelBlock);
  for (int64_t channel = 0; channel < task.outChannels; channel += channelBlock) {
    winogradProducts(task, task.weights + channel / channelBlock * task.groupBytes);
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
