// Weights as integers: q = round(w / step), |q| <= highest, one step per output channel.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <stdexcept>

#include "conv.h"

namespace snnseg::sparse {

/// A weight; throws where it is NaN or infinite.
inline float finiteWeight(const WeightView& weight, int64_t channel, int64_t c, int64_t tap) {
  const float value = weight.at(channel, c, tap);
  if (std::fabs(value) <= FLT_MAX) return value;
  throw std::runtime_error("expected finite weights, received NaN or infinity in output channel " + std::to_string(channel));
}

/// Largest magnitude of a channel's weights, which must be finite.
inline float largestWeight(const Layer& layer, const WeightView& weight, int64_t channel) {
  float largest = 0.0f;
  for (int64_t c = 0; c < layer.g.in_channels; c++) {
    for (int64_t tap = 0; tap < layer.taps; tap++) {
      largest = std::max(largest, std::fabs(finiteWeight(weight, channel, c, tap)));
    }
  }
  return largest;
}

/// The step with which the largest weight becomes the highest integer.
inline float stepOf(float largest, int highest) { return largest / static_cast<float>(highest); }

struct Quantizer {
  float step, inverse;
  int highest;

  Quantizer(float step, int highest) : step(step), inverse(step >= FLT_MIN ? 1.0f / step : 0.0f), highest(highest) {}

  int quantize(float value) const {
    const float scaled = value * inverse;
    return std::clamp(static_cast<int>(scaled + std::copysign(0.5f, scaled)), -highest, highest);
  }
};

}  // namespace snnseg::sparse
