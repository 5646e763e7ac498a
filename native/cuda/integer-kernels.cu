#include "integer-kernels.h"

#include "integers.h"

namespace snnseg::cuda {
namespace {

SNNSEG_THREAD float amplitudeOf(const IntegerNeurons& layer, float threshold) { return layer.amplitude > 0.0f ? layer.amplitude : threshold; }

struct IntegerForwardThread {
  IntegerNeurons layer;
  const float* current;
  float *membrane, *spikes, *ratios;
  unsigned char* inside;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    // Threads behind the last neuron compute it again: whole warps add up.
    const bool isNeuron = thread < layer.neurons;
    const int64_t at = isNeuron ? thread : layer.neurons - 1;
    const float threshold = layer.threshold[at % layer.channels], amplitude = amplitudeOf(layer, threshold);
    float v = isNeuron ? membrane[at] : 0.0f;
    for (int64_t t = 0; t < layer.steps; t++) {
      const int64_t i = t * layer.neurons + at;
      const float u = layer.leak * v + current[i];
      const float ratio = u / threshold, clipped = clippedRatio(ratio, layer.levels), k = integerOf(clipped);
      v = u - threshold * k;
      if (isNeuron) {
        spikes[i] = k * amplitude;
        if (ratios != nullptr) {
          ratios[i] = ratio;
        } else {
          inside[i] = ratio == clipped;
        }
      }
      tally(parts, thread, layer.neurons, layer.steps, t, static_cast<int>(k), ratio - 1.0f);
    }
    if (isNeuron) membrane[at] = v;
  }
};

struct IntegerBackwardThread {
  IntegerNeurons layer;
  const float* gradSpikes;
  const unsigned char* inside;
  float* gradient;

  SNNSEG_THREAD void operator()(int64_t at) const {
    if (at >= layer.neurons) return;
    const float slope = layer.amplitude > 0.0f ? layer.amplitude / layer.threshold[at % layer.channels] : 1.0f;
    float carry = 0.0f;  // of v[t]
    for (int64_t t = layer.steps - 1; t >= 0; t--) {
      const int64_t i = t * layer.neurons + at;
      const float ofCharge = gradSpikes[i] * slope * static_cast<float>(inside[i]) + carry;
      gradient[i] = ofCharge;
      carry = layer.leak * ofCharge;
    }
  }
};

/// Rows whose share of a threshold's gradient one thread adds up.
constexpr int64_t blockRows = 16;

struct IntegerBackwardLearntThread {
  IntegerNeurons layer;
  const float *gradSpikes, *ratios;
  float* gradient;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    const int64_t rows = layer.neurons / layer.channels, block = thread / layer.channels, c = thread % layer.channels;
    const int64_t begin = block * blockRows, end = begin + blockRows < rows ? begin + blockRows : rows;
    if (begin >= rows) return;
    double sum = 0.0;
    for (int64_t row = begin; row < end; row++) sum += ofNeuron(row * layer.channels + c, layer.threshold[c]);
    parts[thread] = sum;
  }

  /// Its gradient; returns its share of the threshold's.
  SNNSEG_THREAD double ofNeuron(int64_t at, float threshold) const {
    const float amplitude = amplitudeOf(layer, threshold);
    const bool scaled = layer.amplitude == 0.0f;
    double sum = 0.0;
    float carry = 0.0f;  // of v[t]
    for (int64_t t = layer.steps - 1; t >= 0; t--) {
      const int64_t i = t * layer.neurons + at;
      const float ratio = ratios[i], clipped = clippedRatio(ratio, layer.levels), k = integerOf(clipped);
      const float ofInteger = gradSpikes[i] * amplitude * (ratio == clipped ? 1.0f : 0.0f);
      const float direct = scaled ? gradSpikes[i] * k : 0.0f;
      sum += direct - ofInteger * ratio / threshold - carry * k;
      const float ofCharge = ofInteger / threshold + carry;
      gradient[i] = ofCharge;
      carry = layer.leak * ofCharge;
    }
    return sum;
  }
};

}  // namespace

int64_t integerParts(int64_t neurons) { return warpsOf(neurons); }

void launchIntegerForward(const IntegerNeurons& layer, const float* current, float* membrane, float* spikes, float* ratios,
                          unsigned char* inside, double* parts, Stream stream) {
  launch(layer.neurons, stream, IntegerForwardThread{layer, current, membrane, spikes, ratios, inside, parts});
}

void launchIntegerBackward(const IntegerNeurons& layer, const float* gradSpikes, const unsigned char* inside, float* gradient, Stream stream) {
  launch(layer.neurons, stream, IntegerBackwardThread{layer, gradSpikes, inside, gradient});
}

int64_t thresholdParts(const IntegerNeurons& layer) {
  return layer.neurons == 0 ? 0 : (layer.neurons / layer.channels + blockRows - 1) / blockRows;
}

void launchIntegerBackwardLearnt(const IntegerNeurons& layer, const float* gradSpikes, const float* ratios, float* gradient, double* parts,
                                 Stream stream) {
  launch(thresholdParts(layer) * layer.channels, stream, IntegerBackwardLearntThread{layer, gradSpikes, ratios, gradient, parts});
}

}  // namespace snnseg::cuda
