#include "activation-kernels.h"

#include "integers.h"

namespace snnseg::cuda {
namespace {

/// What one channel's elements have in common. The arithmetic is that of kernels/isa/activations.h.
struct Channel {
  float scale, shift, threshold, amplitude, levels;
  bool normalized, integers;

  SNNSEG_THREAD Channel(const ActivationMap& map, int64_t c)
      : scale(map.scale != nullptr ? map.scale[c] : 1.0f),
        shift(map.shift != nullptr ? map.shift[c] : 0.0f),
        threshold(map.threshold != nullptr ? map.threshold[c] : 1.0f),
        amplitude(map.amplitude != nullptr ? map.amplitude[c] : 1.0f),
        levels(map.levels),
        normalized(map.scale != nullptr),
        integers(map.levels > 0.0f) {}

  SNNSEG_THREAD float input(float z) const { return normalized ? z * scale + shift : z; }
  SNNSEG_THREAD float fired(float ratio) const { return integerOf(clippedRatio(ratio, levels)); }

  /// The share of a gradient that passes: all of it where n is neither below 0 nor above D thresholds.
  SNNSEG_THREAD float passing(float gradient, float n) const {
    if (!integers) return n > 0.0f ? gradient : 0.0f;
    const float ratio = n / threshold;
    return ratio < 0.0f || ratio > levels ? 0.0f : gradient * (amplitude / threshold);
  }

  /// What an element adds to the gradient of a threshold.
  SNNSEG_THREAD float ofThreshold(float gradient, float n, bool scaled) const {
    const float ratio = n / threshold, direct = scaled ? gradient * fired(ratio) : 0.0f;
    return direct - passing(gradient, n) * ratio;
  }
};

struct ActivationThread {
  ActivationMap map;
  const float* z;
  float* y;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t i) const {
    const bool isElement = i < map.rows * map.channels;
    int k = 0;
    float excess = 0.0f;
    if (isElement) {
      const Channel channel(map, i % map.channels);
      const float n = channel.input(z[i]);
      if (channel.integers) {
        const float ratio = n / channel.threshold, integer = channel.fired(ratio);
        y[i] = integer * channel.amplitude;
        k = static_cast<int>(integer);
        excess = ratio - 1.0f;
      } else {
        y[i] = n < 0.0f ? 0.0f : n;  // NaN stays NaN
      }
    }
    k = sumOfLanes(k);
    excess = sumOfLanes(excess);
    if (isElement && i % lanes == 0) {
      parts[i / lanes * 2] = k;
      parts[i / lanes * 2 + 1] = excess;
    }
  }
};

/// Rows that one thread adds up.
constexpr int64_t blockRows = 64;

struct ActivationSumsThread {
  ActivationMap map;
  const float *gradient, *z, *mean;
  bool scaled;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    const int64_t block = thread / map.channels, c = thread % map.channels;
    const int64_t begin = block * blockRows, end = begin + blockRows < map.rows ? begin + blockRows : map.rows;
    if (begin >= map.rows) return;
    const Channel channel(map, c);
    double sum = 0.0, dot = 0.0, ofThreshold = 0.0;
    for (int64_t row = begin; row < end; row++) {
      const int64_t i = row * map.channels + c;
      const float n = channel.input(z[i]), passed = channel.passing(gradient[i], n);
      sum += passed;
      dot += static_cast<double>(passed) * (z[i] - mean[c]);
      if (channel.integers) ofThreshold += channel.ofThreshold(gradient[i], n, scaled);
    }
    double* part = parts + block * 3 * map.channels + c;
    part[0] = sum;
    part[map.channels] = dot;
    part[2 * map.channels] = ofThreshold;
  }
};

struct ActivationBackwardThread {
  ActivationMap map;
  const float *gradient, *z;
  ActivationShares shares;
  float* result;

  SNNSEG_THREAD void operator()(int64_t i) const {
    if (i >= map.rows * map.channels) return;
    const int64_t c = i % map.channels;
    const Channel channel(map, c);
    float passed = channel.passing(gradient[i], channel.input(z[i]));
    if (shares.mean != nullptr) passed = passed - shares.gradient[c] - (z[i] - shares.mean[c]) * shares.dot[c];
    result[i] = channel.normalized ? passed * channel.scale : passed;
  }
};

}  // namespace

int64_t activationParts(const ActivationMap& map) { return warpsOf(map.rows * map.channels); }

void launchActivation(const ActivationMap& map, const float* z, float* y, double* parts, Stream stream) {
  launch(map.rows * map.channels, stream, ActivationThread{map, z, y, parts});
}

int64_t activationBlocks(const ActivationMap& map) { return (map.rows + blockRows - 1) / blockRows; }

void launchActivationSums(const ActivationMap& map, const float* gradient, const float* z, const float* mean, bool scaled, double* parts,
                          Stream stream) {
  launch(activationBlocks(map) * map.channels, stream, ActivationSumsThread{map, gradient, z, mean, scaled, parts});
}

void launchActivationBackward(const ActivationMap& map, const float* gradient, const float* z, const ActivationShares& shares, float* result,
                              Stream stream) {
  launch(map.rows * map.channels, stream, ActivationBackwardThread{map, gradient, z, shares, result});
}

}  // namespace snnseg::cuda
