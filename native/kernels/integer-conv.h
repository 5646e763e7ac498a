// Convolutions of small unsigned integers by 8-bit weights, channels last: what integer neurons deploy to. Knows nothing of libtorch.
#pragma once

#include <cstdint>
#include <vector>

namespace snnseg::sparse {

/// Zero padding of dilation * (kernel - 1) / 2, so that with stride 1 sizes stay.
struct IntegerConv {
  int64_t inputs, outputs;
  int64_t kernel;             // odd
  int64_t stride, dilation;
  bool depthwise;             // each channel for itself: inputs = outputs

  int64_t padding() const { return dilation * (kernel - 1) / 2; }
  int64_t outSide(int64_t side) const { return (side - 1) / stride + 1; }
};

/// Of packed weights: [groups of 16 outputs, taps, words of 4 inputs, 16, 4] or, depthwise, [taps, channels].
std::vector<int64_t> integerWeightSizes(const IntegerConv& conv);
int64_t integerWeightBytes(const IntegerConv& conv);
/// q = round(w / step), |q| <= 127, one step an output channel. weight: finite, [O, I, K, K], depthwise [C, 1, K, K].
void packIntegerWeights(const IntegerConv& conv, const float* weight, int8_t* packed, float* step);

/// y = scale * sum + shift by output, each operation rounded to float32; fire(y) = floor(clip(y, 0, levels) + 1/2). With integers alone they
/// are fire(y); with values alone these are y; with both, values v = residual + y and integers fire(v / threshold).
struct IntegerConvCall {
  const uint8_t* input;  // [images, height, width, inputs], 0 to 127
  int64_t images, height, width;
  const int8_t* weight;  // packed
  const float* scale;    // [outputs], as shift and threshold
  const float* shift;
  int levels;            // up to 127
  uint8_t* integers;     // [images, outHeight, outWidth, outputs], as values and residual; or null
  float* values;
  const float* residual;
  const float* threshold;
};

/// Sums are exact, and results the same bits on every instruction set and any number of threads. Throws std::runtime_error where an
/// input that is read is above 127 or sums of such inputs might not fit 32 bits.
void integerConv(const IntegerConv& conv, const IntegerConvCall& call, int threads);

/// floor(clip(values / threshold, 0, levels) + 1/2); [pixels, channels] and [channels].
void fireIntegers(const float* values, int64_t pixels, int64_t channels, const float* threshold, int levels, uint8_t* integers, int threads);

}  // namespace snnseg::sparse
