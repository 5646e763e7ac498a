// Weights as integers: q = round(w / step), |q| <= highest, one step per output channel.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <stdexcept>

#include "conv.h"

namespace snnseg::sparse {

/// Largest magnitude of a channel's weights; throws where one is NaN or infinite.
inline float largestWeight(const Layer& layer, const WeightView& weight, int64_t channel) {
  float largest = 0.0f;
  for (int64_t c = 0; c < layer.g.in_channels; c++) {
    for (int64_t tap = 0; tap < layer.taps; tap++) {
      const float magnitude = std::fabs(weight.at(channel, c, tap));
      if (!(magnitude <= FLT_MAX)) throw std::runtime_error("expected finite weights, received NaN or infinity in output channel " + std::to_string(channel));
      largest = std::max(largest, magnitude);
    }
  }
  return largest;
}

struct Quantizer {
  float step, inverse;
  int highest;

  Quantizer(float largest, int highest) : step(largest / static_cast<float>(highest)), inverse(step >= FLT_MIN ? 1.0f / step : 0.0f), highest(highest) {}

  int quantize(float value) const {
    const float scaled = value * inverse;
    return std::clamp(static_cast<int>(scaled + std::copysign(0.5f, scaled)), -highest, highest);
  }
};

}  // namespace snnseg::sparse
