#include "lif-kernels.h"

#include <cmath>

#include "launch.h"

namespace snnseg::cuda {
namespace {

/// One neuron of a layer. Every product and sum is rounded, as on the CPU (kernels/isa/lif.h): no contraction.
struct Neuron {
  float leak, threshold, inverseThreshold, inverseImbalance;
  bool hardReset;
  const float *scale, *shift;
  int64_t channel, channels, normalized;

  SNNSEG_THREAD Neuron(const LifNeurons& layer, int64_t neuron)
      : leak(layer.leak),
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

struct LifForwardThread {
  LifNeurons layer;
  const float* current;
  float *membrane, *spikes;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    // Threads behind the last neuron compute it again: whole warps add up.
    const bool isNeuron = thread < layer.neurons;
    const int64_t at = isNeuron ? thread : layer.neurons - 1;
    const Neuron neuron(layer, at);
    float v = isNeuron ? membrane[at] : 0.0f;
    for (int64_t t = 0; t < layer.steps; t++) {
      const float u = neuron.charge(v, current[t * layer.neurons + at], t);
      const bool fires = neuron.fires(u);
      v = neuron.reset(u);
      if (isNeuron) spikes[t * layer.neurons + at] = fires ? 1.0f : 0.0f;
      tally(parts, thread, layer.neurons, layer.steps, t, fires ? 1 : 0, u * neuron.inverseThreshold - 1.0f);
    }
    if (isNeuron) membrane[at] = v;
  }
};

struct LifBackwardThread {
  LifNeurons layer;
  const float *current, *initial, *gradSpikes;
  float* gradient;
  double* leakParts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    const double leakGradient = sumOfLanes(thread < layer.neurons ? ofNeuron(thread) : 0.0);
    if (leakParts != nullptr && thread < layer.neurons && thread % lanes == 0) leakParts[thread / lanes] = leakGradient;
  }

  /// Its gradients; returns its share of the leak's.
  SNNSEG_THREAD double ofNeuron(int64_t at) const {
    const Neuron neuron(layer, at);
    const float start = initial != nullptr ? initial[at] : 0.0f;
    // Charged membranes wait where their gradients will stand.
    float v = start, u = 0.0f;
    for (int64_t t = 0; t < layer.steps; t++) {
      const int64_t i = t * layer.neurons + at;
      u = neuron.charge(v, current[i], t);
      v = neuron.reset(u);
      gradient[i] = u;
    }
    double leakGradient = 0.0;
    float carry = 0.0f;  // of v[t]
    for (int64_t t = layer.steps - 1; t >= 0; t--) {
      const int64_t i = t * layer.neurons + at;
      // A hard reset passes nothing back where the neuron fired.
      if (neuron.hardReset && neuron.fires(u)) carry = 0.0f;
      const float slope = slopeAt(layer.surrogate, u * neuron.inverseThreshold - 1.0f) * neuron.inverseThreshold;
      const float ofCharge = gradSpikes[i] * slope + carry;
      gradient[i] = ofCharge;
      carry = ofCharge * neuron.leak;
      u = t > 0 ? gradient[i - layer.neurons] : 0.0f;
      leakGradient += static_cast<double>(ofCharge) * (t > 0 ? neuron.reset(u) : start);
    }
    return leakGradient;
  }
};

}  // namespace

int64_t lifParts(int64_t neurons) { return warpsOf(neurons); }

void launchLifForward(const LifNeurons& layer, const float* current, float* membrane, float* spikes, double* parts, Stream stream) {
  launch(layer.neurons, stream, LifForwardThread{layer, current, membrane, spikes, parts});
}

void launchLifBackward(const LifNeurons& layer, const float* current, const float* initial, const float* gradSpikes, float* gradient,
                       double* leakParts, Stream stream) {
  launch(layer.neurons, stream, LifBackwardThread{layer, current, initial, gradSpikes, gradient, leakParts});
}

}  // namespace snnseg::cuda
