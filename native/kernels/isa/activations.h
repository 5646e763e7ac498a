// Batch norm and what answers it without a memory, ReLUs or neurons of one timestep that send integers: forward and backward.
//
//     n = z*scale + shift
//     ReLU:      y = max(0, n)
//     integers:  k = floor(clip(n/threshold, 0, D) + 1/2),  y = amplitude*k
#pragma once

#include "kernels/kernels.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

SNN_INLINE Floats truncated(Floats a) {
  SNN_EACH_PART a.part[i] = __builtin_convertvector(__builtin_convertvector(a.part[i], IntPart), FloatPart);
  return a;
}

/// Sixteen channels of a row.
struct ActivationLanes {
  Floats scale, shift, threshold, amplitude, levels;
  bool normalized, integers;

  SNN_INLINE ActivationLanes(const ActivationRow& row, int64_t c, int64_t some)
      : levels(Floats::all(row.levels)), normalized(row.scale != nullptr), integers(row.levels > 0.0f) {
    if (normalized) {
      scale = Floats::loadSome(row.scale + c, some);
      shift = Floats::loadSome(row.shift + c, some);
    }
    if (integers) {
      threshold = Floats::loadSome(row.threshold + c, some, 1.0f);
      amplitude = Floats::loadSome(row.amplitude + c, some);
    }
  }
  SNN_INLINE Floats input(const Floats& z) const { return normalized ? z * scale + shift : z; }
  /// k of n/threshold; 0 of NaN.
  SNN_INLINE Floats fired(const Floats& ratio) const {
    const Floats clipped = select(greater(ratio, levels), levels, positive(ratio));
    return truncated(clipped + Floats::all(0.5f));
  }
  /// The share of a gradient that passes: all of it where n is neither below 0 nor above D thresholds.
  SNN_INLINE Floats passing(const Floats& gradient, const Floats& n) const {
    const Floats none = Floats::all(0.0f);
    if (!integers) return select(greater(n, none), gradient, none);
    const Floats ratio = n / threshold;
    const Floats below = select(greater(none, ratio), none, gradient * (amplitude / threshold));
    return select(greater(ratio, levels), none, below);
  }
  /// What a pixel adds to the gradient of a threshold; `scaled` where the amplitude is the threshold.
  SNN_INLINE Floats ofThreshold(const Floats& gradient, const Floats& n, bool scaled) const {
    const Floats ratio = n / threshold;
    const Floats direct = scaled ? gradient * fired(ratio) : Floats::all(0.0f);
    return direct - passing(gradient, n) * ratio;
  }
};

/// Calls body(lanes, c, some) for every sixteen channels.
template <class Body>
SNN_INLINE void forLanes(const ActivationRow& row, Body&& body) {
  for (int64_t c = 0; c < row.channels; c += lanes) {
    const int64_t some = row.channels - c;
    body(ActivationLanes(row, c, some), c, some);
  }
}

void addMomentsAbout(const float* z, const float* pivot, int64_t rows, int64_t channels, float* sum, float* squares) {
  for (int64_t c = 0; c < channels; c += lanes) {
    const int64_t some = channels - c;
    const Floats about = Floats::loadSome(pivot + c, some);
    Floats total = Floats::loadSome(sum + c, some), square = Floats::loadSome(squares + c, some);
    for (int64_t i = 0; i < rows; i++) {
      const Floats distance = Floats::loadSome(z + i * channels + c, some) - about;
      total = total + distance;
      square = multiplyAdd(distance, distance, square);
    }
    total.storeSome(sum + c, some);
    square.storeSome(squares + c, some);
  }
}

Fired activate(const ActivationRow& row, const float* z, int64_t rows, float* y) {
  Floats count = Floats::all(0.0f), excess = Floats::all(0.0f);
  forLanes(row, [&](const ActivationLanes& at, int64_t c, int64_t some) {
    for (int64_t i = 0; i < rows; i++) {
      const int64_t offset = i * row.channels + c;
      const Floats n = at.input(Floats::loadSome(z + offset, some));
      if (!at.integers) {
        // NaN stays NaN.
        select(greater(Floats::all(0.0f), n), Floats::all(0.0f), n).storeSome(y + offset, some);
        continue;
      }
      const Floats ratio = n / at.threshold, k = at.fired(ratio);
      (k * at.amplitude).storeSome(y + offset, some);
      count = count + k;
      excess = excess + ratio;
    }
  });
  return {static_cast<int64_t>(sumOf(count)), sumOf(excess)};
}

void addActivationSums(const ActivationRow& row, const float* gy, const float* z, int64_t rows, const ActivationSums& to) {
  forLanes(row, [&](const ActivationLanes& at, int64_t c, int64_t some) {
    Floats sum = Floats::loadSome(to.sum + c, some), dot = Floats::loadSome(to.dot + c, some);
    Floats ofThreshold = to.threshold ? Floats::loadSome(to.threshold + c, some) : Floats::all(0.0f);
    const Floats mean = Floats::loadSome(to.mean + c, some);
    for (int64_t i = 0; i < rows; i++) {
      const int64_t offset = i * row.channels + c;
      const Floats value = Floats::loadSome(z + offset, some), gradient = Floats::loadSome(gy + offset, some), n = at.input(value);
      const Floats passed = at.passing(gradient, n);
      sum = sum + passed;
      dot = multiplyAdd(passed, value - mean, dot);
      if (to.threshold) ofThreshold = ofThreshold + at.ofThreshold(gradient, n, to.scaled);
    }
    sum.storeSome(to.sum + c, some);
    dot.storeSome(to.dot + c, some);
    if (to.threshold) ofThreshold.storeSome(to.threshold + c, some);
  });
}

void activationBackward(const ActivationRow& row, const float* gy, const float* z, int64_t rows, const NormShares& shares, float* g) {
  forLanes(row, [&](const ActivationLanes& at, int64_t c, int64_t some) {
    Floats mean, gradient, dot;
    if (shares.mean) {
      mean = Floats::loadSome(shares.mean + c, some);
      gradient = Floats::loadSome(shares.gradient + c, some);
      dot = Floats::loadSome(shares.dot + c, some);
    }
    for (int64_t i = 0; i < rows; i++) {
      const int64_t offset = i * row.channels + c;
      const Floats value = Floats::loadSome(z + offset, some);
      Floats passed = at.passing(Floats::loadSome(gy + offset, some), at.input(value));
      if (shares.mean) passed = passed - gradient - (value - mean) * dot;
      (at.normalized ? passed * at.scale : passed).storeSome(g + offset, some);
    }
  });
}

}  // namespace
}  // namespace snnseg::sparse
