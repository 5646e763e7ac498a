// One LIF neuron of a layer in a thread. Every product and sum is rounded, as on the CPU (kernels/isa/lif.h): no contraction.
#pragma once

#include <cmath>

#include "launch.h"
#include "lif-kernels.h"

namespace snnseg::cuda {

struct Neuron {
  float leak, threshold, inverseThreshold, inverseImbalance;
  bool hardReset;
  const float *scale, *shift;
  int64_t channel, channels, normalized;

  SNNSEG_THREAD Neuron(const LifNeurons& layer, int64_t neuron)
      : leak(layer.learntLeak != nullptr ? *layer.learntLeak : layer.leak),
        threshold(layer.threshold[neuron % layer.thresholds]),
        inverseThreshold(layer.inverseThreshold[neuron % layer.thresholds]),
        inverseImbalance(layer.inverseImbalance),
        hardReset(layer.hardReset),
        scale(layer.scale),
        shift(layer.shift),
        channel(neuron % layer.channels),
        channels(layer.channels),
        normalized(layer.normalized) {}

  /// u[t] of v[t-1] and the current.
  SNNSEG_THREAD float charge(float v, float current, int64_t t) const {
    const int64_t row = t * channels + channel;
    const float y = t < normalized ? current * scale[row] + shift[row] : current;
    return leak * v + y;
  }

  SNNSEG_THREAD bool fires(float u) const { return u > threshold; }

  /// v[t] of u[t].
  SNNSEG_THREAD float reset(float u) const {
    float v = u;
    if (fires(u)) v = hardReset ? 0.0f : u - threshold;
    const float negative = threshold * -inverseImbalance;
    if (inverseImbalance > 0.0f && negative > u) v = v - negative;
    return v;
  }

  /// By how much of its threshold u is above it.
  SNNSEG_THREAD float excess(float u) const { return u * inverseThreshold - 1.0f; }
};

/// dS/dx at x = u/threshold - 1.
SNNSEG_THREAD float slopeAt(Surrogate surrogate, float x) {
  const float distance = std::fabs(x), width = distance * 100.0f + 1.0f;
  switch (surrogate) {
    case Surrogate::linear: return (distance < 1.0f ? 1.0f - distance : 0.0f) * 0.3f;
    case Surrogate::fastSigmoid: return 1.0f / (width * width);
    case Surrogate::exponential: return std::exp(distance * -10.0f);
    default: return 1.0f;
  }
}

}  // namespace snnseg::cuda
